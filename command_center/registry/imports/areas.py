"""The town's outline, its villages and its grids: rows with an outline and an administrative code."""

from typing import Any

from shapely.geometry import Polygon

from command_center.registry.codes import BadCode, parse_area_code
from command_center.registry.imports.cells import Cells
from command_center.registry.imports.known import Known, valid_parts
from command_center.registry.imports.layer import BadRow

LENGTH = {"CenterRow": 9, "VillageRow": 12, "GridRow": 15}
COMMUNITY, VILLAGE = "community", "village"
VILLAGE_KINDS = {"社区": COMMUNITY, "居委会": COMMUNITY, "居民委员会": COMMUNITY, "村": VILLAGE, "村委会": VILLAGE}
BASE, SPECIAL = "base", "special"
GRID_KINDS = {"基础网格": BASE, "专属网格": SPECIAL, "基础": BASE, "专属": SPECIAL, BASE: BASE, SPECIAL: SPECIAL}
# A grid may cross its town's outline by that share and still be a drawing, not a mistake.
MOST_OUTSIDE = 0.5


def identify(cells: Cells, known: Known, _issue: bool) -> tuple[str | None, str | None]:
    """The code of an area.

    Raises:
        BadRow: there is none, or it is not one of this town.
    """
    length = LENGTH[cells.table.__name__]
    code = cells.texts.get("code", "")
    if not code:
        raise BadRow("no_id", field="code")
    try:
        parse_area_code(code)
    except BadCode as problem:
        raise BadRow("bad_area_code", code=code[:24], length=length) from problem
    if len(code) != length:
        raise BadRow("bad_area_code", code=code[:24], length=length)
    if known.code and not code.startswith(known.code):
        raise BadRow("other_town", code=code, town=known.code)
    if length == 15 and code[:12] not in known.villages:
        raise BadRow("unknown_village", village=code[:12])
    return code, None


def identify_grid(cells: Cells, known: Known, renumber: bool) -> tuple[str | None, str | None]:
    """A grid's code; one that is to be numbered anew is known by its line until all of them are."""
    if not renumber:
        return identify(cells, known, renumber)
    return None, f"line {cells.line}"


def no_issue(_known: Known) -> str:
    """Codes of areas are given by the state, not by us."""
    raise BadRow("no_id", field="code")


def _outline(cells: Cells) -> dict[str, Any]:
    """The largest part of a shape, without holes: what the registry keeps of an area.

    Raises:
        BadRow: its shape is no area.
    """
    if cells.shape is None or cells.shape.geom_type not in ("Polygon", "MultiPolygon"):
        return {}
    parts = valid_parts(cells.shape)
    if not parts:
        raise BadRow("no_area")
    ring = Polygon(parts[0].exterior)
    # What making it valid cut off or left out may be a crumb, not a piece of land.
    if sum(part.area for part in parts[1:]) > 0.05 * ring.area or parts[0].area < 0.95 * ring.area:
        raise BadRow("parts", parts=len(parts), holes=len(parts[0].interiors))
    return {"outline": [[round(x, 6), round(y, 6)] for x, y in ring.exterior.coords]}


def center(cells: Cells, known: Known) -> dict[str, Any]:
    """The one row of the town itself."""
    columns = {"name": cells.text("name"), "county": cells.text("county"), **_outline(cells)}
    return {name: value for name, value in columns.items() if value}


def complete_center(columns: dict[str, Any], line: int, known: Known) -> dict[str, Any]:
    _need(columns, "name", "outline")
    usual = {"county": "", "model": False, "origin": f"import:{columns['code']}", "digest": ""}
    return {**_middle(columns), **usual, **columns}


def village(cells: Cells, known: Known) -> dict[str, Any]:
    """村 or 社区; its kind from what the list says, else from the name, else from its number (001–199 居委会)."""
    columns: dict[str, Any] = {"name": cells.text("name"), **_outline(cells)}
    kind = cells.texts.get("kind", "")
    if kind:
        columns["kind"] = VILLAGE_KINDS.get(kind, kind if kind in ("village", "community") else "")
        if not columns["kind"]:
            raise BadRow("unknown_kind", kind=kind[:20])
    if {"lon", "lat"} <= set(cells.texts):
        columns |= {"lon": cells.number("lon", -180, 180), "lat": cells.number("lat", -90, 90)}
    _inside(columns, known)
    return {name: value for name, value in columns.items() if value not in ("", None)}


def complete_village(columns: dict[str, Any], line: int, known: Known) -> dict[str, Any]:
    _need(columns, "name", "outline")
    is_community = columns["name"].endswith(("社区", "居委会")) or columns["code"][9:] < "200"
    return {"kind": "community" if is_community else "village", **_middle(columns), **columns}


def grid(cells: Cells, known: Known) -> dict[str, Any]:
    """网格; its village is what its code begins with, or the one that is named."""
    columns: dict[str, Any] = {"name": cells.text("name"), **_outline(cells)}
    households = cells.number("households", 0, 100_000)
    if households is not None:
        columns["households"] = int(households)
    kind = cells.texts.get("kind", "")
    if kind:
        if kind not in GRID_KINDS:
            raise BadRow("unknown_kind", kind=kind[:20])
        columns["kind"] = GRID_KINDS[kind]
    village = cells.texts.get("village", "")
    if village:
        columns["village"] = village if village in known.villages else known.village_codes.get(village, "")
        if not columns["village"]:
            raise BadRow("unknown_village", village=village[:24])
    _inside(columns, known)
    return {name: value for name, value in columns.items() if value not in ("", None)}


def complete_grid(columns: dict[str, Any], line: int, known: Known) -> dict[str, Any]:
    _need(columns, "outline")
    code = columns["code"]
    village = columns.setdefault("village", code[:12])
    if village != code[:12]:
        raise BadRow("other_village", code=code, village=village)
    name = next((name for name, other in known.village_codes.items() if other == village), "")
    special = parse_area_code(code).is_special
    return {
        "name": f"{name}第{int(code[12:]) - 500 * special}{'专属' if special else ''}网格",
        "kind": "special" if special else "base",
        "households": 0,
        **columns,
    }


def _need(columns: dict[str, Any], *names: str) -> None:
    for name in names:
        if not columns.get(name):
            raise BadRow("no_outline") if name == "outline" else BadRow("missing", field=name)


def _middle(columns: dict[str, Any]) -> dict[str, float]:
    at = Polygon(columns["outline"]).point_on_surface()
    return {"lon": round(at.x, 6), "lat": round(at.y, 6)}


def _inside(columns: dict[str, Any], known: Known) -> None:
    """Refuse an area that lies mostly outside of the town."""
    if known.outline is None or "outline" not in columns:
        return
    ring = Polygon(columns["outline"])
    if not ring.is_valid:
        ring = ring.buffer(0)
    if ring.area and ring.difference(known.outline).area / ring.area > MOST_OUTSIDE:
        at = ring.representative_point()
        raise BadRow("outside", km=round(known.beyond_m((at.x, at.y)) / 1000, 1))
