"""Briefing maps: one HTML file with everything in it, to be opened without a network, saved and printed."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, Figure

from gis.town_model import Line, Lonlat, Town

LEAFLET = Path(__file__).parent / "data" / "leaflet"
# colour, width
ROADS = {
    "provincial": ("#b98a3a", 3.2),
    "county": ("#c9a866", 2.4),
    "main": ("#9aa5ae", 2.0),
    "street": ("#b7bfc6", 1.3),
    "rural": ("#c3cacf", 1.2),
    "lane": ("#d5dadd", 0.8),
}
# 红橙黄蓝: never colour alone, the numeral stands in the mark
LEVELS = {1: ("#c62828", "Ⅰ"), 2: ("#e07b00", "Ⅱ"), 3: ("#b89b00", "Ⅲ"), 4: ("#1565c0", "Ⅳ")}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to point out: where, what it says, and a level 1–4 for alerts and cases (None: neutral)."""

    lonlat: Lonlat
    text: str
    level: int | None = None


def briefing_map(town: Town, *, title: str, made_at: str, marks: Sequence[Mark] = ()) -> str:
    """Draw the town with its patrol points and some marks.

    Args:
        title: the headline, e.g. 11月22日 晚间巡防部署.
        made_at: when this was made, as it shall be printed.

    Returns:
        An HTML page of about 1 MB that asks no network for anything.
    """
    page = _empty_map(town)
    _add_land(page, town)
    for kind in reversed(ROADS):
        colour, width = ROADS[kind]
        lines = [road.line for road in town.roads if road.kind == kind]
        style = {"color": colour, "weight": width, "opacity": 1.0}
        _add(page, _feature("MultiLineString", lines), style)
    for village in town.villages:
        _label(page, village.center, "village", village.name)
    for number, point in enumerate(town.points, 1):
        _label(page, point.lonlat, "point", str(number))
    for mark in marks:
        colour, numeral = LEVELS.get(mark.level or 0, ("#37474f", "●"))
        text = f'<b style="background:{colour}">{numeral}</b>{html.escape(mark.text)}'
        _label(page, mark.lonlat, "mark", text, escaped=True)
    _frame(page, town, title, made_at)
    rendered: str = page.get_root().render()
    return rendered


def _empty_map(town: Town) -> folium.Map:
    lons, lats = [point[0] for point in town.outline], [point[1] for point in town.outline]
    page = folium.Map(tiles=None, zoom_snap=0.1, attributionControl=False, zoom_control=False)
    page.default_js, page.default_css = [], []
    page.fit_bounds([[min(lats), min(lons)], [max(lats), max(lons)]])
    return page


def _add_land(page: folium.Map, town: Town) -> None:
    outline = _feature("Polygon", [town.outline])
    _add(page, outline, {"color": "#546e7a", "weight": 2.4, "fillColor": "#fbfaf6", "fillOpacity": 1.0})
    grids = _feature("MultiPolygon", [[grid.outline] for grid in town.grids])
    _add(page, grids, {"color": "#b0bec5", "weight": 0.7, "fill": False, "dashArray": "2 3"})
    for water in town.waters:
        rings: list[Line] = [water.outline, *water.holes]
        _add(page, _feature("Polygon", rings), {"stroke": False, "fillColor": "#bcd9e8", "fillOpacity": 1.0})
    villages = _feature("MultiPolygon", [[village.outline] for village in town.villages])
    _add(page, villages, {"color": "#78909c", "weight": 1.3, "fill": False})


def _feature(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": coordinates}}


def _add(page: folium.Map, feature: dict[str, Any], style: dict[str, Any]) -> None:
    folium.GeoJson(feature, style_function=lambda _: style, control=False, interactive=False).add_to(page)


def _label(page: folium.Map, lonlat: Lonlat, kind: str, text: str, *, escaped: bool = False) -> None:
    body = text if escaped else html.escape(text)
    icon = folium.DivIcon(icon_size=(0, 0), html=f'<span class="{kind}">{body}</span>')
    folium.Marker((lonlat[1], lonlat[0]), icon=icon, interactive=False, keyboard=False).add_to(page)


def _frame(page: folium.Map, town: Town, title: str, made_at: str) -> None:
    """Put Leaflet itself, the style, the headline and the list of points into the page."""
    figure = page.get_root()
    assert isinstance(figure, Figure)
    script, style = _leaflet()
    figure.header.add_child(Element(f"<style>{style}{STYLE}</style><script>{script}</script>"))
    model = "模型数据 · " if town.center.model else ""
    points = "".join(f"<li>{html.escape(point.name)}</li>" for point in town.points)
    figure.html.add_child(
        Element(
            f"<header><h1>{html.escape(title)}</h1><p>{model}{html.escape(town.center.name)} · "
            f"{html.escape(made_at)}</p></header><aside><h2>必巡点位</h2><ol>{points}</ol></aside>"
        )
    )


@cache
def _leaflet() -> tuple[str, str]:
    script = (LEAFLET / "leaflet.js").read_text("utf-8").replace("</script", "<\\/script")
    style = (LEAFLET / "leaflet.css").read_text("utf-8")
    # Pictures of buttons and pins that these maps do not have.
    return script, re.sub(r"url\([^)]*\)", "none", style)


STYLE = """
body { font-family: "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #263238; }
.leaflet-container { background: #fff; }
header { position: fixed; left: 24px; top: 16px; z-index: 1000; }
h1 { margin: 0; font-size: 26px; } header p { margin: 4px 0; color: #607d8b; }
aside { position: fixed; right: 16px; top: 16px; z-index: 1000; background: #ffffffd9; }
aside { padding: 8px 14px; font-size: 12px; }
h2 { margin: 0 0 4px; font-size: 14px; } ol { margin: 0; padding-left: 22px; columns: 2; column-gap: 26px; }
.leaflet-marker-icon span { position: absolute; transform: translate(-50%, -50%); white-space: nowrap; }
.village { font-size: 15px; letter-spacing: 3px; color: #455a64; text-shadow: 0 0 3px #fff, 0 0 3px #fff; }
.point { width: 17px; line-height: 17px; border-radius: 9px; background: #2e7d32; }
.point { color: #fff; text-align: center; font-size: 10px; }
.mark { background: #fff; border: 1px solid #90a4ae; padding-right: 6px; font-size: 13px; }
.mark b { color: #fff; padding: 0 5px; margin-right: 5px; }
@media print { @page { size: A3 landscape; margin: 8mm; } }
* { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
"""
