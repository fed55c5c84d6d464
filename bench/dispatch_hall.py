"""The same question as the hall is asked it: forces, orders and closures read from its store, then the ranking."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from sqlalchemy import update
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.ingest.position import Position
from command_center.registry.closures.queries import in_force
from command_center.registry.closures.roads import RoadsNow
from command_center.response.advice import Adviser
from command_center.response.candidates import Force, Ranking
from command_center.response.choosing import Need
from command_center.response.responders import muster
from command_center.response.tables import CaseRow, ResponderRow
from command_center.timeline import Timeline, open_timeline
from command_center.timeline.tables import Base
from gis.roads import Travel
from gis.roads.profiles import CAR, FOOT
from gis.town_model import Person

OFFICER = Who("bench", "bench", "值班员", "duty_officer", "320724")
TRAVEL = {CAR: "car", FOOT: "foot"}


@dataclass
class Hall:
    """A store with everybody in it, their newest positions, and who answers."""

    timeline: Timeline
    travel: Travel
    persons: Mapping[str, Person]
    seen: dict[str, Position]
    now: datetime

    def __post_init__(self) -> None:
        self.adviser = Adviser(self, self, self.roads_at)

    def latest(self) -> list[tuple[Position, str]]:
        """As `ingest.positions.PositionIntake` tells them."""
        return [(position, self.persons[id].area) for id, position in self.seen.items()]

    def roads_at(self, session: Session, at: datetime) -> RoadsNow:
        """What is closed is asked, though nothing is."""
        assert not in_force(session, at)
        return RoadsNow(self.travel)

    def move(self, moved: Mapping[str, tuple[float, float]]) -> None:
        """Some are seen elsewhere."""
        for id, (lon, lat) in moved.items():
            self.seen[id] = replace(self.seen[id], lon=lon, lat=lat)

    def turn(self, person_id: str, status: str) -> None:
        """One does something else."""
        with self.timeline.transaction() as tx:
            tx.session.execute(update(ResponderRow).where(ResponderRow.id == person_id).values(status=status))

    def ask(self, need: Need) -> Ranking:
        """The five best for a case, from the beginning of the request's transaction to its end."""
        case = CaseRow(lon=need.lonlat[0], lat=need.lonlat[1], category=need.category, area=need.area)
        with self.timeline.reading() as session:
            return self.adviser.ranking(session, case, who=OFFICER, now=self.now, limit=5)


@contextmanager
def hall_of(travel: Travel, forces: Sequence[Force], profiles: Mapping[str, str], now: datetime) -> Iterator[Hall]:
    """A hall on SQLite with these forces, in their statuses, none of them sent yet."""
    with tempfile.TemporaryDirectory() as folder:
        timeline = open_timeline(f"sqlite:///{Path(folder)}/hall.db", clock=lambda: now)
        Base.metadata.create_all(timeline.engine)
        persons = {
            one.person_id: Person(
                one.person_id, one.name, one.call_sign, one.force, one.unit_id, one.area, one.lonlat or (0.0, 0.0),
                TRAVEL.get(profiles[one.person_id], "scooter"),
            )
            for one in forces
        }  # fmt: skip
        seen = {
            one.person_id: Position(one.person_id, one.position_at, one.position_at, *one.lonlat)
            for one in forces
            if one.lonlat and one.position_at
        }
        with timeline.transaction() as tx:
            muster(tx, persons.values())
            for one in forces:
                tx.session.execute(
                    update(ResponderRow).where(ResponderRow.id == one.person_id).values(status=one.status)
                )
        try:
            yield Hall(timeline, travel, persons, seen, now)
        finally:
            timeline.close()


def moved(
    forces: Sequence[Force], count: int, sigma_deg: float, rng: np.random.Generator
) -> dict[int, tuple[float, float]]:
    """Some of them, by number, a little beside where they are."""
    places = {}
    for i in rng.choice(len(forces), count, replace=False).tolist():
        lon, lat = forces[i].lonlat or (0.0, 0.0)
        east, north = rng.normal(0.0, sigma_deg, 2).tolist()
        places[i] = lon + east, lat + north
    return places
