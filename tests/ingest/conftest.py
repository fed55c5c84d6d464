"""An intake on a real SQLite file, with a clock that tests can move, and behind a real server when asked for."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from command_center import errors
from command_center.access.commands import register_device
from command_center.access.routes import router as access_router
from command_center.ingest.device_routes import router as device_router
from command_center.ingest.doors import Doors
from command_center.ingest.osmand_routes import router as osmand_router
from command_center.ingest.plausible import Bounds
from command_center.ingest.position import Position
from command_center.ingest.positions import PositionIntake
from command_center.ingest.queries import track
from command_center.ingest.reception import Reception
from command_center.ingest.routes import router as ingest_router
from command_center.ingest.senders import Senders
from command_center.settings import Settings
from command_center.timeline import Timeline, open_timeline
from command_center.timeline.tables import Base
from tests.access.serving import serving

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
    reception: Reception

    def at(self, seconds: float, lon: float = 119.4, lat: float = 34.1, person_id: str = "p1") -> Position:
        moment = self.clock() + timedelta(seconds=seconds)
        return Position(person_id, moment, self.clock(), lon, lat)

    def device(self, external_id: str, kind: str = "osmand", **more: Any) -> tuple[str, str]:
        """Register a device of p1 unless said otherwise; its id and token."""
        with self.timeline.transaction() as tx:
            row, token = register_device(
                tx,
                **{"name": external_id, "area": "320724199", "person_id": "p1", "kind": kind} | more,
                external_id=external_id,
            )
            return row.id, token

    def track(self, person_id: str = "p1") -> list[Position]:
        """All that is stored of a person, flagged or not."""
        self.intake.flush()
        since, until = self.at(-8 * 86_400).at, self.at(86_400).at
        with self.timeline.reading() as db:
            return track(db, person_id, since=since, until=until, flagged=True)

    def facts(self, kind: str) -> list[dict[str, Any]]:
        return [fact.data for fact in self.timeline.since(0) if fact.kind == kind]

    def reasons(self, *positions: Position | str) -> list[str | None]:
        rejected = dict(self.intake.take(positions).rejected)
        return [rejected.get(index) for index in range(len(positions))]


def open_gate(path: Path, clock: Clock) -> Gate:
    timeline = open_timeline(f"sqlite:///{path}/hall.db", clock=clock)
    Base.metadata.create_all(timeline.engine)
    heard: list[Position] = []
    intake = PositionIntake(timeline, persons=PERSONS, bounds=COUNTY, settings=Settings())
    intake.listen(heard.extend)
    return Gate(timeline, clock, intake, heard, Reception(timeline, intake, persons=PERSONS))


@pytest.fixture
def address(gate: Gate) -> Iterator[str]:
    """The doors of the gate behind a real server, with a thread that stores what comes in."""
    senders = Senders(gate.timeline, persons=PERSONS, call_signs={"警01": "p1", "辅03": "p3"})
    doors = Doors(gate.timeline, Settings(), gate.reception, senders)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with doors.running():
            yield

    app = FastAPI(lifespan=lifespan)
    errors.install(app)
    app.state.timeline, app.state.settings, app.state.intake = gate.timeline, Settings(), gate.intake
    app.state.reception, app.state.osmand = gate.reception, doors.osmand
    for router in (access_router, ingest_router, device_router, osmand_router):
        app.include_router(router)
    with storing(gate), serving(app) as host:
        yield f"http://{host}"


@contextmanager
def storing(gate: Gate) -> Iterator[None]:
    """Store what comes in, as long as the block lasts."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.02):
            gate.intake.flush()

    writer = threading.Thread(target=work)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = open_gate(tmp_path, Clock())
    yield gate
    gate.timeline.close()
