"""Ask the ranking for one case: everybody of the area, where they are now, and one search over the roads for all."""

from collections.abc import Collection, Sequence
from datetime import datetime, time
from typing import Protocol

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.ingest.position import Position
from command_center.registry.clocks import LOCAL
from command_center.registry.town_index import TRAVEL_MPS, TownIndex
from command_center.response.candidates import (
    MOST_ADVANTAGE_S,
    MOST_NOT_OFFERED,
    Candidate,
    Force,
    Lonlat,
    NotOffered,
    Ranking,
    Travel,
    nearest_first,
    objections,
    rank,
)
from command_center.response.commands import Advice
from command_center.response.tables import CaseRow, OrderRow, ResponderRow
from gis.roads import NoWay

WITHIN_S = 7200.0
FIRST_LOOK = 24


class LastPositions(Protocol):
    """Where everybody was last seen; `ingest.positions.PositionIntake` is one."""

    def latest(self) -> list[tuple[Position, str]]:
        """The newest position of each person heard of, with the person's area."""


class Adviser:
    """Ranks responders for cases; holds no state of its own."""

    def __init__(self, town: TownIndex, positions: LastPositions) -> None:
        self._town = town
        self._positions = positions

    def ranking(self, session: Session, case: CaseRow, *, who: Who, now: datetime, limit: int) -> Ranking:
        """The best of the caller's area for a case, at least `limit` if there are so many, and those not to offer.

        The search over the roads goes only as far as it must so that nobody further away can be among the best.
        """
        forces = self._forces(session, who, now)
        fit = [force for force in forces if not objections(force, case.category, now)]
        others = [force for force in forces if objections(force, case.category, now)]
        best = self._best(fit, case, now, limit)
        rest = rank(others, self._travels(others, case, MOST_NOT_OFFERED), category=case.category, area="", now=now)
        return Ranking(best.offered, nearest_first((*best.not_offered, *rest.not_offered)))

    def advice(
        self, session: Session, case: CaseRow, person_ids: Collection[str], *, who: Who, now: datetime
    ) -> dict[str, Advice]:
        """What the ranking says about the chosen persons, offered or not, to be kept with their orders."""
        forces = [force for force in self._forces(session, who, now) if force.person_id in person_ids]
        travels = self._travels(forces, case, len(forces))
        ranking = rank(forces, travels, category=case.category, area=case.area, now=now)
        ranked: list[Candidate | NotOffered] = [*ranking.offered, *ranking.not_offered]
        place = (case.lon, case.lat)
        return {one.force.person_id: _advice(one, self.route(one.force, place)) for one in ranked}

    def route(self, force: Force, place_lonlat: Lonlat) -> list[Lonlat]:
        """The way of one person to the place, for the map; empty where there is none."""
        if force.lonlat is None:
            return []
        try:
            route = self._town.graph.route(force.lonlat, place_lonlat, speed_mps=self._steady(force.person_id))
        except NoWay:
            return []
        return [(round(float(lon), 6), round(float(lat), 6)) for lon, lat in route.line_lonlat]

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

    def _best(self, fit: Sequence[Force], case: CaseRow, now: datetime, limit: int) -> Ranking:
        """Rank more and more of the nearest until those left out cannot catch up."""
        count = max(FIRST_LOOK, 2 * limit)
        while True:
            travels = self._travels(fit, case, count)
            seen = fit if count >= len(fit) else [force for force in fit if force.person_id in travels]
            ranking = rank(seen, travels, category=case.category, area=case.area, now=now)
            farthest_s = max((travel.seconds for travel in travels.values()), default=0.0)
            sure = [one for one in ranking.offered if one.cost_s <= farthest_s - MOST_ADVANTAGE_S]
            if count >= len(fit) or len(sure) >= limit:
                return ranking
            count *= 4

    def _travels(self, forces: Sequence[Force], case: CaseRow, count: int) -> dict[str, Travel]:
        """One search from the place for everybody whose position is known; the ways of the `count` nearest."""
        known = [(force.person_id, force.lonlat) for force in forces if force.lonlat is not None]
        if not known:
            return {}
        speeds = [self._steady(person_id) for person_id, _ in known]
        reached = self._town.graph.nearest(
            (case.lon, case.lat),
            np.array([lonlat for _, lonlat in known]),
            speeds_mps=np.array([np.nan if speed is None else speed for speed in speeds]),
            k=min(count, len(known)),
            within_s=WITHIN_S,
        )
        return {known[reach.index][0]: Travel(reach.seconds, reach.metres) for reach in reached}

    def _steady(self, person_id: str) -> float | None:
        """The speed of somebody who does not drive; drivers take the speed of the road."""
        person = self._town.persons.get(person_id)
        return TRAVEL_MPS.get(person.travel) if person else None


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
