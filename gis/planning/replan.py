"""Change a plan that people already go by: what is walked stays, the rest is shared out with few changes."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from gis.planning.needs import Needs, Team, Visit, visits_of
from gis.planning.predictability import Day
from gis.planning.rounds import Plan, judged, settle_all
from gis.planning.solver import Search, Tell, run
from gis.planning.timetable import Ready, Round, Step, Stop, Wishes, settle
from gis.planning.travel import Travel

NONE_FIXED: Mapping[str, int] = MappingProxyType({})


def replan(
    needs: Needs,
    travel: Travel,
    rounds: Sequence[Round],
    *,
    now_s: int,
    gone: Collection[str] = (),
    former: Sequence[Day] = (),
    limit_s: float = 4.0,
    seed: int = 0,
    tell: Tell | None = None,
    extra: Sequence[Visit] = (),
) -> Plan:
    """Plan the rest of the day anew from the rounds as they stand.

    Args:
        needs: with the teams that dropped out still among them.
        rounds: as planned so far.
        now_s: what a team left for before stays as it is.
        gone: teams that do nothing more; what they were at just then is left undone.
        extra: visits beside those of the needs (stays on standby) that are to be kept.
    """
    began = time.monotonic()
    halves = {one.team_id: _cut(one, now_s, gone=one.team_id in gone) for one in rounds}
    done = {stop.visit.id for walked, _ in halves.values() for stop in walked}
    visits = [*visits_of(replace(needs, teams=_left(needs, gone))), *extra]
    open_visits = [_from(visit, now_s) for visit in visits if visit.id not in done]
    teams = _left(needs, gone)
    ready = {team.id: _ready(team, halves.get(team.id, ((), ()))[0], now_s) for team in teams}
    before = {team_id: [stop.step for stop in rest] for team_id, (_, rest) in halves.items() if team_id not in gone}
    search = Search(teams, open_visits, travel, ready=ready, warm=before, keep=before)
    orders = run(search, limit_s=limit_s, seed=seed, tell=tell, idle=6_000)
    wishes = Wishes({stop.visit.id: stop.arrive_s for one in rounds for stop in one.stops})
    rest_of_day = settle_all(teams, orders, open_visits, travel, wishes=wishes, ready=ready)
    fresh = {one.team_id: one for one in rest_of_day}
    joined = [
        _joined(team, halves.get(team.id, ((), ()))[0], fresh.get(team.id), _depart(rounds, team), travel)
        for team in needs.teams
        if team.id not in gone or halves.get(team.id, ((), ()))[0]
    ]
    return judged(needs, visits, joined, travel, former=former, solved_s=time.monotonic() - began)


def _left(needs: Needs, gone: Collection[str]) -> tuple[Team, ...]:
    return tuple(team for team in needs.teams if team.id not in gone)


def _cut(round_: Round, now_s: int, *, gone: bool) -> tuple[tuple[Stop, ...], tuple[Stop, ...]]:
    """The stops that stay as they are, and those that are still to come."""
    kept = 0
    left_at_s = round_.depart_s
    for stop in round_.stops:
        if (stop.arrive_s + stop.visit.stay_s if gone else left_at_s) > now_s:
            break
        kept += 1
        left_at_s = stop.leave_s
    return round_.stops[:kept], round_.stops[kept:]


def _ready(team: Team, walked: Sequence[Stop], now_s: int) -> Ready:
    if not walked:
        return Ready(team.base, max(team.start_s, now_s))
    last = walked[-1]
    return Ready(last.step.exit, max(last.arrive_s + last.visit.stay_s, now_s))


def _from(visit: Visit, now_s: int) -> Visit:
    """A visit cannot begin before now; one whose time is over is left out."""
    return replace(visit, earliest_s=max(visit.earliest_s, now_s))


def _depart(rounds: Sequence[Round], team: Team) -> int | None:
    return next((one.depart_s for one in rounds if one.team_id == team.id), None)


def _joined(team: Team, walked: Sequence[Stop], rest: Round | None, depart_s: int | None, travel: Travel) -> Round:
    """What is walked and what is to come, as one round."""
    if rest is not None and not walked:
        return rest
    steps = [stop.step for stop in walked]
    as_walked = Wishes(fixed={stop.visit.id: stop.arrive_s for stop in walked})
    whole = settle(team, steps, travel, wishes=as_walked)
    if rest is None or not rest.stops:
        return replace(whole, depart_s=depart_s if depart_s is not None else whole.depart_s)
    last = replace(walked[-1], leave_s=rest.depart_s)
    home_s = travel.between(walked[-1].step.exit, team.base, team.speed_mps)
    return Round(
        team.id,
        depart_s if depart_s is not None else whole.depart_s,
        (*walked[:-1], last, *rest.stops),
        rest.back_s,
        whole.travel_s - home_s + rest.travel_s,
    )


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new plan changes: visits that go to another team, and times that move by more than ten minutes."""

    moved: tuple[str, ...]
    shifted: tuple[str, ...]


def changes(before: Sequence[Round], after: Sequence[Round]) -> Changes:
    """Compare two plans of the same day."""
    old = {stop.visit.id: (one.team_id, stop.arrive_s) for one in before for stop in one.stops}
    moved, shifted = [], []
    for one in after:
        for stop in one.stops:
            was = old.get(stop.visit.id)
            if was is None or was[0] != one.team_id:
                moved.append(stop.visit.id)
            elif abs(was[1] - stop.arrive_s) > 600:
                shifted.append(stop.visit.id)
    return Changes(tuple(sorted(moved)), tuple(sorted(shifted)))


@dataclass(frozen=True, slots=True)
class Move:
    """A change by hand: a visit goes to a team (None: nobody), to a place in its order, to a time of its own."""

    visit_id: str
    team_id: str | None
    place: int | None = None
    at_s: int | None = None


def moved(
    needs: Needs,
    travel: Travel,
    rounds: Sequence[Round],
    visits: Sequence[Visit],
    move: Move,
    *,
    fixed: Mapping[str, int] = NONE_FIXED,
) -> list[Round]:
    """The rounds after a change by hand. Everybody else keeps the times they have as far as that is possible.

    Without a place the visit goes where its time fits; what does not work out is found by `troubles_of`.

    Args:
        fixed: times that were set by hand before, by visit.

    Raises:
        KeyError: there is no such visit or team.
    """
    visit = {one.id: one for one in visits}[move.visit_id]
    team_of = {team.id: team for team in needs.teams}
    steps = {one.team_id: [stop.step for stop in one.stops if stop.visit.id != visit.id] for one in rounds}
    old_step = next((s.step for one in rounds for s in one.stops if s.visit.id == visit.id), Step(visit))
    before = {stop.visit.id: stop.arrive_s for one in rounds for stop in one.stops}
    touched = {one.team_id for one in rounds if any(stop.visit.id == visit.id for stop in one.stops)}
    if move.team_id is not None:
        steps.setdefault(move.team_id, [])
        touched.add(team_of[move.team_id].id)
        order = steps[move.team_id]
        wish_s = move.at_s if move.at_s is not None else before.get(visit.id, visit.earliest_s)
        place = sum(before[step.visit.id] < wish_s for step in order) if move.place is None else move.place
        order.insert(min(max(place, 0), len(order)), old_step)
    others = {id: at_s for id, at_s in fixed.items() if id != visit.id}
    wishes = Wishes(before, others if move.at_s is None else {**others, visit.id: move.at_s})
    known = {one.team_id: one for one in rounds}
    return [
        settle(team, steps[team.id], travel, wishes=wishes) if team.id in touched else known[team.id]
        for team in needs.teams
        if team.id in steps
    ]
