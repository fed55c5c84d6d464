"""Stored positions of a stretch of a day, thinned, to be played again; with what happened meanwhile."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.ingest.position import to_ms
from command_center.ingest.tables import PositionRow
from command_center.patrol.days.views import EventView, TrackView
from command_center.patrol.duties.tables import DutyRow
from command_center.patrol.lines.tables import LineRow
from command_center.patrol.points.tables import PointRow
from command_center.registry.town_index import TownIndex
from command_center.timeline.facts import iso
from command_center.timeline.tables import FactRow

LONGEST = timedelta(hours=3)
LEAST_STEP_S = 5
MOST_POSITIONS = 80_000
MILLION = 1e6
# An alert or a case is stored within moments of when it is told to have happened, or not much later.
LATEST = timedelta(minutes=15)
# Which facts are ticks on the slider, under which name, and which verb lets see them.
TICKS = {
    "prewarning.raised": ("alert", "alert", "alert.see"),
    "response.opened": ("case", "case", "case.see"),
}


def step_of(persons: int, length_s: float) -> int:
    """At most one position of a person in so many seconds, so that all of them are not too many."""
    return max(LEAST_STEP_S, int(np.ceil(persons * length_s / MOST_POSITIONS)))


def tracks(
    session: Session, town: TownIndex, *, area: str, since: datetime, until: datetime
) -> tuple[list[TrackView], int]:
    """Everybody's positions in [since, until) within an area, thinned; and the step in seconds.

    Positions that prove nothing (flagged ones) are left out: a jump that no one believes is not played.
    """
    step_s = step_of(len(town.persons), (until - since).total_seconds())
    query = select(PositionRow.at_ms, PositionRow.lon, PositionRow.lat).where(PositionRow.flags == 0)
    span = PositionRow.at_ms >= to_ms(since), PositionRow.at_ms < to_ms(until)
    within = _outline(town, area)
    found = []
    for person_id in town.persons:
        rows = session.execute(query.where(PositionRow.person_id == person_id, *span).order_by(PositionRow.at_ms)).all()
        track = _track(person_id, [tuple(row) for row in rows], to_ms(since), step_s, within)
        if track is not None:
            found.append(track)
    return found, step_s


def _track(
    person_id: str, rows: Sequence[tuple[Any, ...]], since_ms: int, step_s: int, within: Any | None
) -> TrackView | None:
    if not rows:
        return None
    table = np.array(rows, dtype=np.float64)
    at_s = ((table[:, 0] - since_ms) // 1000).astype(np.int64)
    keep = np.concatenate([[True], np.diff(at_s // step_s) > 0])
    if within is not None:
        keep &= shapely.contains_xy(within, table[:, 1], table[:, 2])
    if not keep.any():
        return None
    return TrackView(
        person_id=person_id,
        at_s=_steps(at_s[keep]),
        lon=_steps(np.round(table[keep, 1] * MILLION).astype(np.int64)),
        lat=_steps(np.round(table[keep, 2] * MILLION).astype(np.int64)),
    )


def _steps(values: NDArray[np.int64]) -> list[int]:
    """The first value, then how much each is more than the one before."""
    steps: list[int] = np.diff(values, prepend=0).tolist()
    return steps


def _outline(town: TownIndex, area: str) -> Any | None:
    """The ground of an area; None for the whole town, whose people may also be outside of it."""
    if town.center.code.startswith(area):
        return None
    grids = [shapely.Polygon(grid.outline) for grid in town.grids.values() if grid.code.startswith(area)]
    ground = shapely.union_all(grids)
    shapely.prepare(ground)
    return ground


def events(session: Session, who: Who, *, area: str, since: datetime, until: datetime) -> list[EventView]:
    """What happened in [since, until) within an area, in order of time."""
    found = [*_duty_events(session, area, since, until), *_log_events(session, who, area, since, until)]
    return sorted(found, key=lambda event: (event["at"], event["id"]))


def _duty_events(session: Session, area: str, since: datetime, until: datetime) -> Iterable[EventView]:
    rows = session.execute(
        select(DutyRow, PointRow.name, LineRow.name)
        .outerjoin(PointRow, PointRow.id == DutyRow.point_id)
        .outerjoin(LineRow, LineRow.id == DutyRow.line_id)
        .where(DutyRow.area.startswith(area, autoescape=True), DutyRow.state.in_(["visited", "missed", "excused"]))
        .where(DutyRow.window_start < until, DutyRow.window_end >= since)
    )
    for row, point, line in rows:
        at = row.visited_at if row.state == "visited" else row.window_end
        # What was called off by a change of the plan has no cause and happened to nobody.
        if at is None or not since <= at < until or (row.state == "excused" and row.cause is None):
            continue
        yield EventView(at=iso(at), kind=row.state, id=row.id, title=point or line or "", lonlat=(row.lon, row.lat))


def _log_events(session: Session, who: Who, area: str, since: datetime, until: datetime) -> Iterable[EventView]:
    kinds = [kind for kind, (_, _, verb) in TICKS.items() if who.may(verb)]
    first, last = _stored_from(session, since), _stored_from(session, until + LATEST)
    query = select(FactRow.kind, FactRow.id, FactRow.happened_at, FactRow.data_json)
    query = query.where(FactRow.seq >= first, FactRow.seq < last, FactRow.kind.in_(kinds))
    query = query.where(FactRow.area.startswith(area, autoescape=True))
    for kind, id, happened_at, data in session.execute(query):
        if not since <= happened_at < until:
            continue
        name, member, _ = TICKS[kind]
        view = orjson.loads(data)[member]
        title = view.get("title") or f"{view.get('place', '')} {view.get('kind', '')}".strip()
        name = "sos" if view.get("kind") == "sos" else name
        yield EventView(at=iso(happened_at), kind=name, id=id, title=title, lonlat=tuple(view["lonlat"]))


def _stored_from(session: Session, moment: datetime) -> int:
    """The number of the first fact that was stored at or after a moment: numbers have no gaps and follow time."""
    low, high = 1, (session.scalar(select(FactRow.seq).order_by(FactRow.seq.desc()).limit(1)) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        stored_at = session.scalar(select(FactRow.stored_at).where(FactRow.seq == middle))
        # A log may have been cut at its beginning.
        if stored_at is None or stored_at < moment:
            low = middle + 1
        else:
            high = middle
    return low
