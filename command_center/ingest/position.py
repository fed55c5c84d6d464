"""What every driver of positions turns its source into."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a person was: degrees WGS84; `heading_deg` clockwise from north; `accuracy_m` is a radius.

    `at` is the device's time, `received_at` ours.
    """

    person_id: str
    at: datetime
    received_at: datetime
    lon: float
    lat: float
    speed_mps: float | None = None
    heading_deg: float | None = None
    accuracy_m: float | None = None


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC, rounded down."""
    return (moment - EPOCH) // MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)
