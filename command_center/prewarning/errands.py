"""What people on duty have to do right now: open duties whose window runs, and the rounds of published plans."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.patrol.duties.tables import DutyRow
from command_center.patrol.plans.under_way import PlannedRounds
from gis.metric import distances_m

Lonlat = tuple[float, float]
# A stop of a round is a place to go to; the point there has its own circle.
STOP_RADIUS_M = 50.0


@dataclass(frozen=True, slots=True)
class Errand:
    """An open duty whose window runs, or one stop of a round under way, and who is to do it."""

    duty_id: str
    person_id: str
    places: tuple[Lonlat, ...]
    radius_m: float

    def distance_m(self, lon: float, lat: float) -> float:
        """Metres to the nearest place of it, 0 within its radius."""
        away = float(distances_m(np.array(self.places), (lon, lat)).min())
        return max(0.0, away - self.radius_m)


def errands(db: Session, now: datetime, planned: PlannedRounds) -> dict[str, list[Errand]]:
    """By person; duties first."""
    found: dict[str, list[Errand]] = {}
    for errand in (*_of_duties(db, now), *_of_rounds(db, now, planned)):
        found.setdefault(errand.person_id, []).append(errand)
    return found


def _of_duties(db: Session, now: datetime) -> Iterator[Errand]:
    query = select(DutyRow).where(DutyRow.state == "open", DutyRow.person_id.is_not(None))
    for row in db.scalars(query.where(DutyRow.window_start <= now, DutyRow.window_end > now)):
        assert row.person_id is not None
        places = tuple((lon, lat) for lon, lat in row.line) if row.line else ((row.lon, row.lat),)
        yield Errand(row.id, row.person_id, places, row.radius_m)


def _of_rounds(db: Session, now: datetime, planned: PlannedRounds) -> Iterable[Errand]:
    """Each stop by itself: who goes from one to the next leaves the one and comes nearer to the other."""
    for one in planned.under_way(db, now):
        for person_id in one.persons:
            for number, places in enumerate(one.stops):
                yield Errand(f"{one.plan_id}:{one.team_id}:{number}", person_id, places, STOP_RADIUS_M)
