"""Driver of the OsmAnd protocol, as OsmAnd and Traccar Client speak it: a query or form, or JSON.

Pure: values in, reports out. Speed is in knots in a query and in metres a second in JSON; times without a zone are UTC.
Source: https://www.traccar.org/osmand/ and the server's `OsmAndProtocolDecoder`, whose JSON Traccar Client 9 sends.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from command_center.ingest import readings
from command_center.ingest.position import Position, Report, Signs

# What the hall does not use: cell towers and networks nearby tell of strangers' equipment, and altitude proves nothing.
USED = frozenset(
    "id deviceid timestamp lat lon location speed bearing heading accuracy hdop batt charge valid mock alarm "
    "driverUniqueId rssi sat".split()
)
METRES_PER_HDOP = 5.0
MOST_LOCATIONS = 1_000
SOS_ALARMS = frozenset({"sos", "panic"})
BAD = (TypeError, ValueError, KeyError, AttributeError, OverflowError, OSError)


@dataclass(frozen=True, slots=True)
class Told:
    """What a request says before it is known who sends it: the device's name, its driver, and the rest, read later."""

    device: str
    driver: str | None
    items: tuple[Mapping[str, Any], ...]
    json: bool


def from_query(fields: Mapping[str, str]) -> Told | None:
    """A query or form; None where it names no device."""
    device = fields.get("id") or fields.get("deviceid")
    return Told(device, fields.get("driverUniqueId"), (fields,), False) if device else None


def from_json(body: Any) -> Told | None:
    """JSON; `location` may be a list, as a client sends that was offline. None where it names no device."""
    if not isinstance(body, dict) or not isinstance(device := body.get("device_id"), (str, int)) or device == "":
        return None
    found = body.get("location")
    items = found if isinstance(found, list) else [] if found is None else [found]
    return Told(str(device), None, tuple(items[:MOST_LOCATIONS]), True)


def reports(told: Told, *, person_id: str | None, received_at: datetime) -> Iterator[Report | str]:
    """Read each report; one that is none is the reason why.

    Args:
        told: the request.
        person_id: whose positions these are; None: nobody's, which is the reason.
        received_at: our time.
    """
    for item in told.items:
        try:
            if told.json:
                yield _from_location(item, person_id, received_at)
            else:
                yield _from_fields(item, person_id, received_at)
        except BAD:
            yield "malformed"


def _from_fields(fields: Mapping[str, Any], person_id: str | None, received_at: datetime) -> Report | str:
    signs = Signs(
        battery=readings.share(fields.get("batt"), of=100.0),
        charging=readings.yes(fields.get("charge")),
        signal=readings.whole(fields.get("rssi")),
        satellites=readings.whole(fields.get("sat")),
        mock=readings.yes(fields.get("mock")) is True,
        sos=str(fields.get("alarm", "")).lower() in SOS_ALARMS,
    )
    lat, lon = fields["location"].split(",") if "location" in fields else (fields.get("lat"), fields.get("lon"))
    if lat is None or lon is None or readings.yes(fields.get("valid")) is False:
        return Report(None, signs)
    if person_id is None:
        return "unknown_person"
    stamp, knots = fields.get("timestamp"), readings.at_least_0(fields.get("speed"))
    accuracy_m, hdop = readings.at_least_0(fields.get("accuracy")), readings.at_least_0(fields.get("hdop"))
    position = Position(
        person_id=person_id,
        at=received_at if stamp is None else readings.moment(stamp, zone=UTC),
        received_at=received_at,
        lon=float(lon),
        lat=float(lat),
        speed_mps=None if knots is None else knots * readings.KNOT_MPS,
        heading_deg=readings.heading(fields.get("bearing", fields.get("heading"))),
        accuracy_m=hdop * METRES_PER_HDOP if accuracy_m is None and hdop is not None else accuracy_m,
    )
    return Report(position, signs)


def _from_location(location: Mapping[str, Any], person_id: str | None, received_at: datetime) -> Report | str:
    battery = location.get("battery") or {}
    alarm = location.get("alarm") or (location.get("extras") or {}).get("alarm")
    signs = Signs(
        battery=readings.share(battery.get("level"), of=1.0),
        charging=readings.yes(battery.get("is_charging")),
        mock=readings.yes(location.get("mock")) is True,
        moving=readings.yes(location.get("is_moving")),
        sos=str(alarm or "").lower() in SOS_ALARMS,
    )
    coords = location.get("coords")
    if coords is None:
        return Report(None, signs)
    if person_id is None:
        return "unknown_person"
    position = Position(
        person_id=person_id,
        at=readings.moment(location["timestamp"], zone=UTC) if "timestamp" in location else received_at,
        received_at=received_at,
        lon=float(coords["longitude"]),
        lat=float(coords["latitude"]),
        speed_mps=readings.at_least_0(coords.get("speed")),
        heading_deg=readings.heading(coords.get("heading")),
        accuracy_m=readings.at_least_0(coords.get("accuracy")),
    )
    return Report(position, signs)
