"""Opens the day's duties, watches positions for them, closes windows, and judges again when positions come late.

The verdict is always taken from stored positions; memory only says when it is worth looking. So a crash forgets
nothing: who was near each open duty is read from the store at the next start.
"""

import threading
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from command_center.ingest.position import Position, from_ms, to_ms
from command_center.ingest.queries import received_since, track
from command_center.ingest.tables import PositionRow
from command_center.patrol.commands import Absence, open_duties, write_verdict
from command_center.patrol.judge import LONGEST_GAP_S, MOST_ACCURACY_M, Fix, Requirement, Verdict, judge
from command_center.patrol.tables import DutyRow, ProgressRow
from command_center.patrol.watch import METRES_PER_DEGREE, NEAR_M, Span, Watch, Watches
from command_center.patrol.windows import local_day
from command_center.registry.tables import PersonRow
from command_center.settings import Settings
from command_center.timeline import Timeline

# The case that called a person away between two instants, None if none did.
CalledAway = Callable[[Session, str, datetime, datetime], str | None]

# Positions are stored within a second; looking later also gathers what else arrives.
JUDGE_AFTER_S = 2.0
REFRESH_S = 5.0
PROGRESS_S = 30.0
# A position is late from here on, and a duty is judged again when one comes up to so long after its window.
LATE_FROM = timedelta(seconds=5)
LATE = timedelta(hours=24)
PROGRESS = "late positions"


class DutyKeeper:
    """One per hall.

    Args:
        timeline: of the hall.
        settings: how long after its window a duty is missed.
        called_away: asked when nobody was there; reads only.
    """

    def __init__(self, timeline: Timeline, settings: Settings, *, called_away: CalledAway) -> None:
        self._timeline = timeline
        self._grace_s = settings.duty_grace_s
        self._called_away = called_away
        self._lock = threading.Lock()
        self._watches = Watches()
        self._day: date | None = None
        self._refreshed_at_s = 0.0
        self._progressed_at_s = 0.0
        self._started = False

    def take(self, positions: Iterable[Position]) -> None:
        """Note which duties these positions may matter to; cheap, from any thread, in any order of time."""
        look_at_s = self._timeline.now().timestamp() + JUDGE_AFTER_S
        with self._lock:
            for position in positions:
                person_id, at_s = position.person_id, position.at.timestamp()
                touched = [
                    watch
                    for watch in self._watches.at(position.lon, position.lat)
                    if watch.touch(person_id, at_s, position.lon, position.lat)
                ]
                if position.received_at - position.at > LATE_FROM:
                    touched += [watch for watch in self._watches if watch.unsettles(person_id, at_s)]
                for watch in touched:
                    if watch.judge_at_s is None:
                        watch.judge_at_s = look_at_s

    def tick(self, now: datetime) -> int:
        """Do what is due: open the day, judge, close windows. To be called about once a second.

        Returns:
            How many duties were judged.
        """
        now_s = now.timestamp()
        if local_day(now) != self._day:
            self._open_day(local_day(now))
        if now_s - self._refreshed_at_s >= REFRESH_S or not self._started:
            self._refresh(now)
        if not self._started:
            self._catch_up()
        due = [watch for watch in self._snapshot() if self._is_due(watch, now_s)]
        for watch in due:
            self._judge(watch, now_s)
        if now_s - self._progressed_at_s >= PROGRESS_S:
            self._write_progress(now)
        return len(due)

    def _open_day(self, day: date) -> None:
        with self._timeline.transaction() as tx:
            # A window of yesterday evening may still be to come where the hall was down over midnight.
            open_duties(tx, day - timedelta(days=1))
            open_duties(tx, day)
        self._day = day
        self._refreshed_at_s = 0.0

    def _refresh(self, now: datetime) -> None:
        """Watch what is open or settled lately, as it now stands, and let go of the rest."""
        recent = or_(DutyRow.settled_at.is_(None), DutyRow.window_end > now - LATE)
        with self._timeline.reading() as db:
            rows = list(db.scalars(select(DutyRow).where(recent)))
        watched = {row.id: _watch(row) for row in rows if not (row.state == "excused" and row.cause is None)}
        with self._lock:
            for watch in self._watches:
                if watch.duty_id not in watched:
                    self._watches.drop(watch.duty_id)
            for fresh in watched.values():
                known = self._watches.get(fresh.duty_id)
                if known is None or not known.same_as(fresh):
                    self._watches.add(fresh)
        self._refreshed_at_s = now.timestamp()

    def _catch_up(self) -> None:
        """After a start: what arrived for settled duties and was not looked at before the stop."""
        with self._timeline.reading() as db:
            progress = db.get(ProgressRow, PROGRESS)
            if progress is not None:
                self.take(received_since(db, from_ms(progress.received_ms)))
        self._started = True

    def _snapshot(self) -> list[Watch]:
        with self._lock:
            return list(self._watches)

    def _is_due(self, watch: Watch, now_s: float) -> bool:
        if not watch.settled and now_s >= watch.requirement.end_s + self._grace_s:
            return True
        if not watch.filled and not watch.settled and now_s >= watch.requirement.start_s:
            return True
        return watch.judge_at_s is not None and now_s >= watch.judge_at_s

    def _judge(self, watch: Watch, now_s: float) -> None:
        closing = not watch.settled and now_s >= watch.requirement.end_s + self._grace_s
        with self._lock:
            watch.judge_at_s = None
        with self._timeline.reading() as db:
            if not watch.filled:
                self._fill(db, watch)
            verdict = self._verdict(db, watch, everybody=closing or watch.settled)
            final = closing or watch.settled
            absence = self._absence(db, watch) if final and verdict.visited_by is None else None
        if verdict.visited_by is None and not final:
            return
        with self._timeline.transaction() as tx:
            write_verdict(tx, id=watch.duty_id, verdict=verdict, closing=closing, absence=absence)
        watch.visited = verdict.visited_by is not None
        watch.settled = final

    def _verdict(self, db: Session, watch: Watch, *, everybody: bool) -> Verdict:
        """Judge all who came near; while the window is open only those who may have stayed long enough."""
        need = watch.requirement
        with self._lock:
            spans = dict(watch.near) if everybody else watch.long_enough()
        return judge({person_id: _fixes(db, person_id, span, need) for person_id, span in spans.items()}, need)

    def _absence(self, db: Session, watch: Watch) -> Absence:
        """Why nobody was there. A silent device is not the same as a person who did not come."""
        need, person_id = watch.requirement, watch.person_id
        if person_id is None:
            return Absence("not_visited")
        start, end = _moment(need.start_s), _moment(need.end_s)
        case_id = self._called_away(db, person_id, start, end)
        if case_id is not None:
            return Absence("called_away", case_id)
        heard = select(PositionRow.at_ms).where(
            PositionRow.person_id == person_id, PositionRow.at_ms.between(to_ms(start), to_ms(end))
        )
        return Absence("device_silent" if db.scalar(heard.limit(1)) is None else "not_visited")

    def _fill(self, db: Session, watch: Watch) -> None:
        """Read from the store who was near and when: for duties met in the middle of their window, or after a start."""
        persons = [watch.only_person_id] if watch.only_person_id else list(db.scalars(select(PersonRow.id)))
        need = watch.requirement
        near = _spans(db, persons, need, need.radius_m + NEAR_M)
        inside = _spans(db, persons, need, need.radius_m + MOST_ACCURACY_M)
        with self._lock:
            watch.merge(near=near, inside=inside)
            watch.filled = True

    def _write_progress(self, now: datetime) -> None:
        # What arrived just now may be stored only in a second; looking twice does no harm.
        received_ms = to_ms(now) - round(2_000 * JUDGE_AFTER_S)
        with self._timeline.transaction() as tx:
            row = tx.session.get(ProgressRow, PROGRESS)
            if row is None:
                tx.session.add(ProgressRow(name=PROGRESS, received_ms=received_ms))
            else:
                row.received_ms = received_ms
        self._progressed_at_s = now.timestamp()


