"""What goes into the monitor and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

SignalKind = Literal["signal_loss", "freeze", "covered", "motion", "intrusion"]
KINDS: tuple[SignalKind, ...] = get_args(SignalKind)
FeedState = Literal["opening", "online", "lost", "covered", "freeze", "quarantined"]
Box = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True)
class Zone:
    """A part of the picture that means something; the polygon is in fractions of width and height, y down."""

    name: str
    kind: Literal["intrusion"]
    polygon: tuple[Point, ...]

    def __post_init__(self) -> None:
        if len(self.polygon) < 3:
            raise ValueError(f"zone {self.name} has fewer than three corners")


@dataclass(frozen=True)
class FeedSpec:
    """One camera to watch.

    `sensitivity` runs from 0 (only the plainest events) to 1; `detectors` names the wanted kinds, None for all.
    """

    id: str
    url: str
    zones: tuple[Zone, ...] = ()
    sensitivity: float = 0.5
    detectors: frozenset[str] | None = None


@dataclass(frozen=True)
class FeedSignal:
    """Something a camera saw or suffered, told twice with the same `id`: at its start and, with `ended_at`, at its end.

    `box` is x, y, width, height in fractions of the picture; `score` runs from 0 to 1.
    """

    feed_id: str
    kind: SignalKind
    started_at: datetime
    ended_at: datetime | None
    score: float
    box: Box | None
    detail: dict[str, Any]
    id: str


@dataclass(frozen=True)
class HealthReport:
    """How the whole fleet is watched at one moment; ages are seconds since a feed was last looked at.

    `online` feeds deliver pictures, `watched` ones were looked at within ten seconds. `skipped` counts key frames
    nobody looked at since the start, because the lookers were busy. `quarantined` names feeds that kept killing
    their worker.
    """

    total: int = 0
    online: int = 0
    watched: int = 0
    age_p50_s: float = 0.0
    age_p99_s: float = 0.0
    age_worst_s: float = 0.0
    skipped: int = 0
    looks: int = 0
    states: dict[str, FeedState] = field(default_factory=dict)
    quarantined: tuple[str, ...] = ()
    restarts: int = 0


@dataclass(frozen=True)
class Clip:
    """A piece of the past: a complete MP4 file that starts with the key frame before the wanted start, and stills."""

    mp4: bytes
    stills: list[bytes]
    start_at: datetime
    end_at: datetime


class NoFootage(ValueError):
    """The ring holds nothing of the wanted time, or the feed is unknown."""


def moment(seconds: float) -> datetime:
    """Epoch seconds as an aware UTC time."""
    return datetime.fromtimestamp(seconds, UTC)
