"""An intake on a real SQLite file, with a clock that tests can move, and behind a real server when asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from command_center.ingest.plausible import Bounds
from command_center.ingest.position import Position
from command_center.ingest.positions import PositionIntake
from command_center.settings import Settings
from command_center.timeline import Timeline, open_timeline
from command_center.timeline.tables import Base

COUNTY = Bounds(119.1, 33.9, 119.9, 34.5)
PERSONS = {"p1": "320724199001", "p2": "320724199001", "p3": "320724199002"}


@dataclass
class Clock:
    moment: datetime = field(default_factory=lambda: datetime(2026, 8, 23, 1, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Gate:
    """The intake with what it stands on."""

    timeline: Timeline
    clock: Clock
    intake: PositionIntake
    heard: list[Position]

    def at(self, seconds: float, lon: float = 119.4, lat: float = 34.1, person_id: str = "p1") -> Position:
        moment = self.clock() + timedelta(seconds=seconds)
        return Position(person_id, moment, self.clock(), lon, lat)

    def reasons(self, *positions: Position | str) -> list[str | None]:
        rejected = dict(self.intake.take(positions).rejected)
        return [rejected.get(index) for index in range(len(positions))]


def open_gate(path: Path, clock: Clock) -> Gate:
    timeline = open_timeline(f"sqlite:///{path}/hall.db", clock=clock)
    Base.metadata.create_all(timeline.engine)
    heard: list[Position] = []
    intake = PositionIntake(timeline, persons=PERSONS, bounds=COUNTY, settings=Settings())
    intake.listen(heard.extend)
    return Gate(timeline, clock, intake, heard)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = open_gate(tmp_path, Clock())
    yield gate
    gate.timeline.close()
