"""Driver of our own JSON: `{"positions": [{"person_id"?, "at", "lon", "lat", "speed_mps"?, …}]}`, WGS84.

A driver gives for each report either a Position or the reason why it is none. Other protocols get a driver beside it.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from command_center.ingest.position import Position

# Numbers above this are milliseconds, below it seconds: it is 1973 in milliseconds and 5138 in seconds.
MILLISECONDS_FROM = 1e11


def read_positions(items: list[Any], *, person_id: str | None, received_at: datetime) -> Iterator[Position | str]:
    """Read each report.

    Args:
        items: the list as it came.
        person_id: whose device it is; None for a fleet, whose reports name the person.
        received_at: our time.
    """
    for item in items:
        try:
            yield _read(item, person_id, received_at)
        except (TypeError, ValueError, KeyError, OverflowError, OSError):
            yield "malformed"


def _read(item: dict[str, Any], person_id: str | None, received_at: datetime) -> Position | str:
    named = item.get("person_id") if isinstance(item, dict) else None
    if person_id is not None and named is not None and named != person_id:
        return "not_yours"
    subject = person_id or named
    if not isinstance(subject, str):
        return "unknown_person"
    lon, lat = item["lon"], item["lat"]
    if type(lon) not in (int, float) or type(lat) not in (int, float):
        return "malformed"
    return Position(
        person_id=subject,
        at=_moment(item["at"]),
        received_at=received_at,
        lon=float(lon),
        lat=float(lat),
        speed_mps=_at_least_0(item.get("speed_mps")),
        heading_deg=_heading(item.get("heading_deg")),
        accuracy_m=_at_least_0(item.get("accuracy_m")),
    )


def _moment(value: Any) -> datetime:
    """ISO 8601 with a time zone, or seconds or milliseconds since 1970.

    Raises:
        ValueError: it is neither, or has no time zone.
    """
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return moment.astimezone(UTC)
    if isinstance(value, bool):
        raise ValueError("not a time")
    return datetime.fromtimestamp(value / 1000.0 if value > MILLISECONDS_FROM else value, UTC)


def _at_least_0(value: Any) -> float | None:
    """A measure that may be missing; devices write -1 for "not known"."""
    if type(value) not in (int, float) or not math.isfinite(value) or value < 0:
        return None
    return float(value)


def _heading(value: Any) -> float | None:
    heading = _at_least_0(value)
    return None if heading is None else heading % 360.0
