"""How a camera's settings, health and preview are told."""

from datetime import datetime
from typing import Any

from typing_extensions import TypedDict

from command_center.ingest.facts import SignalView
from command_center.ingest.feed_hours import FeedHour
from command_center.ingest.learned import Learned
from command_center.ingest.preview import Candidate
from command_center.ingest.tables import FeedRow
from command_center.timeline.facts import iso


class ZoneView(TypedDict):
    """A zone; corners in fractions of the picture, degrees clockwise from up, hours local."""

    name: str
    kind: str
    polygon: list[tuple[float, float]]
    direction_deg: float | None
    limit: float | None
    hours: list[tuple[str, str]]


class WatchView(TypedDict):
    """What is watched for on a camera; `detectors` and `retention_days` None are the hall's usual ones."""

    camera_id: str
    zones: list[ZoneView]
    sensitivity: float
    detectors: list[str] | None
    pinned: bool
    busy_hours: list[tuple[str, str]]
    confirm: bool
    retention_days: int | None
    edited: bool


class WatchAnswer(TypedDict):
    """A camera's settings, how its stream is now, and whether the caller may change them."""

    watch: WatchView
    state: str
    may_adjust: bool
    kinds: list[str]


class WatchItem(TypedDict):
    """One line of the list of cameras, for finding those in trouble."""

    camera_id: str
    number: str
    name: str
    area: str
    state: str
    since: str | None
    pinned: bool
    edited: bool
    zones: int
    sensitivity: float


class HourView(TypedDict):
    """Seconds within an hour: fine, without a picture, with something wrong; the worst age of a look."""

    hour: str
    online_s: float
    lost_s: float
    trouble_s: float
    looks: int
    age_worst_s: float


class HealthView(TypedDict):
    since: str
    until: str
    state: str
    signals: list[SignalView]
    hours: list[HourView]


class LearnedView(TypedDict):
    """`saved_at` None: nothing has been learned yet."""

    saved_at: str | None
    learned: Learned


class TraceView(TypedDict):
    """Something that would be told at sensitivity `needs` and above."""

    kind: str
    started_at: str
    ended_at: str
    needs: float
    score: float
    box: list[float] | None
    zone: str
    possible: bool


class PreviewView(TypedDict):
    """What would have been told, and how many were told with the settings as stored; `traces` were looked through."""

    since: str
    until: str
    traces: int
    fires: int
    fires_stored: int
    candidates: list[TraceView]


def watch_view(row: FeedRow) -> WatchView:
    return WatchView(
        camera_id=row.camera_id,
        zones=[_zone(zone) for zone in row.zones],
        sensitivity=row.sensitivity,
        detectors=row.detectors,
        pinned=bool(row.pinned),
        busy_hours=[(start, end) for start, end in row.busy_hours],
        confirm=bool(row.confirm),
        retention_days=row.retention_days,
        edited=bool(row.edited),
    )


def hour_view(hour: FeedHour) -> HourView:
    return HourView(
        hour=iso(hour.hour),
        online_s=round(hour.online_s, 1),
        lost_s=round(hour.lost_s, 1),
        trouble_s=round(hour.trouble_s, 1),
        looks=hour.looks,
        age_worst_s=round(hour.age_worst_s, 2),
    )


def candidate_view(candidate: Candidate) -> TraceView:
    trace = candidate.trace
    return TraceView(
        kind=candidate.kind,
        started_at=iso(trace.started_at),
        ended_at=iso(trace.ended_at),
        needs=round(trace.needs, 3),
        score=round(trace.score, 3),
        box=list(trace.box) if trace.box is not None else None,
        zone=candidate.zone,
        possible=candidate.possible,
    )


def iso_or_none(moment: datetime | None) -> str | None:
    return iso(moment) if moment is not None else None


def _zone(zone: dict[str, Any]) -> ZoneView:
    return ZoneView(
        name=zone["name"],
        kind=zone["kind"],
        polygon=[(float(x), float(y)) for x, y in zone["polygon"]],
        direction_deg=zone.get("direction_deg"),
        limit=zone.get("limit"),
        hours=[(start, end) for start, end in zone.get("hours") or ()],
    )
