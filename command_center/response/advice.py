"""Ask the ranking for one case: everybody of the area, where they are now, and one search over the roads for all."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Protocol

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.ingest.position import Position
from command_center.registry.clocks import LOCAL
from command_center.registry.closures.roads import RoadsNow
from command_center.registry.town_index import profile_of
from command_center.response.candidates import (
    Candidate,
    Force,
    Lonlat,
    NotOffered,
    Ranking,
    Reason,
    rank,
)
from command_center.response.choosing import Chooser, Need
from command_center.response.commands import Advice
from command_center.response.roll import Roll
from command_center.response.tables import CaseRow, OrderRow, ResponderRow
from gis.roads import Travel
from gis.roads.profiles import CAR
from gis.town_model import Person


class LastPositions(Protocol):
    """Where everybody was last seen; `ingest.positions.PositionIntake` is one."""

    def latest(self) -> list[tuple[Position, str]]:
        """The newest position of each person heard of, with the person's area."""


class Town(Protocol):
    """Where, and who; `registry.town_index.TownIndex` is one."""

    @property
    def travel(self) -> Travel: ...
    @property
    def persons(self) -> Mapping[str, Person]: ...


# What a `Force` begins with.
PERSON = (
    ResponderRow.id,
    ResponderRow.name,
    ResponderRow.call_sign,
    ResponderRow.force,
    ResponderRow.unit_id,
    ResponderRow.area,
    ResponderRow.status,
)
# The same, where the person was last seen, the open order, how many there were today.
Told = tuple[tuple[str, ...], Position | None, str | None, int]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was told of everybody of an area when somebody last asked, and the roll of it."""

    told: list[Told]
    roll: Roll


# The roads that are open at a moment; `registry.closures.roads.OpenRoads.now` is one.
RoadsAt = Callable[[Session, datetime], RoadsNow]
# A detour shorter than this is none that anybody would speak of.
LEAST_DETOUR_S = 5.0


class Adviser:
    """Ranks responders for cases; one for each town, since it keeps where everybody stands on its roads.

    Args:
        town: whose people they are.
        positions: where they are.
        roads_at: what is open at a moment; None: everything always is.
    """

    def __init__(self, town: Town, positions: LastPositions, roads_at: RoadsAt | None = None) -> None:
        self._town = town
        self._positions = positions
        self._roads_at = roads_at or (lambda _session, _at: RoadsNow(town.travel))
        self.chooser = Chooser(town.travel, self._profile_of)
        self._last: dict[str, _Answer] = {}

    def keep_up(self) -> bool:
        """Find the roads on which people are now, before somebody asks; there is never more to do at once."""
        seen = [position for position, _ in self._positions.latest()]
        places = np.array([(one.lon, one.lat) for one in seen]).reshape(-1, 2)
        self.chooser.keep_up([one.person_id for one in seen], places)
        return False

    def ranking(self, session: Session, case: CaseRow, *, who: Who, now: datetime, limit: int) -> Ranking:
        """The best `limit` of the caller's area for a case, and the nearest of those not to offer."""
        roads = self._follow(session, now)
        ranking = self.chooser.ranking(self._roll(session, who, now), _need(case), now=now, limit=limit)
        return self._explained(ranking, roads, (case.lon, case.lat))

    def advice(
        self, session: Session, case: CaseRow, person_ids: Collection[str], *, who: Who, now: datetime
    ) -> dict[str, Advice]:
        """What the ranking says about the chosen persons, offered or not, to be kept with their orders."""
        place = (case.lon, case.lat)
        roads = self._follow(session, now)
        forces = [force for force in self._roll(session, who, now).forces if force.person_id in person_ids]
        travels = self.chooser.travels(forces, place)
        ranking = rank(forces, travels, category=case.category, area=case.area, now=now)
        told = self._explained(ranking, roads, place)
        ranked: list[Candidate | NotOffered] = [*told.offered, *told.not_offered]
        return {one.force.person_id: _advice(one, self.route(one.force, place)) for one in ranked}

    def route(self, force: Force, place_lonlat: Lonlat) -> list[Lonlat]:
        """The way of one person to the place, for the map; empty where there is none."""
        return self.chooser.route(force, place_lonlat)

    def _follow(self, session: Session, now: datetime) -> RoadsNow:
        """The roads that are open now, to which the chooser turns; who stands where is taken along."""
        roads = self._roads_at(session, now)
        if (roads.travel.usual or roads.travel) is not self._town.travel:
            # Other roads were imported this instant; the adviser of the new town is about to take over.
            return RoadsNow(self._town.travel)
        self.chooser = self.chooser.on(roads.travel)
        return roads

    def _explained(self, ranking: Ranking, roads: RoadsNow, place: Lonlat) -> Ranking:
        """The same, where everybody is told which closed roads are in the way."""
        if not roads.closed:
            return ranking
        best = [replace(one, reasons=self._with_detour(one, roads, place)) for one in ranking.offered]
        # Two ways are asked for each: of those not to offer, only where it is the roads that keep them away.
        rest = [
            replace(one, reasons=self._with_detour(one, roads, place))
            if any(why.code == "out_of_reach" for why in one.reasons)
            else one
            for one in ranking.not_offered
        ]
        return Ranking(tuple(best), tuple(rest))

    def _with_detour(self, one: Candidate | NotOffered, roads: RoadsNow, place: Lonlat) -> tuple[Reason, ...]:
        """The reasons, with the closed roads on the usual way and what they cost."""
        force, reasons = one.force, one.reasons
        if force.lonlat is None:
            return reasons
        detour = roads.travel.detour(self._profile_of(force.person_id), force.lonlat, place)
        if detour is None or detour.longer_s < LEAST_DETOUR_S:
            return reasons
        name = "、".join(roads.names[closure.id] for closure in detour.closures)
        if math.isinf(detour.longer_s):
            return (*(why for why in reasons if why.code != "out_of_reach"), Reason("cut_off", {"name": name}))
        # Right after the time that it explains.
        at = 1 if reasons and reasons[0].code == "eta" else len(reasons)
        longer = Reason("detour", {"name": name, "s": round(detour.longer_s), "m": round(detour.longer_m)})
        return (*reasons[:at], longer, *reasons[at:])

    def _roll(self, session: Session, who: Who, now: datetime) -> Roll:
        """Everybody of the caller's area; of whom nothing new is told is the same `Force` as in the last answer."""
        seen = {position.person_id: position for position, _ in self._positions.latest()}
        today = datetime.combine(now.astimezone(LOCAL).date(), time(), LOCAL)
        sent = select(OrderRow.person_id, func.count()).where(OrderRow.sent_at >= today).group_by(OrderRow.person_id)
        loads = {person_id: count for person_id, count in session.execute(sent)}
        open_orders = select(OrderRow.person_id, OrderRow.code).where(OrderRow.active_for.is_not(None))
        busy = {person_id: code for person_id, code in session.execute(open_orders)}
        people = session.execute(
            select(*PERSON).where(ResponderRow.area.startswith(who.area, autoescape=True)).order_by(ResponderRow.id)
        )
        last = self._last.get(who.area)
        # As plain tuples, which are compared ten times as fast as the rows of a result.
        told = [(one, seen.get(one[0]), busy.get(one[0]), loads.get(one[0], 0)) for one in map(tuple, people)]
        if last and len(last.told) == len(told):
            known = zip(told, last.told, last.roll.forces, strict=True)
            roll = last.roll.now([force if said == before else _force(said) for said, before, force in known])
        else:
            roll = Roll.of([_force(said) for said in told])
        self._last[who.area] = _Answer(told, roll)
        return roll

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


def _force(told: Told) -> Force:
    (id, name, call_sign, kind, unit_id, area, status), seen, order_code, orders_today = told
    place, at = ((seen.lon, seen.lat), seen.at) if seen else (None, None)
    return Force(id, name, call_sign, kind, unit_id, area, status, order_code, place, at, orders_today)
