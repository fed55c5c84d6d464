"""Zones as they stand in a file, for scanning clips."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from video.model import LEAST_CORNERS, ZONE_KINDS, Zone

Row = dict[str, Any]
UNITS = ("pixels", "fractions")


class BadZones(ValueError):
    """The file holds no zones; the text says which one is wrong, and is meant for a person."""


def read_zones(path: Path) -> list[Row]:
    """Zones as they stand in a file, checked.

    A JSON list of `{"name", "kind", "polygon": [[x, y], ...], "unit": "pixels" | "fractions", "direction_deg",
    "limit"}`; only `polygon` must be there, `kind` is `intrusion` otherwise. A `line_cross` zone is a line of two
    corners or more, all others are areas of three or more. Without `unit`, coordinates that are all at most 1 are
    fractions of width and height, others pixels. `hours` may stand there and are left out: a clip has no time of day.

    Raises:
        BadZones: the file is not such a list; the message says which zone.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadZones(f"{path}: {error}") from error
    if not isinstance(rows, list):
        raise BadZones(f"{path}: not a list of zones")
    return [_checked(row, index) for index, row in enumerate(rows, start=1)]


def _checked(row: Any, index: int) -> Row:
    try:
        polygon = [(float(x), float(y)) for x, y in row["polygon"]]
        kind, name = str(row.get("kind", "intrusion")), str(row.get("name", f"zone {index}"))
        numbers = {key: float(row[key]) for key in ("direction_deg", "limit") if row.get(key) is not None}
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise BadZones(f"zone {index}: {error!r} is missing or no such value") from error
    if kind not in ZONE_KINDS:
        raise BadZones(f"zone {index}: kind {kind} is none of {', '.join(ZONE_KINDS)}")
    least = LEAST_CORNERS.get(kind, 3)
    if len(polygon) < least:
        raise BadZones(f"zone {index}: a zone of kind {kind} needs at least {least} corners")
    if kind == "wrong_way" and "direction_deg" not in numbers:
        raise BadZones(f"zone {index}: wrong_way needs the allowed direction_deg, clockwise from up")
    if numbers.get("limit", 1.0) <= 0:
        raise BadZones(f"zone {index}: limit must be above 0")
    small = all(0 <= value <= 1 for point in polygon for value in point)
    unit = row.get("unit", "fractions" if small else "pixels")
    if unit not in UNITS:
        raise BadZones(f"zone {index}: unit {unit} is none of {', '.join(UNITS)}")
    return {"name": name, "kind": kind, "polygon": polygon, "unit": unit, **numbers}


def zones_of(rows: Sequence[Row], width: int, height: int) -> tuple[Zone, ...]:
    """Checked rows as zones of a picture of that many pixels."""
    return tuple(_zone(row, width, height) for row in rows)


def _zone(row: Row, width: int, height: int) -> Zone:
    across, down = (width, height) if row["unit"] == "pixels" else (1, 1)
    polygon = tuple((x / across, y / down) for x, y in row["polygon"])
    return Zone(row["name"], row.get("kind", "intrusion"), polygon, row.get("direction_deg"), row.get("limit"))
