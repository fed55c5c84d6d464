"""Bodies of JT/T 808 messages: what terminals tell, and what they are answered. Pure.

Places are WGS84 by the standard, times are Beijing time. Source: JT/T 808-2019, 8.8 (registration), 8.9
(authentication), 8.12 (position), 8.49 (positions in bulk), and tables 24 to 27 there.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from command_center.ingest.position import Position, Report, Signs

ANSWER, HEARTBEAT, GOODBYE, TIME, REGISTER, AUTHENTICATE = 0x0001, 0x0002, 0x0003, 0x0004, 0x0100, 0x0102
PLACE, PLACES = 0x0200, 0x0704
GENERAL_ANSWER, TIME_ANSWER, REGISTER_ANSWER = 0x8001, 0x8004, 0x8100

DONE, FAILED, WRONG, UNSUPPORTED = 0, 1, 2, 3
NO_SUCH_TERMINAL = 4

BEIJING = timezone(timedelta(hours=8))
ALARM_SOS = 1 << 0
STATUS_LOCATED, STATUS_SOUTH, STATUS_WEST = 1 << 1, 1 << 2, 1 << 3
ITEM_SIGNAL, ITEM_SATELLITES = 0x30, 0x31
FIXED = struct.Struct(">IIIIHHH6s")
MOST_PLACES = 500
KMH_TENTHS_PER_MPS = 36.0


@dataclass(frozen=True, slots=True)
class Place:
    """A position report as sent: degrees in the terminal's own datum, None where it has no fix."""

    lonlat: tuple[float, float] | None
    at: datetime
    speed_mps: float
    heading_deg: float
    sos: bool
    items: dict[int, bytes]

    def report(self, person_id: str | None, received_at: datetime) -> Report | str:
        """As a report of a person; the reason where it is nobody's."""
        signs = Signs(
            signal=_byte(self.items.get(ITEM_SIGNAL)), satellites=_byte(self.items.get(ITEM_SATELLITES)), sos=self.sos
        )
        if self.lonlat is None:
            return Report(None, signs)
        if person_id is None:
            return "unknown_person"
        lon, lat = self.lonlat
        position = Position(person_id, self.at, received_at, lon, lat, self.speed_mps, self.heading_deg % 360.0)
        return Report(position, signs)


def read_place(body: bytes) -> Place:
    """Read the body of 0x0200.

    Raises:
        ValueError: it is too short, or its time is none.
    """
    if len(body) < FIXED.size:
        raise ValueError("short")
    alarm, status, lat, lon, _altitude_m, speed, direction, stamp = FIXED.unpack_from(body)
    lonlat = None
    if status & STATUS_LOCATED:
        lonlat = (-lon if status & STATUS_WEST else lon) / 1e6, (-lat if status & STATUS_SOUTH else lat) / 1e6
    return Place(
        lonlat=lonlat,
        at=read_time(stamp),
        speed_mps=speed / KMH_TENTHS_PER_MPS,
        heading_deg=float(direction),
        sos=bool(alarm & ALARM_SOS),
        items=_items(body[FIXED.size :]),
    )


def read_places(body: bytes) -> Iterator[Place | None]:
    """Read the body of 0x0704, one after the other; None for one that is none. Most come late: the line was down."""
    at, count = 3, 0
    while at + 2 <= len(body) and count < MOST_PLACES:
        (length,) = struct.unpack_from(">H", body, at)
        try:
            yield read_place(body[at + 2 : at + 2 + length])
        except ValueError:
            yield None
        at, count = at + 2 + length, count + 1


def read_time(stamp: bytes) -> datetime:
    """Six bytes of binary-coded decimals, YYMMDDhhmmss in Beijing.

    Raises:
        ValueError: it is no time.
    """
    return datetime.strptime("20" + stamp.hex(), "%Y%m%d%H%M%S").replace(tzinfo=BEIJING).astimezone(UTC)


def read_auth_code(body: bytes, version: int | None) -> str:
    """The code that a terminal shows; since 2019 with its length before it, then IMEI and software version."""
    code = body[1 : 1 + body[0]] if version is not None and body else body
    return code.rstrip(b"\0").decode("ascii", "replace")


def general_answer(serial: int, id: int, result: int) -> bytes:
    return struct.pack(">HHB", serial, id, result)


def register_answer(serial: int, result: int, code: str = "") -> bytes:
    return struct.pack(">HB", serial, result) + code.encode("ascii")


def time_answer(now: datetime) -> bytes:
    """Our time, UTC."""
    return bytes.fromhex(now.astimezone(UTC).strftime("%y%m%d%H%M%S"))


def _items(data: bytes) -> dict[int, bytes]:
    """What follows the fixed part: id, length, value, again and again; what is cut off is left out."""
    items: dict[int, bytes] = {}
    at = 0
    while at + 2 <= len(data):
        id, length = data[at], data[at + 1]
        value = data[at + 2 : at + 2 + length]
        if len(value) < length:
            break
        items[id] = value
        at += 2 + length
    return items


def _byte(value: bytes | None) -> int | None:
    return value[0] if value is not None and len(value) == 1 else None
