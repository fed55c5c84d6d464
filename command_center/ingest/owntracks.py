"""Driver of what comes over MQTT: OwnTracks JSON, and our own. Pure: topic and payload in, device and reports out.

Source: https://owntracks.org/booklet/tech/json/ (`_type: location`; speed in km/h, battery in per cent).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from command_center.ingest import readings
from command_center.ingest.json_driver import read_reports
from command_center.ingest.position import Position, Report, Signs

OWNTRACKS = "owntracks/"
KMH_PER_MPS = 3.6
CHARGING, FULL = 2, 3
MOST_REPORTS = 5_000
BAD = (TypeError, ValueError, KeyError, OverflowError, OSError)


def device_of(topic: str) -> str:
    """How a device is named by its topic: `user/device` for OwnTracks, the last part for all others."""
    if topic.startswith(OWNTRACKS):
        return topic.removeprefix(OWNTRACKS)
    return topic.rpartition("/")[2]


def reports(topic: str, payload: bytes, *, person_id: str | None, received_at: datetime) -> list[Report | str]:
    """Read a message; one that is no report gives the reason, and one that tells of no place nothing."""
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return ["malformed"]
    if not isinstance(body, dict):
        return ["malformed"]
    if "_type" in body:
        return _own_tracks(body, person_id, received_at) if body["_type"] == "location" else []
    items = body.get("positions", [body])
    if not isinstance(items, list):
        return ["malformed"]
    if person_id is None:
        return ["unknown_person"]
    return list(read_reports(items[:MOST_REPORTS], person_id=person_id, received_at=received_at))


def _own_tracks(body: Mapping[str, Any], person_id: str | None, received_at: datetime) -> list[Report | str]:
    if person_id is None:
        return ["unknown_person"]
    try:
        speed_kmh = readings.at_least_0(body.get("vel"))
        position = Position(
            person_id=person_id,
            at=readings.moment(body["tst"]),
            received_at=received_at,
            lon=float(body["lon"]),
            lat=float(body["lat"]),
            speed_mps=None if speed_kmh is None else speed_kmh / KMH_PER_MPS,
            heading_deg=readings.heading(body.get("cog")),
            accuracy_m=readings.at_least_0(body.get("acc")),
        )
    except BAD:
        return ["malformed"]
    power = body.get("bs")
    signs = Signs(
        battery=readings.share(body.get("batt"), of=100.0),
        charging=None if power in (None, 0) else power in (CHARGING, FULL),
    )
    return [Report(position, signs)]
