"""What goes into the monitor and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

QualityKind = Literal[
    "signal_loss",
    "freeze",
    "covered",
    "defocus",
    "moved",
    "dark",
    "bright",
    "colour_cast",
    "noise",
    "stripe",
    "shake",
]
SceneKind = Literal[
    "motion",
    "intrusion",
    "line_cross",
    "wrong_way",
    "loitering",
    "crowd",
    "left_object",
    "removed_object",
    "fire",
    "smoke",
]
SignalKind = QualityKind | SceneKind
QUALITY_KINDS: tuple[QualityKind, ...] = get_args(QualityKind)
SCENE_KINDS: tuple[SceneKind, ...] = get_args(SceneKind)
KINDS: tuple[SignalKind, ...] = (*QUALITY_KINDS, *SCENE_KINDS)
# What a wall shows for a camera: how its stream is, or else the worst thing open on its picture.
FeedState = Literal["opening", "online", "lost", "quarantined"] | QualityKind
Box = tuple[float, float, float, float]
Point = tuple[float, float]

ZoneKind = Literal[
    "intrusion", "line_cross", "wrong_way", "loitering", "crowd", "left_object", "removed_object", "ignore"
]
ZONE_KINDS: tuple[ZoneKind, ...] = get_args(ZoneKind)
# Corners a zone needs: a line has two ends, everything else is an area.
LEAST_CORNERS: dict[ZoneKind, int] = {"line_cross": 2}


@dataclass(frozen=True)
class Zone:
    """A part of the picture that means something; corners are in fractions of width and height, y down.

    `direction_deg` is a direction in the picture, clockwise from up: the allowed one of `wrong_way`, the alarming one
    of `line_cross` (None: both). `limit` is the zone's own measure: seconds for `loitering`, `left_object` and
    `removed_object`, persons for `crowd`; None takes the detector's usual one. `hours` are local times of day
    ("22:00", "05:30") within which the zone is watched, none for always. `ignore` blanks a part for all detectors.

    Raises:
        ValueError: too few corners.
    """

    name: str
    kind: ZoneKind
    polygon: tuple[Point, ...]
    direction_deg: float | None = None
    limit: float | None = None
    hours: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        least = LEAST_CORNERS.get(self.kind, 3)
        if len(self.polygon) < least:
            raise ValueError(f"zone {self.name} has fewer than {least} corners")


@dataclass(frozen=True)
class FeedSpec:
    """One camera to watch.

    `sensitivity` runs from 0 (only the plainest events) to 1; `detectors` names the wanted kinds, None for all.
    `pinned` feeds are looked at first when time is short, and so are all feeds within their `busy_hours` (local times
    of day). `confirm` asks the object detector, where there is one, before a scene signal is told.
    """

    id: str
    url: str
    zones: tuple[Zone, ...] = ()
    sensitivity: float = 0.5
    detectors: frozenset[str] | None = None
    pinned: bool = False
    busy_hours: tuple[tuple[str, str], ...] = ()
    confirm: bool = False


@dataclass(frozen=True)
class FeedSignal:
    """Something a camera saw or suffered, told twice with the same `id`: at its start and, with `ended_at`, at its end.

    `box` is x, y, width, height in fractions of the picture; `score` runs from 0 to 1; `needs` is the least
    sensitivity at which it would have been told.
    """

    feed_id: str
    kind: SignalKind
    started_at: datetime
    ended_at: datetime | None
    score: float
    box: Box | None
    detail: dict[str, Any]
    id: str
    needs: float = 0.0


@dataclass(frozen=True)
class Trace:
    """Something a camera would have told at sensitivity `needs` or above: told once, when it is over.

    `foot` is the lowest middle point of what was seen, in fractions of the picture; `zone` the name of its zone.
    Traces let a person try another sensitivity or another zone on what has been.
    """

    feed_id: str
    kind: SignalKind
    started_at: datetime
    ended_at: datetime
    needs: float
    score: float
    box: Box | None
    zone: str


@dataclass(frozen=True)
class HealthReport:
    """How the whole fleet is watched at one moment; ages are seconds since a feed was last looked at.

    `online` feeds deliver pictures, `watched` ones were looked at within ten seconds. `skipped` counts key frames
    nobody looked at since the start, because the lookers were busy. `quarantined` names feeds that kept killing
    their worker.

    `looks` were made in all, `lanes` says how many on each lane (patrol, hot, deep), and under `tile` how many pictures
    were only shown in the mosaic, which count as looks left out. Every feed is promised a look within `promise_s`;
    `stretched_s` is what the slowest hundredth waits when the promise cannot be kept, else 0.
    `hot_skipped` counts pictures between key frames that were left out because the hot lane's time was used up.
    `look_ms` is what one look costs on average, decoding included, `busy` the share of their time lookers work.
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
    lanes: dict[str, int] = field(default_factory=dict)
    promise_s: float = 10.0
    stretched_s: float = 0.0
    hot_skipped: int = 0
    look_ms: float = 0.0
    busy: float = 0.0


@dataclass(frozen=True)
class Tile:
    """A small JPEG of a feed's picture for the mosaic; `at` is epoch seconds."""

    feed_id: str
    at: float
    jpeg: bytes


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
