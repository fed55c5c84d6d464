"""Places and units: a name at a point; and how rows are known again that bring no id."""

from typing import Any

from command_center.registry.imports.cells import Cells
from command_center.registry.imports.known import Known
from command_center.registry.imports.layer import BadRow

# A drawing is not exact: what lies so little outside of the town belongs to it.
MARGIN_M = 100.0


def identify(cells: Cells, known: Known, _issue: bool) -> tuple[str | None, str | None]:
    """Its id, or the key it is known by: its name within its village, its position where it has no name."""
    text = cells.texts.get("id", "")
    if text and len(text) <= 16:
        return text, None
    return None, text[:200] or own_key(cells, known)


def own_key(cells: Cells, known: Known) -> str:
    """What a row without an id is known by: a corrected position within the village keeps it the same."""
    lonlat = cells.point()
    name = cells.texts.get("name", "")
    return f"{name[:120]}@{known.village_at(lonlat) or known.code}" if name else f"@{lonlat[0]:.5f},{lonlat[1]:.5f}"


def place(cells: Cells, known: Known) -> dict[str, Any]:
    """A place or a unit."""
    lon, lat = within_town(cells, known)
    columns = {"name": cells.text("name"), "kind": cells.text("kind"), "lon": lon, "lat": lat}
    columns["area"] = known.area_at((lon, lat))
    return {name: value for name, value in columns.items() if value != ""}


def complete(columns: dict[str, Any], line: int, known: Known) -> dict[str, Any]:
    if "name" not in columns:
        raise BadRow("missing", field="name")
    return {"kind": "other", **columns}


def within_town(cells: Cells, known: Known) -> tuple[float, float]:
    """Where a row is.

    Raises:
        BadRow: nowhere, or outside of the town; it says how far, and whether longitude and latitude were swapped.
    """
    lonlat = cells.point()
    away = known.beyond_m(lonlat)
    if away > MARGIN_M:
        lon, lat = lonlat
        if abs(lon) <= 90.0 and known.beyond_m((lat, lon)) <= MARGIN_M:
            raise BadRow("swapped", x=lon, y=lat)
        raise BadRow("outside", km=round(away / 1000, 1))
    return lonlat


def issue_place(known: Known) -> str:
    return known.issue(lambda number: f"P{number:05d}")


def issue_unit(known: Known) -> str:
    return known.issue(lambda number: f"N{number:05d}")


def issue_water(known: Known) -> str:
    return known.issue(lambda number: f"S{number:05d}")
