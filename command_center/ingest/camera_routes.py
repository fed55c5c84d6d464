"""HTTP of the camera page: what is watched for, how the picture has been, what was learned, what would have fired."""

from datetime import datetime, timedelta
from typing import Annotated, Protocol

import anyio.from_thread
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from command_center.access.guard import Who, in_area, require
from command_center.errors import BadInput
from command_center.ingest import camera_queries as queries
from command_center.ingest.baselines import memory
from command_center.ingest.camera_commands import Choices, check_choices, set_watch, spec_with
from command_center.ingest.camera_views import (
    HealthView,
    LearnedView,
    PreviewView,
    WatchAnswer,
    WatchItem,
    candidate_view,
    hour_view,
    iso_or_none,
    watch_view,
)
from command_center.ingest.facts import signal_view
from command_center.ingest.feeds import feed_of, feeds
from command_center.ingest.learned import learned
from command_center.ingest.zones import check_corners
from command_center.registry.door import TownDep
from command_center.registry.town_index import TownIndex
from command_center.timeline.asked import Moment
from command_center.timeline.door import CommandDep, TimelineDep
from command_center.timeline.facts import iso
from video.model import KINDS, FeedSpec, HealthReport, SignalKind, Zone, ZoneKind

router = APIRouter(prefix="/api/v1/cameras", tags=["cameras"])

Onlooker = Annotated[Who, Depends(require("camera.see", "camera.adjust"))]
Adjuster = Annotated[Who, Depends(require("camera.adjust"))]

DAY = timedelta(days=1)
LONGEST_HEALTH, LONGEST_PREVIEW = timedelta(days=31), timedelta(days=3)
TELEMETRY = "motion"

Clock = Annotated[str, Field(max_length=5, examples=["22:00"])]
Fraction = Annotated[float, Field(ge=-1, le=2)]


class Watcher(Protocol):
    """The part of the monitor that this page needs."""

    def health(self) -> HealthReport: ...
    async def set_feeds(self, feeds: list[FeedSpec]) -> None: ...


class ZoneBody(BaseModel):
    name: Annotated[str, Field(max_length=40)]
    kind: ZoneKind
    polygon: Annotated[list[tuple[Fraction, Fraction]], Field(max_length=100)]
    direction_deg: Annotated[float, Field(ge=0, lt=360)] | None = None
    limit: float | None = None
    hours: Annotated[list[tuple[Clock, Clock]], Field(max_length=8)] = []

    def zone(self) -> Zone:
        check_corners(self.name, self.kind, len(self.polygon))
        return Zone(self.name, self.kind, tuple(self.polygon), self.direction_deg, self.limit, tuple(self.hours))


class WatchBody(BaseModel):
    """All choices at once; what is left out is set to its usual value."""

    zones: Annotated[list[ZoneBody], Field(max_length=100)]
    sensitivity: Annotated[float, Field(ge=0, le=1)]
    detectors: list[SignalKind] | None = None
    pinned: bool = False
    busy_hours: Annotated[list[tuple[Clock, Clock]], Field(max_length=8)] = []
    confirm: bool = False
    retention_days: int | None = None

    def choices(self) -> Choices:
        return Choices(
            zones=tuple(zone.zone() for zone in self.zones),
            sensitivity=self.sensitivity,
            detectors=frozenset(self.detectors) if self.detectors is not None else None,
            pinned=self.pinned,
            busy_hours=tuple(self.busy_hours),
            confirm=self.confirm,
            retention_days=self.retention_days,
        )


class PreviewBody(BaseModel):
    """Settings to try on what has been; the last 24 hours if no times are given."""

    zones: Annotated[list[ZoneBody], Field(max_length=100)]
    sensitivity: Annotated[float, Field(ge=0, le=1)]
    detectors: list[SignalKind] | None = None
    since: Moment | None = None
    until: Moment | None = None


def get_watcher(request: Request) -> Watcher | None:
    watcher: Watcher | None = request.app.state.monitor
    return watcher


WatcherDep = Annotated[Watcher | None, Depends(get_watcher)]


@router.get("/watch")
def get_watches(who: Onlooker, town: TownDep, timeline: TimelineDep, watcher: WatcherDep) -> list[WatchItem]:
    """Every camera with a feed within the caller's area, those without a picture or with a bad one first."""
    states = _states(watcher)
    with timeline.reading() as session:
        since = queries.trouble_since(session)
        rows = queries.feed_rows(session)
        items: list[WatchItem] = []
        for row in rows:
            camera = town.cameras.get(row.camera_id)
            if camera is None or not who.sees(camera.area):
                continue
            state = states.get(row.camera_id, "opening")
            items.append(
                WatchItem(
                    camera_id=row.camera_id,
                    number=camera.number,
                    name=camera.name,
                    area=camera.area,
                    state=state,
                    since=iso_or_none(since.get(row.camera_id) if state != "online" else None),
                    pinned=bool(row.pinned),
                    edited=bool(row.edited),
                    zones=len(row.zones),
                    sensitivity=row.sensitivity,
                )
            )
    items.sort(key=lambda item: (item["state"] == "online", item["state"], item["since"] or "~", item["number"]))
    return items


