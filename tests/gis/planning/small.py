"""Small plans on a flat plain, and a checker that knows nothing of how plans are made."""

import math
from itertools import pairwise, permutations, product

import numpy as np

from gis.planning.needs import Needs, PointNeed, StreetNeed, Team, visits_of
from gis.planning.rounds import Plan
from gis.planning.travel import Travel

MPS = 1.0


def plain(needs: Needs, extra: tuple[tuple[float, float], ...] = ()) -> Travel:
    """Straight ways at a metre a second; places are metres."""
    places = tuple(
        dict.fromkeys(
            [
                *(team.base for team in needs.teams),
                *(point.lonlat for point in needs.points),
                *(end for street in needs.streets for end in (street.line[0], street.line[-1])),
                *extra,
            ]
        )
    )
    xy = np.array(places)
    seconds = np.ceil(np.hypot(*np.moveaxis(xy[:, None] - xy[None], -1, 0)) / MPS).astype(np.int64)
    return Travel(places, {team.speed_mps: seconds for team in needs.teams} or {None: seconds})


def away_s(a: tuple[float, float], b: tuple[float, float]) -> int:
    return math.ceil(math.dist(a, b) / MPS)


def faults(needs: Needs, plan: Plan) -> list[str]:
    """Everything that is wrong with a plan, from the needs as they were given."""
    teams = {team.id: team for team in needs.teams}
    found, made = [], []
    for one in plan.rounds:
        team = teams[one.team_id]
        here, at_s = team.base, team.start_s
        if one.stops and one.depart_s < team.start_s:
            found.append(f"{team.id} leaves before the shift")
        for stop in one.stops:
            if stop.arrive_s < at_s + away_s(here, stop.step.entry):
                found.append(f"{team.id} cannot be at {stop.visit.id}")
            if stop.leave_s < stop.arrive_s + stop.visit.stay_s:
                found.append(f"{team.id} leaves {stop.visit.id} too soon")
            here, at_s = stop.step.exit, stop.leave_s
            made.append((stop.visit.need_id, stop.visit.id, stop.arrive_s, stop.arrive_s + stop.visit.stay_s, team.id))
        if one.stops and (at_s + away_s(here, team.base) > team.end_s or one.back_s > team.end_s):
            found.append(f"{team.id} is not back in time")
    ids = [visit for _, visit, _, _, _ in made]
    if len(ids) != len(set(ids)):
        found.append("a visit is made twice")
    out = {one.visit.id for one in plan.unmet}
    if out & set(ids) or len(out) + len(ids) < len(visits_of(needs)):
        found.append("a visit is neither made nor named as left out")
    return found + [fault for point in needs.points for fault in _point_faults(point, made, out)]


def _point_faults(point: PointNeed, made: list[tuple[str, str, int, int, str]], out: set[str]) -> list[str]:
    found = []
    for number, (start, end) in enumerate(point.windows):
        if any(id.startswith(f"{point.id}@{number}.") for id in out):
            continue
        mine = sorted((a, b, team) for need, id, a, b, team in made if id.startswith(f"{point.id}@{number}."))
        if len(mine) < point.visits or any(a < start or b > end or b - a < point.dwell_s for a, b, _ in mine):
            found.append(f"{point.id} {number}: {mine}")
        moments = [start, *(a for a, _, _ in mine), end]
        if point.gap_s is not None and max(b - a for a, b in pairwise(moments)) > point.gap_s:
            found.append(f"{point.id} {number}: gap in {moments}")
        if point.teams is not None and any(team not in point.teams for _, _, team in mine):
            found.append(f"{point.id} {number}: wrong team")
    return found


def can_be_met(needs: Needs) -> bool:
    """By trying every assignment, order and direction, as soon as possible each: only for a handful of visits."""
    visits = visits_of(needs)
    if any(visit.latest_s < visit.earliest_s for visit in visits):
        return False
    for choice in product(needs.teams, repeat=len(visits)):
        if any(v.teams is not None and team.id not in v.teams for v, team in zip(visits, choice, strict=True)):
            continue
        if all(
            any(
                _fits(team, order)
                for order in permutations([v for v, t in zip(visits, choice, strict=True) if t is team])
            )
            for team in needs.teams
        ):
            return True
    return False


def _fits(team: Team, order: tuple) -> bool:
    for ways in product((True, False), repeat=sum(visit.kind == "street" for visit in order)):
        turns = iter(ways)
        here, at_s, good = team.base, team.start_s, True
        for visit in order:
            forward = next(turns) if visit.kind == "street" else True
            at_s = max(visit.earliest_s, at_s + away_s(here, visit.first if forward else visit.last))
            good = good and at_s <= visit.latest_s
            at_s += visit.stay_s
            here = visit.last if forward else visit.first
        if good and at_s + away_s(here, team.base) <= team.end_s:
            return True
    return False


__all__ = ["Needs", "PointNeed", "StreetNeed", "Team", "can_be_met", "faults", "plain"]
