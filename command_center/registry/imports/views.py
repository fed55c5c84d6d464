"""Plans as pages and lines of JSON get them."""

from collections.abc import Sequence
from typing import Any

import shapely
from typing_extensions import TypedDict

from command_center.errors import TEXTS
from command_center.registry.imports.plan import BadView, Plan, texts
from gis.datum_guess import Verdict
from gis.grid_faults import Fault
from gis.roads import ReadReport

NAMES = {"wgs84": "WGS84 / CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
# A page draws so much and lists so many; the counts are of all.
MOST_DRAWN = 4000
MOST_LISTED = 500
MOST_TEXT = 60


class ReadingView(TypedDict):
    datum: str
    name: str
    near_share: float
    median_m: float


class DatumView(TypedDict):
    """What the fit says; `readings` is empty where nothing can be said."""

    declared: str
    best: str
    doubted: bool
    points: int
    near_m: float
    east_m: float
    north_m: float
    readings: list[ReadingView]
    text: str


class FieldChange(TypedDict):
    field: str
    before: str
    after: str


class ChangeView(TypedDict):
    id: str
    changes: list[FieldChange]


class FaultView(TypedDict):
    kind: str
    codes: list[str]
    area_m2: float
    sliver: bool
    outline: list[list[float]]


class NewView(TypedDict):
    id: str
    name: str


class RoadsView(TypedDict):
    """What became of the roads of a file; `text` says it in words, "" where the file holds none.

    `left_out` counts by reason; `cut` are roads of which the file lacks some points; `nodes` are of the network.
    """

    read: int
    used: int
    cut: int
    nodes: int
    left_out: dict[str, int]
    text: str


class ImportPlanView(TypedDict):
    """A dry run. Lists hold the first 500 at most; `counts` is of all."""

    kind: str
    file: str
    sha256: str
    token: str
    encoding: str
    columns: dict[str, str]
    counts: dict[str, int]
    datum: DatumView
    bad: list[BadView]
    new: list[NewView]
    changed: list[ChangeView]
    removed: list[str]
    renumbered: dict[str, str]
    faults: list[FaultView]
    roads: RoadsView
    layer: dict[str, Any]
    note: str


def import_plan_view(plan: Plan, language: str, token: str) -> ImportPlanView:
    """A dry run as a page shows it; `token` lets this very plan be carried out."""
    return {
        "kind": plan.kind.name,
        "file": plan.file,
        "sha256": plan.sha256,
        "token": token,
        "encoding": plan.encoding,
        "columns": plan.columns,
        "counts": plan.counts,
        "datum": datum_view(plan.verdict, plan.datum, language),
        "bad": texts([*plan.held, *plan.bad], language),
        "new": [{"id": id, "name": row.get("name", "")} for id, row in list(plan.new.items())[:MOST_LISTED]],
        "changed": change_views(plan)[:MOST_LISTED],
        "removed": plan.removed[:MOST_LISTED],
        "renumbered": plan.renumbered,
        "faults": fault_views(plan.faults)[:MOST_LISTED],
        "roads": roads_view(plan, language),
        "layer": layer_view(plan),
        "note": TEXTS[language][plan.kind.follows_at_start] if plan.kind.follows_at_start and plan.new else "",
    }


def roads_view(plan: Plan, language: str) -> RoadsView:
    """The fate of every road."""
    report = plan.roads_read
    if report is None:
        return {"read": 0, "used": 0, "cut": 0, "nodes": 0, "left_out": {}, "text": ""}
    return {
        "read": report.read,
        "used": report.used,
        "cut": report.cut,
        "nodes": len(plan.network.stretches.node_lonlat) if plan.network else 0,
        "left_out": dict(report.left_out),
        "text": say_roads(report, language),
    }


def say_roads(report: ReadReport, language: str) -> str:
    """「读到 5,210 条路：用 4,987 条，未取 223 条：在建 12、规划 3……」, the most frequent reason first."""
    said, comma = TEXTS[language], "、" if language == "zh" else ", "
    ranked = sorted(report.left_out.items(), key=lambda one: (-one[1], one[0]))
    reasons = comma.join(f"{_say_reason(reason, language)} {count:,}" for reason, count in ranked)
    left = sum(report.left_out.values())
    text = said["import_roads_read"].format(read=f"{report.read:,}", used=f"{report.used:,}")
    text += said["import_roads_left"].format(n=f"{left:,}", reasons=reasons) if left else said["import_roads_all"]
    return text + (said["import_roads_cut"].format(n=f"{report.cut:,}") if report.cut else "")


def _say_reason(reason: str, language: str) -> str:
    name = reason.removeprefix("highway=")
    key = f"import_road_{name.replace(' ', '_')}"
    return TEXTS[language].get(key) or TEXTS[language]["import_road_class"].format(name=name)


def datum_view(verdict: Verdict | None, datum: str, language: str) -> DatumView:
    """The verdict with its figures."""
    if verdict is None:
        return {"declared": datum, "best": datum, "doubted": False, "points": 0, "near_m": 0.0, "east_m": 0.0,
                "north_m": 0.0, "readings": [], "text": TEXTS[language]["import_datum_unknown"]}  # fmt: skip
    readings = [
        ReadingView(
            datum=one.datum,
            name=NAMES[one.datum],
            near_share=round(one.near_share, 3),
            median_m=round(one.median_m, 1),
        )
        for one in verdict.readings
    ]
    return {
        "declared": datum,
        "best": verdict.best,
        "doubted": verdict.doubted,
        "points": verdict.points,
        "near_m": verdict.near_m,
        "east_m": round(verdict.east_m, 1),
        "north_m": round(verdict.north_m, 1),
        "readings": readings,
        "text": say_datum(verdict, language),
    }


def say_datum(verdict: Verdict | None, language: str) -> str:
    """「该图层整体偏东约 510 米、偏南约 137 米：像是 GCJ-02」, or that it fits; "" where nothing can be said."""
    if verdict is None:
        return ""
    said = TEXTS[language]["import_datum_doubted" if verdict.doubted else "import_datum_fits"]
    parts = [_aside("east" if verdict.east_m > 0 else "west", abs(verdict.east_m), language)]
    parts.append(_aside("north" if verdict.north_m > 0 else "south", abs(verdict.north_m), language))
    return said.format(
        where=("、" if language == "zh" else ", ").join(part for part in parts if part),
        name=NAMES[verdict.best],
        declared=NAMES[verdict.declared],
        n=verdict.points,
        near=round(verdict.near_m),
        best=round(100 * verdict.share(verdict.best)),
        mine=round(100 * verdict.share(verdict.declared)),
    )


def _aside(side: str, metres: float, language: str) -> str:
    """「偏东约 510 米」; nothing to be said of a few metres."""
    told = round(metres / 10) * 10 if metres >= 100 else round(metres)
    return TEXTS[language][f"import_datum_{side}"].format(m=told) if told >= 5 else ""


def change_views(plan: Plan) -> list[ChangeView]:
    """Of every changed row what changes."""
    return [
        ChangeView(
            id=id,
            changes=[
                FieldChange(field=name, before=_short(name, before), after=_short(name, after))
                for name, (before, after) in changes.items()
            ],
        )
        for id, changes in plan.changed.items()
    ]


def _short(name: str, value: Any) -> str:
    """A value in a line: shapes by their number of points, phones without their middle."""
    if isinstance(value, list | tuple):
        return f"▱ {len(value)}"
    if name == "phone" and value:
        return f"{value[:3]}****{value[-4:]}"
    return str(value)[:MOST_TEXT]


def fault_views(faults: Sequence[Fault]) -> list[FaultView]:
    """Faults with their outlines."""
    return [
        {
            "kind": one.kind,
            "codes": list(one.codes),
            "area_m2": round(one.area_m2, 1),
            "sliver": one.is_sliver,
            "outline": [[round(x, 7), round(y, 7)] for x, y in one.outline.exterior.coords],
        }
        for one in faults
    ]


def layer_view(plan: Plan) -> dict[str, Any]:
    """The layer as GeoJSON, good rows and bad ones told apart, thinned evenly where it is large."""
    step = max(1, -(-len(plan.placed) // MOST_DRAWN))
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": {"line": line, "good": good}}
            for line, shape, good in plan.placed[::step]
            if shape is not None
        ],
    }
