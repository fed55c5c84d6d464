"""A day of patrols through intake, keeper and store, in order and as phones bring it: same ledger, how fast?"""

import contextlib
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bench.patrol_day import MIDNIGHT, Arrivals, Day, Size, make_day
from bench.report import Figure, Report
from command_center.ingest.plausible import Bounds
from command_center.ingest.positions import PositionIntake
from command_center.patrol.duties.facts import duty_view
from command_center.patrol.duties.keeper import DutyKeeper
from command_center.patrol.duties.tables import DutyRow, JudgementRow
from command_center.patrol.lines.commands import add_line
from command_center.patrol.points.commands import add_point
from command_center.registry.tables import PersonRow
from command_center.settings import Settings
from command_center.timeline import Timeline, open_timeline
from command_center.timeline.tables import Base

GRID = "320724199001001"
COUNTY = Bounds(119.0, 33.8, 119.9, 34.6)
# After the last position the hall still waits with what it has put off.
AFTER = timedelta(minutes=30)
KEPT = ("state", "visited_by", "visited_at", "dwell_s", "share", "done", "cause", "case_id", "detail")

Outcome = tuple[object, ...]


@dataclass
class Replay:
    """What a day came to, and the seconds that each part of the hall took for it."""

    ledger: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    positions: int = 0
    judged: int = 0
    rows: int = 0
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
        _plan(timeline, day)
        keeper = DutyKeeper(timeline, Settings(), called_away=lambda *_: None)
        intake = PositionIntake(timeline, persons=dict.fromkeys(day.persons, GRID), bounds=COUNTY, settings=Settings())
        intake.listen(keeper.take)
        found = Replay()
        for moment, positions in arrivals.batches(step_s):
            clock.moment = moment
            with _timed(found, "take and geofence"):
                intake.take(positions)
            with _timed(found, "store"):
                intake.flush()
            with _timed(found, "judge"):
                found.judged += keeper.tick(moment)
        last = clock.moment + AFTER
        while clock.moment < last:
            clock.moment += timedelta(seconds=max(step_s, 5.0))
            with _timed(found, "judge"):
                found.judged += keeper.tick(clock.moment)
        found.positions = intake.accepted
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


def _plan(timeline: Timeline, day: Day) -> None:
    Base.metadata.create_all(timeline.engine)
    with timeline.transaction() as tx:
        for number, id in enumerate(day.persons):
            tx.session.add(
                PersonRow(
                    id=id,
                    name=id,
                    call_sign=f"辅{number:03}",
                    force="AUX",
                    unit_id="U01",
                    area=GRID,
                    lon=119.4,
                    lat=34.1,
                    travel="foot",
                )
            )
    with timeline.transaction() as tx:
        for point in day.points:
            add_point(
                tx,
                id=point.id,
                name=point.id,
                kind="school",
                area=GRID,
                lonlat=point.lonlat,
                radius_m=50.0,
                dwell_s=point.dwell_s,
                windows=point.windows,
                person_id=point.person_id,
            )
        for line in day.lines:
            add_line(
                tx,
                id=line.id,
                name=line.id,
                area=GRID,
                line=line.corners,
                windows=line.windows,
                person_id=line.person_id,
                both_sides=line.both_sides,
            )


def _read(timeline: Timeline, found: Replay) -> None:
    with timeline.reading() as db:
        for row in db.scalars(select(DutyRow)):
            view = duty_view(row)
            key = (row.point_id or row.line_id or "", view["window_start"])
            found.ledger[key] = tuple(repr(view[name]) for name in KEPT)  # type: ignore[literal-required]
        found.rows = len(db.scalars(select(JudgementRow.id)).all())


def run(patrollers: int, hours: float, seed: int) -> Report:
    """The figures of one day."""
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
        ]
    return Report("proof", figures)
