"""A day of patrols through intake, keeper and store, in order and as phones bring it: same ledger, how fast?"""

import contextlib
import itertools
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.patrol_day import MIDNIGHT, Arrivals, Day, Size, make_day
from bench.proof_hall import deliveries, doors, plan
from bench.proof_live import live
from bench.report import Figure, Report
from command_center.patrol.duties.facts import duty_view
from command_center.patrol.duties.keeper import DutyKeeper
from command_center.patrol.duties.tables import DutyRow, JudgementRow
from command_center.settings import Settings
from command_center.timeline import Timeline, open_timeline

# After the last position the hall still waits with what it has put off.
AFTER = timedelta(minutes=30)
STEPS_A_WRITE = 6
KEPT = ("state", "visited_by", "visited_at", "dwell_s", "share", "done", "cause", "case_id", "detail")

Outcome = tuple[object, ...]


@dataclass
class Replay:
    """What a day came to, and the seconds that each part of the hall took for it."""

    ledger: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    positions: int = 0
    judged: int = 0
    rows: int = 0
    broken: int = 0
    spent_s: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    processor_s: float = 0.0

    @property
    def seconds(self) -> float:
        return sum(self.spent_s.values())


class _Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


def replay(day: Day, arrivals: Arrivals, folder: Path, *, step_s: float) -> Replay:
    """Let a day happen in steps of time on an empty hall in `folder`."""
    clock = _Clock(MIDNIGHT + timedelta(hours=day.size.start_h))
    timeline = open_timeline(f"sqlite:///{folder}/hall.db", clock=clock)
    try:
        plan(timeline, day)
        keeper = DutyKeeper(timeline, Settings(), called_away=lambda *_: None)
        reception, _ = doors(timeline, day, keeper)
        found = Replay()
        for step, (moment, positions) in enumerate(arrivals.batches(step_s)):
            clock.moment = moment
            batch = deliveries(positions)
            with _timed(found, "check and weigh"):
                found.positions += sum(taken.accepted for taken in reception.receive(batch))
            with _timed(found, "store and geofence"):
                reception.store()
            with _timed(found, "judge"):
                found.judged += keeper.tick(moment)
            if step % STEPS_A_WRITE == 0:
                with _timed(found, "states of devices"):
                    reception.write()
        last = clock.moment + AFTER
        while clock.moment < last:
            clock.moment += timedelta(seconds=max(step_s, 5.0))
            with _timed(found, "judge"):
                found.judged += keeper.tick(clock.moment)
        _read(timeline, found)
        return found
    finally:
        timeline.close()


@contextlib.contextmanager
def _timed(found: Replay, part: str) -> Iterator[None]:
    started, before = time.perf_counter(), time.process_time()
    yield
    found.spent_s[part] += time.perf_counter() - started
    found.processor_s += time.process_time() - before


def _read(timeline: Timeline, found: Replay) -> None:
    with timeline.reading() as db:
        # The hall opens the duties of the day after as well; how many of those are over depends on when a run ends.
        duties = list(db.scalars(select(DutyRow).where(DutyRow.window_start < MIDNIGHT + timedelta(days=1))))
        for row in duties:
            view = duty_view(row)
            key = (row.point_id or row.line_id or "", view["window_start"])
            found.ledger[key] = tuple(repr(view[name]) for name in KEPT)  # type: ignore[literal-required]
        found.rows, found.broken = _versions(db, {row.id: row for row in duties})


def _versions(db: Session, duties: Mapping[str, DutyRow]) -> tuple[int, int]:
    """How many verdicts the ledger holds, and on how many duties it is not what a ledger must be.

    Versions count from 1, each is judged no earlier than the one before, none after the first that settled came without
    its reason, and the last one is how the duty stands.
    """
    versions: defaultdict[str, list[JudgementRow]] = defaultdict(list)
    for row in db.scalars(select(JudgementRow).order_by(JudgementRow.duty_id, JudgementRow.version)):
        if row.duty_id in duties:
            versions[row.duty_id].append(row)
    broken = sum(not _holds(duties[id], rows) for id, rows in versions.items())
    return sum(map(len, versions.values())), broken + len(duties.keys() - versions.keys())


def _holds(duty: DutyRow, rows: list[JudgementRow]) -> bool:
    reasons = [row.why["reason"] for row in rows]
    settled = next((i for i, reason in enumerate(reasons) if reason == "window_over"), len(rows))
    return (
        [row.version for row in rows] == list(range(1, len(rows) + 1))
        and all(row.judged_at <= later.judged_at for row, later in itertools.pairwise(rows))
        and reasons[settled + 1 :] == ["late_positions"] * (len(rows) - settled - 1)
        and all(getattr(rows[-1], name) == getattr(duty, name) for name in KEPT if name != "done")
    )


def run(patrollers: int, hours: float, seed: int, live_s: float) -> Report:
    """The figures of one day, and of some seconds at their own pace."""
    windows = max(1, round(6 * hours / 24)), max(1, round(4 * hours / 24))
    size = Size(patrollers, hours, points=200, lines=60, point_windows=windows[0], line_windows=windows[1])
    day = make_day(size, seed)
    runs = {}
    for name, arrivals in (("in order", day.in_order()), ("as phones bring it", day.as_phones_bring_it(seed + 1))):
        with tempfile.TemporaryDirectory(prefix="yiping-proof-") as folder:
            runs[name] = replay(day, arrivals, Path(folder), step_s=10.0)
    ordered, phones = runs["in order"], runs["as phones bring it"]
    equal = sum(phones.ledger.get(key) == outcome for key, outcome in ordered.ledger.items())
    states = Counter(str(outcome[0]).strip("'") for outcome in ordered.ledger.values())
    causes = Counter(str(outcome[6]).strip("'") for outcome in ordered.ledger.values() if outcome[6] != "None")
    figures = [
        Figure("verdicts equal, late and doubled against in order", equal, "duties", len(ordered.ledger), "higher"),
        *(Figure(f"  duties {state}", count, "duties") for state, count in sorted(states.items())),
        *(Figure(f"  cause {cause}", count, "duties") for cause, count in sorted(causes.items())),
    ]
    for name, one in runs.items():
        figures += [
            Figure(f"{name}: positions", one.positions, "positions"),
            Figure(f"{name}: geofenced, stored and judged", one.positions / one.seconds, "1/s", 5_000.0, "higher"),
            Figure(f"{name}: for each second of one core", one.positions / one.processor_s, "1/s"),
            Figure(f"{name}: seconds", one.seconds, "s"),
            *(Figure(f"  {part}", seconds, "s") for part, seconds in one.spent_s.items()),
            Figure(f"{name}: looks at duties", one.judged, "looks"),
            Figure(f"{name}: verdicts in the ledger", one.rows, "rows"),
            Figure(f"{name}: duties whose versions are not in order", one.broken, "duties", 0),
        ]
    return Report("proof", figures + live(live_s, seed))