def _watch(row: DutyRow) -> Watch:
    return Watch(
        duty_id=row.id,
        requirement=Requirement(
            lon=row.lon,
            lat=row.lat,
            radius_m=row.radius_m,
            dwell_s=row.need_s,
            start_s=row.window_start.timestamp(),
            end_s=row.window_end.timestamp(),
        ),
        person_id=row.person_id,
        only_person_id=row.person_id if row.assigned_only else None,
        settled=row.settled_at is not None,
        visited=row.state == "visited",
        filled=False,
    )


def _fixes(db: Session, person_id: str, span: Span, need: Requirement) -> list[Fix]:
    """Everything known of a person from shortly before he came near until shortly after, within the window."""
    since = _moment(max(span[0], need.start_s) - LONGEST_GAP_S)
    until = _moment(min(span[1], need.end_s) + LONGEST_GAP_S)
    return [_fix(position) for position in track(db, person_id, since=since, until=until)]


def _fix(position: Position) -> Fix:
    accuracy_m = float("inf") if position.accuracy_m is None else position.accuracy_m
    return Fix(position.at.timestamp(), accuracy_m, position.lon, position.lat)


def _spans(db: Session, persons: list[str], need: Requirement, reach_m: float) -> dict[str, Span]:
    """First and last time of each person within a square around the place, in the window and a little around it."""
    north = reach_m / METRES_PER_DEGREE
    east = north * 2.0
    first_ms = to_ms(_moment(need.start_s - LONGEST_GAP_S))
    last_ms = to_ms(_moment(need.end_s + LONGEST_GAP_S))
    query = (
        select(PositionRow.person_id, func.min(PositionRow.at_ms), func.max(PositionRow.at_ms))
        .where(PositionRow.person_id.in_(persons), PositionRow.at_ms.between(first_ms, last_ms))
        .where(PositionRow.lon.between(need.lon - east, need.lon + east))
        .where(PositionRow.lat.between(need.lat - north, need.lat + north))
        .group_by(PositionRow.person_id)
    )
    return {person_id: (first / 1000.0, last / 1000.0) for person_id, first, last in db.execute(query)}


def _moment(at_s: float) -> datetime:
    return from_ms(round(at_s * 1000.0))
