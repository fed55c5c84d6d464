"""Opens the day's duties, watches positions for them, closes windows, and judges again when positions come late.

The verdict is always taken from what is stored: positions come here when they are on disk, memory holds their rows only
as a copy. So a crash forgets nothing: who was near each open duty is read from the store at the next start.
"""

import threading
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select

from command_center.ingest.position import NO_FLAGS, Flag, Position, from_ms, to_ms
from command_center.ingest.queries import received_since
from command_center.patrol.duties.commands import Grounds, open_duties, write_verdict
from command_center.patrol.duties.evidence import load_track
from command_center.patrol.duties.judging import CalledAway, Finding, glance, look, watch_of, who_was_near
from command_center.patrol.duties.tables import DutyRow, ProgressRow
from command_center.patrol.duties.tracks import Tracks
from command_center.patrol.proof.fixes import Floats
from command_center.patrol.proof.street import StreetRequirement
from command_center.patrol.proof.watch import Watch, Watches
from command_center.patrol.windows import local_day
from command_center.settings import Settings
from command_center.timeline import Timeline

# Looking a little later also gathers what else arrives.
JUDGE_AFTER_S = 2.0
# While positions keep coming a duty is judged at most so often: open points, open streets, settled duties. The last
# wait grows, for late positions may trickle in for an hour.
POINT_EVERY_S = 15.0
STREET_EVERY_S = 60.0
AGAIN_EVERY_S = 30.0
AGAIN_MOST_S = 300.0
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
        self._tracks = Tracks(self._load)
        self._day: date | None = None
        self._refreshed_at_s = 0.0
        self._progressed_at_s = 0.0
        self._started = False

    def stored(self, positions: Sequence[Position]) -> None:
        """Note what was stored just now, in that order, and which duties it may matter to; one call at a time."""
        self._tracks.note(positions)
        self._take(positions)

    def changed(self, person_id: str, since: datetime, until: datetime) -> None:
        """Stored positions of a person in [since, until] are believed no longer: judge anew what rests on them."""
        self._tracks.forget(person_id, since, until)
        now_s = self._timeline.now().timestamp()
        with self._lock:
            for watch in self._watches.of(person_id, since.timestamp(), until.timestamp()):
                _call(watch, now_s)

    def _take(self, positions: Iterable[Position]) -> None:
        now_s = self._timeline.now().timestamp()
        touched = self._watches.touched
        with self._lock:
            for position in positions:
                if position.flags is not NO_FLAGS and position.flags & Flag.impossible_speed:
                    continue
                person_id, at = position.person_id, position.at
                late = position.received_at - at > LATE_FROM
                for watch in touched(person_id, at.timestamp(), position.lon, position.lat, late=late):
                    _call(watch, now_s)
                    if watch.settled and late:
                        watch.late[person_id] += 1

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
        kept = or_(DutyRow.state != "excused", DutyRow.cause.is_not(None))
        with self._timeline.reading() as db:
            versions = {
                id: version for id, version in db.execute(select(DutyRow.id, DutyRow.version).where(recent, kept))
            }
            changed = [id for id, version in versions.items() if not self._knows(id, version)]
            fresh = [watch_of(db, db.get_one(DutyRow, id)) for id in changed]
        with self._lock:
            for watch in self._watches:
                if watch.duty_id not in versions:
                    self._watches.drop(watch.duty_id)
            for watch in fresh:
                known = self._watches.get(watch.duty_id)
                if known is None or not known.asks_the_same(watch):
                    self._watches.add(watch)
                else:
                    known.version = watch.version
        self._refreshed_at_s = now.timestamp()

    def _knows(self, duty_id: str, version: int) -> bool:
        watch = self._watches.get(duty_id)
        return watch is not None and watch.version == version

    def _catch_up(self) -> None:
        """After a start: what arrived for settled duties and was not looked at before the stop."""
        with self._timeline.reading() as db:
            progress = db.get(ProgressRow, PROGRESS)
            if progress is not None:
                self._take(received_since(db, from_ms(progress.received_ms)))
        self._started = True

    def _snapshot(self) -> list[Watch]:
        with self._lock:
            return list(self._watches)

    def _is_due(self, watch: Watch, now_s: float) -> bool:
        if watch.judge_at_s is not None and now_s >= watch.judge_at_s:
            return True
        if watch.settled:
            return False
        need = watch.requirement
        return now_s >= need.end_s + self._grace_s or (not watch.filled and now_s >= need.start_s)

    def _judge(self, watch: Watch, now_s: float) -> None:
        closing = not watch.settled and now_s >= watch.requirement.end_s + self._grace_s
        final = closing or watch.settled
        with self._lock:
            watch.judge_at_s = None
            late, was_late_since = dict(watch.late), watch.since_s
            watch.late.clear()
        try:
            self._weigh_and_write(watch, now_s, closing=closing, late=late)
        except Exception:
            # Whatever the store raised, the news must be looked at again; then it goes up.
            with self._lock:
                watch.judge_at_s, watch.since_s = now_s + JUDGE_AFTER_S, was_late_since
                watch.late.update(late)
            raise
        watch.times = watch.times + 1 if watch.settled else 0
        watch.judged_at_s = now_s
        watch.settled = final

    def _weigh_and_write(self, watch: Watch, now_s: float, *, closing: bool, late: dict[str, int]) -> None:
        finding = self._finding(watch, now_s, final=closing or watch.settled)
        if finding is None:
            return
        verdict, told = finding.verdict, (finding.verdict, finding.absence)
        if watch.told == told and not closing:
            return
        with self._timeline.transaction() as tx:
            row = write_verdict(
                tx,
                id=watch.duty_id,
                verdict=verdict,
                closing=closing,
                absence=finding.absence,
                grounds=Grounds(finding.received_ms, late),
            )
        watch.told = told
        watch.visited = verdict.visited_by is not None
        if row is not None:
            watch.version = row.version

    def _finding(self, watch: Watch, now_s: float, *, final: bool) -> Finding | None:
        """What is to be written; None while the window is open and nothing is proved."""
        if not watch.filled:
            with self._timeline.reading() as db:
                near, inside = who_was_near(db, watch)
            with self._lock:
                self._watches.fill(watch, near=near, inside=inside)
        if not final and isinstance(watch.requirement, StreetRequirement):
            verdict = glance(self._tracks, watch, now_s)
            if verdict.visited_by is None or watch.visited:
                return None if watch.visited else Finding(verdict, None, 0)
        with self._lock:
            spans = dict(watch.counting) if final else watch.long_enough()
        with self._timeline.reading() as db:
            finding = look(db, self._tracks, watch, spans, final=final, called_away=self._called_away)
        return finding if final or finding.verdict.visited_by is not None else None

    def _load(self, person_id: str, since_ms: int, until_ms: int) -> Floats:
        with self._timeline.reading() as db:
            return load_track(db, person_id, since_ms, until_ms)

    def _write_progress(self, now: datetime) -> None:
        """Note up to when what arrived was looked at; news that wait to be judged are not."""
        with self._lock:
            waiting_s = min((watch.since_s for watch in self._watches if watch.judge_at_s is not None), default=None)
        seen = now if waiting_s is None else min(now, datetime.fromtimestamp(waiting_s, now.tzinfo))
        # What arrived just now may be stored only in a second; looking twice does no harm.
        received_ms = to_ms(seen) - round(2_000 * JUDGE_AFTER_S)
        with self._timeline.transaction() as tx:
            row = tx.session.get(ProgressRow, PROGRESS)
            if row is None:
                tx.session.add(ProgressRow(name=PROGRESS, received_ms=received_ms))
            else:
                row.received_ms = received_ms
        self._progressed_at_s = now.timestamp()


def _call(watch: Watch, now_s: float) -> None:
    """There is news for a watch: it is to be judged soon."""
    if watch.judge_at_s is None:
        watch.since_s = now_s
        watch.judge_at_s = max(now_s + JUDGE_AFTER_S, watch.judged_at_s + _wait_s(watch))


def _wait_s(watch: Watch) -> float:
    """How long after a judgement the next one may come."""
    if watch.settled:
        return 0.0 if watch.times == 0 else min(AGAIN_MOST_S, AGAIN_EVERY_S * 2.0 ** min(watch.times - 1, 10))
    return STREET_EVERY_S if isinstance(watch.requirement, StreetRequirement) else POINT_EVERY_S
