"""Ask the ranking for one case: everybody of the area, where they are now, and one search over the roads for all."""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.ingest.position import Position
from command_center.registry.clocks import LOCAL
from command_center.registry.town_index import TownIndex, profile_of
from command_center.response.candidates import Candidate, Force, Lonlat, NotOffered, Ranking, rank
from command_center.response.choosing import Chooser, Need
from command_center.response.commands import Advice
from command_center.response.tables import CaseRow, OrderRow, ResponderRow
from gis.roads.profiles import CAR


class LastPositions(Protocol):
    """Where everybody was last seen; `ingest.positions.PositionIntake` is one."""

    def latest(self) -> list[tuple[Position, str]]:
        """The newest position of each person heard of, with the person's area."""


class Adviser:
    """Ranks responders for cases; one for each town, since it keeps where everybody stands on its roads."""

    def __init__(self, town: TownIndex, positions: LastPositions) -> None:
        self._town = town
        self._positions = positions
        self.chooser = Chooser(town.travel, self._profile_of)

    def keep_up(self) -> bool:
        """Find the roads on which people are now, before somebody asks; there is never more to do at once."""
        seen = [position for position, _ in self._positions.latest()]
        self.chooser.keep_up([one.person_id for one in seen], [(one.lon, one.lat) for one in seen])
        return False

    def ranking(self, session: Session, case: CaseRow, *, who: Who, now: datetime, limit: int) -> Ranking:
        """The best `limit` of the caller's area for a case, and the nearest of those not to offer."""
        return self.chooser.ranking(self._forces(session, who, now), _need(case), now=now, limit=limit)

    def advice(
        self, session: Session, case: CaseRow, person_ids: Collection[str], *, who: Who, now: datetime
    ) -> dict[str, Advice]:
        """What the ranking says about the chosen persons, offered or not, to be kept with their orders."""
        forces = [force for force in self._forces(session, who, now) if force.person_id in person_ids]
        travels = self.chooser.travels(forces, (case.lon, case.lat), len(forces))
        ranking = rank(forces, travels, category=case.category, area=case.area, now=now)
        ranked: list[Candidate | NotOffered] = [*ranking.offered, *ranking.not_offered]
        place = (case.lon, case.lat)
        return {one.force.person_id: _advice(one, self.route(one.force, place)) for one in ranked}

    def route(self, force: Force, place_lonlat: Lonlat) -> list[Lonlat]:
        """The way of one person to the place, for the map; empty where there is none."""
        return self.chooser.route(force, place_lonlat)

    def _forces(self, session: Session, who: Who, now: datetime) -> list[Force]:
        seen = {position.person_id: position for position, _ in self._positions.latest()}
        today = datetime.combine(now.astimezone(LOCAL).date(), time(), LOCAL)
        sent = select(OrderRow.person_id, func.count()).where(OrderRow.sent_at >= today).group_by(OrderRow.person_id)
        loads = {person_id: count for person_id, count in session.execute(sent)}
        open_orders = select(OrderRow.person_id, OrderRow.code).where(OrderRow.active_for.is_not(None))
        busy = {person_id: code for person_id, code in session.execute(open_orders)}
        rows = session.scalars(
            select(ResponderRow)
            .where(ResponderRow.area.startswith(who.area, autoescape=True))
            .order_by(ResponderRow.id)
        )
        return [_force(row, seen.get(row.id), busy.get(row.id), loads.get(row.id, 0)) for row in rows]

    def _profile_of(self, person_id: str) -> str:
        person = self._town.persons.get(person_id)
        return profile_of(person) if person else CAR


def _need(case: CaseRow) -> Need:
    return Need((case.lon, case.lat), case.category, case.area)


def _advice(one: Candidate | NotOffered, route: Sequence[Lonlat]) -> Advice:
    travel = one.travel
    if travel is None:
        return Advice(None, None, one.reasons)
    return Advice(round(travel.seconds, 1), round(travel.metres, 1), one.reasons, route)


def _force(row: ResponderRow, seen: Position | None, order_code: str | None, orders_today: int) -> Force:
    return Force(
        row.id,
        row.name,
        row.call_sign,
        row.force,
        row.unit_id,
        row.area,
        row.status,
        order_code,
        (seen.lon, seen.lat) if seen else None,
        seen.at if seen else None,
        orders_today,
    )
