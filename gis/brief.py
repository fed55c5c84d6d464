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


@dataclass(frozen=True, slots=True)
class Leg:
    """A stop of a round as it is printed: when it begins and ends, its name, where it is."""

    begins: str
    ends: str
    name: str
    lonlat: Lonlat


@dataclass(frozen=True, slots=True)
class RoundSheet:
    """A round to be drawn and listed: number and headline, the people who go, the way along the roads, the stops."""

    number: int
    lead: str
    people: str
    line: Sequence[Lonlat]
    legs: Sequence[Leg]


# Told apart by colour and by the number that stands along each way; none of the four colours of severity.
ROUND_COLOURS = (
    "#00798c",
    "#7b3fa0",
    "#5a6b2f",
    "#a03e78",
    "#1b5e4b",
    "#6d4c41",
    "#3949ab",
    "#00695c",
    "#8e6c88",
    "#4a5568",
)


def briefing_map(
    town: Town, *, title: str, made_at: str, marks: Sequence[Mark] = (), rounds: Sequence[RoundSheet] = ()
) -> str:
    """Draw the town with its patrol points, some marks, and rounds with their table of times.

    Args:
        title: the headline, e.g. 11月22日 晚间巡防部署.
        made_at: when this was made, as it shall be printed.
        rounds: a sheet with their times follows the map.

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
    for one in rounds:
        _draw_round(page, one)
    for mark in marks:
        colour, numeral = LEVELS.get(mark.level or 0, ("#37474f", "●"))
        text = f'<b style="background:{colour}">{numeral}</b>{html.escape(mark.text)}'
        _label(page, mark.lonlat, "mark", text, escaped=True)
    _frame(page, town, title, made_at, rounds)
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


def _draw_round(page: folium.Map, one: RoundSheet) -> None:
    """The way, with its number at the middle of the way."""
    if len(one.line) < 2:
        return
    colour = _colour(one)
    dash = ("", "9 5", "2 5")[(one.number - 1) // len(ROUND_COLOURS) % 3]
    style = {"color": colour, "weight": 2.6, "opacity": 0.85, "dashArray": dash}
    _add(page, _feature("LineString", one.line), style)
    text = f'<b style="background:{colour}">{one.number}</b>'
    _label(page, one.line[len(one.line) // 2], "way", text, escaped=True)


def _colour(one: RoundSheet) -> str:
    return ROUND_COLOURS[(one.number - 1) % len(ROUND_COLOURS)]


def _sheets(rounds: Sequence[RoundSheet]) -> str:
    """The rounds as tables, to be printed on the pages after the map."""
    if not rounds:
        return ""
    tables = []
    for one in rounds:
        rows = "".join(
            f"<tr><td>{number}</td><td>{html.escape(leg.begins)}–{html.escape(leg.ends)}</td>"
            f"<td>{html.escape(leg.name)}</td></tr>"
            for number, leg in enumerate(one.legs, 1)
        )
        tables.append(
            f'<article><h3><b style="background:{_colour(one)}">{one.number}</b>{html.escape(one.lead)}</h3>'
            f"<p>{html.escape(one.people)}</p><table>{rows}</table></article>"
        )
    return f'<section class="sheets"><h2>各组路线与时刻</h2><div>{"".join(tables)}</div></section>'


def _frame(page: folium.Map, town: Town, title: str, made_at: str, rounds: Sequence[RoundSheet]) -> None:
    """Put Leaflet itself, the style, the headline, the list of points and the sheets into the page."""
    figure = page.get_root()
    assert isinstance(figure, Figure)
    script, style = _leaflet()
    extra = SHEET_STYLE if rounds else ""
    figure.header.add_child(Element(f"<style>{style}{STYLE}{extra}</style><script>{script}{NO_PINS}</script>"))
    model = "模型数据 · " if town.center.model else ""
    points = "".join(f"<li>{html.escape(point.name)}</li>" for point in town.points)
    figure.html.add_child(
        Element(
            f"<header><h1>{html.escape(title)}</h1><p>{model}{html.escape(town.center.name)} · "
            f"{html.escape(made_at)}</p></header><aside><h2>必巡点位</h2><ol>{points}</ol></aside>"
            f"{_sheets(rounds)}"
        )
    )


@cache
def _leaflet() -> tuple[str, str]:
    script = (LEAFLET / "leaflet.js").read_text("utf-8").replace("</script", "<\\/script")
    style = (LEAFLET / "leaflet.css").read_text("utf-8")
    # Pictures of buttons and pins that these maps do not have.
    return script, re.sub(r"url\([^)]*\)", "none", style)


# Every mark gets an icon of its own right after it is made; the pin it would have before is a picture not at hand.
NO_PINS = ";L.Marker.mergeOptions({icon: L.divIcon({iconSize: [0, 0], className: ''})});"

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

# With sheets the page scrolls: the map fills the first screen and the first sheet of paper, the tables follow.
SHEET_STYLE = """
html, body { height: auto !important; overflow: auto; }
body { display: flex; flex-direction: column; margin: 0; } .sheets { order: 2; }
.folium-map { order: 1; flex: none; position: relative !important; height: 100vh !important; width: 100% !important; }
header, aside { position: absolute; }
.way b { color: #fff; padding: 0 5px; border-radius: 9px; font-size: 11px; border: 1px solid #fff; }
.sheets { padding: 16px 24px; }
.sheets > h2 { font-size: 20px; margin-bottom: 12px; }
.sheets > div { columns: 4; column-gap: 20px; }
.sheets article { break-inside: avoid; margin-bottom: 14px; border-top: 2px solid #90a4ae; padding-top: 4px; }
.sheets h3 { margin: 0; font-size: 13px; }
.sheets h3 b { color: #fff; border-radius: 9px; padding: 0 6px; margin-right: 6px; }
.sheets p { margin: 2px 0 4px; color: #607d8b; font-size: 11px; }
.sheets table { width: 100%; border-collapse: collapse; font-size: 11px; font-variant-numeric: tabular-nums; }
.sheets td { padding: 1px 4px; border-bottom: 1px solid #eceff1; vertical-align: top; }
.sheets td:first-child { width: 18px; color: #90a4ae; } .sheets td:nth-child(2) { width: 118px; }
@media print {
  .folium-map { height: 277mm !important; } .sheets { break-before: page; padding: 0; }
  .sheets > div { columns: 4; } .leaflet-container { page-break-after: always; }
}
"""
