"""Driver of our own JSON: `{"positions": [{"person_id"?, "at", "lon", "lat", "speed_mps"?, "battery"?, …}]}`, WGS84.

A driver gives for each report either a Position or the reason why it is none. Other protocols get a driver beside it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from command_center.ingest import readings
from command_center.ingest.position import NO_SIGNS, Position, Report, Signs


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


def read_reports(items: list[Any], *, person_id: str, received_at: datetime) -> Iterator[Report | str]:
    """Read each report of one device with what else it tells."""
    for item, position in zip(items, read_positions(items, person_id=person_id, received_at=received_at), strict=True):
        yield position if isinstance(position, str) else Report(position, read_signs(item))


def read_signs(item: Any) -> Signs:
    """Charge from 0 to 1, and whether the device says that its place is made up or that it is in need."""
    if not isinstance(item, dict) or not item.keys() & {"battery", "charging", "mock", "alarm"}:
        return NO_SIGNS
    return Signs(
        battery=readings.share(item.get("battery"), of=1.0),
        charging=readings.yes(item.get("charging")),
        mock=readings.yes(item.get("mock")) is True,
        sos=item.get("alarm") == "sos",
    )


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
        at=readings.moment(item["at"]),
        received_at=received_at,
        lon=float(lon),
        lat=float(lat),
        speed_mps=readings.at_least_0(item.get("speed_mps")),
        heading_deg=readings.heading(item.get("heading_deg")),
        accuracy_m=readings.at_least_0(item.get("accuracy_m")),
    )
