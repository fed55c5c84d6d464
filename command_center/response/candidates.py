"""Who should go, and why; who should not, and why not. Pure: forces and travel times in, a ranked list out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

import orjson

Lonlat = tuple[float, float]

STALE_AFTER = timedelta(minutes=5)
# Equivalent seconds: how much longer the way of somebody better suited may be before the nearer one is offered first.
ONLY_HELPS_S = 240.0
PER_ORDER_TODAY_S = 30.0
OWN_VILLAGE_S = -20.0
ON_PATROL_S = -15.0
# Nobody is offered earlier than the way takes by more than this.
MOST_ADVANTAGE_S = -(OWN_VILLAGE_S + ON_PATROL_S)
VILLAGE_DIGITS = 12
FREE_STATUSES = frozenset({"standby", "patrolling", "returning"})
MOST_NOT_OFFERED = 8

FORCES: Mapping[str, Mapping[str, Sequence[str]]] = orjson.loads((Path(__file__).parent / "forces.json").read_bytes())


@dataclass(frozen=True, slots=True)
class Reason:
    """Why or why not, as a code with parameters that the page puts into words."""

    code: str
    params: Mapping[str, str | int]

    def json(self) -> dict[str, Any]:
        return {"code": self.code, "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class Force:
    """One person of the forces as known now.

    Attributes:
        order_code: code of the open order, if there is one.
        lonlat, position_at: the last position and when it was taken; None if there is none.
        orders_today: orders sent to the person since local midnight.
    """

    person_id: str
    name: str
    call_sign: str
    force: str
    unit_id: str
    area: str
    status: str
    order_code: str | None
    lonlat: Lonlat | None
    position_at: datetime | None
    orders_today: int


@dataclass(frozen=True, slots=True)
class Travel:
    """The way of one person to the place by road."""

    seconds: float
    metres: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to offer, with the reasons."""

    force: Force
    travel: Travel
    position_age_s: float
    cost_s: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class NotOffered:
    """Somebody not to offer, with the reasons against."""

    force: Force
    reasons: tuple[Reason, ...]
    travel: Travel | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Forces, sorted out: those to offer best first, the others nearest first."""

    offered: tuple[Candidate, ...]
    not_offered: tuple[NotOffered, ...]


@cache
def fitness(category: str, force: str) -> str | None:
    """`fits`, `helps`, or None when the force is not meant for the category; the finest rule decides."""
    table = FORCES.get(category) or FORCES.get(category[:2])
    if table is None:
        return "helps"
    return next((grade for grade in ("fits", "helps") if force in table[grade]), None)


def rank(forces: Iterable[Force], travels: Mapping[str, Travel], *, category: str, area: str, now: datetime) -> Ranking:
    """Sort forces into those to offer and those not to.

    Args:
        travels: way to the place by person id; who is missing cannot get there by road.
        category: category of the case, five digits.
        area: area of the case, for who is at home there.
    """
    offered: list[Candidate] = []
    not_offered: list[NotOffered] = []
    for force in forces:
        travel = travels.get(force.person_id)
        against = objections(force, category, now)
        if travel is None and not against:
            against = (Reason("out_of_reach", {}),)
        if against or travel is None or force.position_at is None:
            not_offered.append(NotOffered(force, against, travel))
        else:
            offered.append(_candidate(force, travel, force.position_at, category, area, now))
    offered.sort(key=lambda one: (one.cost_s, one.force.person_id))
    return Ranking(tuple(offered), nearest_first(not_offered))


def nearest_first(those: Iterable[NotOffered]) -> tuple[NotOffered, ...]:
    """In the order in which they could be there; those without a known way last."""
    return tuple(
        sorted(those, key=lambda one: (one.travel.seconds if one.travel else float("inf"), one.force.person_id))
    )


def objections(force: Force, category: str, now: datetime) -> tuple[Reason, ...]:
    """What speaks against sending somebody, wherever the place is."""
    reasons = []
    if force.order_code is not None:
        reasons.append(Reason("busy", {"order": force.order_code}))
    elif force.status not in FREE_STATUSES:
        reasons.append(Reason("off_duty" if force.status == "off_duty" else "not_free", {"status": force.status}))
    if fitness(category, force.force) is None:
        reasons.append(Reason("force_unfit", {"force": force.force}))
    if force.position_at is None:
        reasons.append(Reason("position_unknown", {}))
    elif now - force.position_at > STALE_AFTER:
        reasons.append(Reason("position_stale", {"s": _age_s(force.position_at, now)}))
    return tuple(reasons)


def _candidate(
    force: Force, travel: Travel, position_at: datetime, category: str, area: str, now: datetime
) -> Candidate:
    fits = fitness(category, force.force) == "fits"
    age_s = _age_s(position_at, now)
    reasons = [Reason("eta", {"s": round(travel.seconds), "m": round(travel.metres)})]
    reasons.append(Reason("force_fits" if fits else "force_helps", {"force": force.force}))
    reasons.append(Reason("on_patrol" if force.status == "patrolling" else force.status, {}))
    if _at_home(force, area):
        reasons.append(Reason("own_village", {}))
    reasons.append(Reason("position_age", {"s": age_s}))
    reasons.append(Reason("orders_today", {"n": force.orders_today}))
    return Candidate(force, travel, float(age_s), cost_s(force, travel.seconds, category, area), tuple(reasons))


def cost_s(force: Force, seconds: float, category: str, area: str) -> float:
    """The time somebody takes, and what speaks for others in equivalent seconds: who has the least is offered first."""
    return seconds + handicap_s(force, category, area)


def handicap_s(force: Force, category: str, area: str) -> float:
    """What speaks for others; below zero, down to `-MOST_ADVANTAGE_S`, where all speaks for this one."""
    return unfit_s(category, force.force) + burden_s(force) + (OWN_VILLAGE_S if _at_home(force, area) else 0.0)


@cache
def unfit_s(category: str, force: str) -> float:
    """What it counts that a force only helps with a category; inf when it is not meant for it."""
    grade = fitness(category, force)
    return inf if grade is None else 0.0 if grade == "fits" else ONLY_HELPS_S


def burden_s(force: Force) -> float:
    """What a person has had to do today, and that one on patrol is under way already."""
    return PER_ORDER_TODAY_S * force.orders_today + (ON_PATROL_S if force.status == "patrolling" else 0.0)


def _at_home(force: Force, area: str) -> bool:
    return len(force.area) >= VILLAGE_DIGITS and area.startswith(force.area[:VILLAGE_DIGITS])


def _age_s(moment: datetime, now: datetime) -> int:
    return max(0, round((now - moment).total_seconds()))
