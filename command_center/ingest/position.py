"""What every driver of positions turns its source into."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntFlag

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Flag(IntFlag):
    """Why a position is kept but proves nothing: names as in facts and on pages, numbers as in the table.

    Attributes:
        mock: the device itself says that its place is made up.
        impossible_speed: nobody gets there in that time. Such a position was refused, and is kept for whoever asks why.
        frozen: it claims to move, but its coordinates have not changed by a hair for minutes.
        cloned: one device identity is used from two places in turn.
        apart: two devices of one person are far from each other at the same time.
    """

    mock = 1
    impossible_speed = 2
    frozen = 4
    cloned = 8
    apart = 16


NO_FLAGS = Flag(0)


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
    flags: Flag = NO_FLAGS

    @property
    def trusted(self) -> bool:
        """Whether it may prove anything: a visit, an arrival."""
        return not self.flags


@dataclass(frozen=True, slots=True)
class Signs:
    """What a device tells beside its place; None where it does not.

    Attributes:
        battery: charge left, 0 to 1.
        charging: whether it is on a charger.
        signal: strength of its radio as it counts it, 0 to 31 in most.
        satellites: in use.
        mock: it says itself that its place is made up.
        moving: it says itself that it moves.
        sos: somebody pressed its alarm.
    """

    battery: float | None = None
    charging: bool | None = None
    signal: int | None = None
    satellites: int | None = None
    mock: bool = False
    moving: bool | None = None
    sos: bool = False


NO_SIGNS = Signs()


@dataclass(frozen=True, slots=True)
class Report:
    """One report of a device: where it was, if it knew that, and what else it told."""

    position: Position | None
    signs: Signs = NO_SIGNS


def names_of(flags: Flag) -> Iterator[str]:
    """`mock`, `frozen` …: each flag by its name."""
    return (flag.name for flag in Flag if flag & flags and flag.name is not None)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC, rounded down."""
    return (moment - EPOCH) // MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)
