"""A patrol on a real SQLite file: the intake, the keeper and a clock that tests can move."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.ingest.plausible import Bounds
from command_center.ingest.position import Position
from command_center.ingest.positions import PositionIntake
from command_center.patrol.duties.facts import DutyView, duty_view
from command_center.patrol.duties.keeper import DutyKeeper
from command_center.patrol.duties.tables import DutyRow
from command_center.patrol.points.commands import add_point
from command_center.registry.tables import PersonRow
from command_center.settings import Settings
from command_center.timeline import Timeline, open_timeline
from command_center.timeline.tables import Base
from gis.metric import destination

COUNTY = Bounds(119.1, 33.9, 119.9, 34.5)
GRID = "320724199001001"
PLACE = (119.4, 34.1)
PERSONS = {"p1": "320724199001", "p2": "320724199001", "p3": "320724199002"}
PLANNER = Who("u1", "planner", "周海燕", "coordinator", "320724199")
# 08:00 in the town; the window of `POINT` is 08:10 to 08:40.
MORNING = datetime(2026, 8, 23, 0, 0, tzinfo=UTC)
POINT: dict[str, Any] = {
    "name": "中心小学",
    "kind": "school",
    "area": GRID,
    "lonlat": PLACE,
    "radius_m": 80.0,
    "dwell_s": 300,
    "windows": [{"start": "08:10:00", "end": "08:40:00"}],
    "person_id": "p1",
}


@dataclass
class Clock:
    moment: datetime = MORNING

    def __call__(self) -> datetime:
        return self.moment


@dataclass
class Patrol:
    """The patrol of one process; `stop` and a new one on the same path is a restart."""

    path: Path
    clock: Clock
    away: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.timeline: Timeline = open_timeline(f"sqlite:///{self.path}/hall.db", clock=self.clock)
        Base.metadata.create_all(self.timeline.engine)
        self.keeper = DutyKeeper(self.timeline, Settings(), called_away=self._called_away)
        self.watch_over(PERSONS)

    def watch_over(self, persons: dict[str, str]) -> None:
        """Take in the positions of these persons."""
        self.intake = PositionIntake(self.timeline, persons=persons, bounds=COUNTY, settings=Settings())
        self.intake.when_stored(self.keeper.stored)

    def _called_away(self, _db: Session, person_id: str, _start: datetime, _end: datetime) -> str | None:
        return self.away.get(person_id)

    def stop(self) -> None:
        self.timeline.close()

    def point(self, **more: Any) -> str:
        with self.timeline.transaction() as tx:
            return add_point(tx, **(POINT | more)).id

    def at(self, minutes: float) -> datetime:
        """So many minutes after 08:00."""
        return MORNING + timedelta(minutes=minutes)

    def standing(
        self, start_min: float, end_min: float, *, person_id: str = "p1", away_m: float = 0.0, every_s: float = 10.0
    ) -> list[Position]:
        """Fixes of somebody who stands at a distance from the point."""
        lon, lat = destination(PLACE, 90.0, away_m)
        count = int((end_min - start_min) * 60 / every_s) + 1
        times = [self.at(start_min) + timedelta(seconds=every_s * i) for i in range(count)]
        return [Position(person_id, time, max(time, self.clock()), lon, lat, accuracy_m=8.0) for time in times]

    def live(self, positions: Iterable[Position], until_min: float) -> None:
        """Let time pass in steps of twenty seconds, with each position arriving when it was taken."""
        waiting = sorted(positions, key=lambda position: position.at)
        end = self.at(until_min)
        while self.clock.moment < end:
            self.clock.moment = min(self.clock.moment + timedelta(seconds=20), end)
            now = [position for position in waiting if position.at <= self.clock.moment]
            waiting = waiting[len(now) :]
            self.send(now)
            self.keeper.tick(self.clock.moment)

    def send(self, positions: Iterable[Position]) -> None:
        self.intake.take(positions)
        self.intake.flush()

    def settle(self, minutes: float) -> None:
        """Jump to a time and do what is due there, and what comes of it."""
        self.clock.moment = self.at(minutes)
        for _ in range(3):
            self.keeper.tick(self.clock.moment)
            self.clock.moment += timedelta(seconds=3)

    def duty(self) -> DutyView:
        return self.duties()[0]

    def duties(self) -> list[DutyView]:
        with self.timeline.reading() as db:
            return [
                duty_view(row) for row in db.scalars(select(DutyRow).order_by(DutyRow.window_start, DutyRow.point_id))
            ]

    def kinds(self) -> list[str]:
        return [fact.kind for fact in self.timeline.since(0)]


@contextmanager
def patrolling(path: Path, **more: Any) -> Iterator[Patrol]:
    patrol = Patrol(path, Clock(), **more)
    with patrol.timeline.transaction() as tx:
        for number, (person_id, area) in enumerate(PERSONS.items()):
            tx.session.add(
                PersonRow(
                    id=person_id,
                    name=person_id,
                    call_sign=f"辅{number:02}",
                    force="AUX",
                    unit_id="U01",
                    area=area,
                    lon=PLACE[0],
                    lat=PLACE[1],
                    travel="foot",
                )
            )
    yield patrol
    patrol.stop()


@pytest.fixture
def patrol(tmp_path: Path) -> Iterator[Patrol]:
    with patrolling(tmp_path) as patrol:
        yield patrol


@pytest.fixture
def restarted() -> Callable[[Patrol], Patrol]:
    """The same patrol after a crash: nothing survives but the file."""

    def restart(patrol: Patrol) -> Patrol:
        patrol.stop()
        return Patrol(patrol.path, patrol.clock, patrol.away)

    return restart