@router.get("/{camera_id}/watch")
def get_watch(camera_id: str, who: Onlooker, town: TownDep, timeline: TimelineDep, watcher: WatcherDep) -> WatchAnswer:
    """What is watched for on a camera."""
    _area(town, who, camera_id)
    with timeline.reading() as session:
        view = watch_view(queries.feed_row(session, camera_id))
    state = _states(watcher).get(camera_id, "opening")
    return WatchAnswer(watch=view, state=state, may_adjust=who.may("camera.adjust"), kinds=_kinds())


@router.put("/{camera_id}/watch")
def put_watch(
    camera_id: str,
    body: WatchBody,
    who: Adjuster,
    town: TownDep,
    timeline: TimelineDep,
    command: CommandDep,
    watcher: WatcherDep,
) -> WatchAnswer:
    """Change what is watched for; it counts from the next look on."""
    area, choices = _area(town, who, camera_id), body.choices()
    view = command.run(
        lambda tx: watch_view(set_watch(tx, camera_id=camera_id, area=area, choices=choices, by=who.json()))
    )
    if watcher is not None:
        with timeline.reading() as session:
            now = feeds(session)
        anyio.from_thread.run(watcher.set_feeds, now)
    state = _states(watcher).get(camera_id, "opening")
    return WatchAnswer(watch=view, state=state, may_adjust=True, kinds=_kinds())


@router.get("/{camera_id}/health")
def get_health(
    camera_id: str,
    who: Onlooker,
    town: TownDep,
    timeline: TimelineDep,
    watcher: WatcherDep,
    since: Annotated[Moment | None, Query(description="24 hours before `until` if left out")] = None,
    until: Annotated[Moment | None, Query(description="now if left out")] = None,
) -> HealthView:
    """How a camera has been: what was wrong with it and what it saw, and how it was watched hour by hour."""
    _area(town, who, camera_id)
    start, end = _span(since, until, timeline.now(), LONGEST_HEALTH)
    with timeline.reading() as session:
        queries.feed_row(session, camera_id)
        signals = [signal_view(row) for row in queries.signals_of(session, camera_id, start, end)]
        hours = [hour_view(hour) for hour in queries.feed_hours(session, camera_id, start, end)]
    state = _states(watcher).get(camera_id, "opening")
    return HealthView(since=iso(start), until=iso(end), state=state, signals=signals, hours=hours)


@router.get("/{camera_id}/learned")
def get_learned(camera_id: str, who: Onlooker, town: TownDep, timeline: TimelineDep) -> LearnedView:
    """What the detectors of a camera have learned, and what they cannot judge."""
    _area(town, who, camera_id)
    with timeline.reading() as session:
        queries.feed_row(session, camera_id)
        known = memory(session, camera_id)
    return LearnedView(saved_at=iso_or_none(known[1] if known else None), learned=learned(known[0] if known else {}))


@router.post("/{camera_id}/preview")
def post_preview(camera_id: str, body: PreviewBody, who: Onlooker, town: TownDep, timeline: TimelineDep) -> PreviewView:
    """What a camera would have told with these settings. Changes nothing."""
    _area(town, who, camera_id)
    start, end = _span(body.since, body.until, timeline.now(), LONGEST_PREVIEW)
    draft = WatchBody(zones=body.zones, sensitivity=body.sensitivity, detectors=body.detectors).choices()
    check_choices(draft)
    with timeline.reading() as session:
        row = queries.feed_row(session, camera_id)
        stored = feed_of(row)
        seen, found = queries.candidates(session, spec_with(row, draft), start, end)
        _, before = queries.candidates(session, stored, start, end)
    told = [one for one in found if one.kind != TELEMETRY]
    return PreviewView(
        since=iso(start),
        until=iso(end),
        traces=seen,
        fires=queries.fires(told, body.sensitivity),
        fires_stored=queries.fires([one for one in before if one.kind != TELEMETRY], stored.sensitivity),
        candidates=[candidate_view(one) for one in told],
    )


def _area(town: TownIndex, who: Who, camera_id: str) -> str:
    """Area of a camera. Raises NotFound: there is none, or it lies outside of the caller's area."""
    area = town.camera(camera_id).area
    in_area(who, area, key="camera_not_found", id=camera_id)
    return area


def _states(watcher: Watcher | None) -> dict[str, str]:
    return {} if watcher is None else dict(watcher.health().states)


def _kinds() -> list[str]:
    """What can be switched on and off; the loss of a signal is always told."""
    return [kind for kind in KINDS if kind not in ("signal_loss", TELEMETRY)]


def _span(
    since: datetime | None, until: datetime | None, now: datetime, longest: timedelta
) -> tuple[datetime, datetime]:
    end = until or now
    start = since or end - DAY
    if not start < end <= start + longest:
        raise BadInput("preview_span", most=longest.days)
    return start, end
