"""Plan the rounds of one day: solve, give times, measure, and say what cannot be met."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gis.planning.coverage import Cover, covers, standbys
from gis.planning.needs import Needs, Span, Team, Visit, visits_of
from gis.planning.predictability import Day, predictability, vary
from gis.planning.solver import Orders, Progress, Search, Tell, run
from gis.planning.timetable import Ready, Round, Step, Wishes, settle, troubles_of
from gis.planning.travel import NEVER_S, Travel

# How the time is shared: first with times that are hard to foretell, then with freer ones where something was left out.
FIRST_SHARE = 0.6
SECOND_SHARE = 0.2
FAIR = 1.5


@dataclass(frozen=True, slots=True)
class Unmet:
    """A visit that no team makes. Causes: impossible (its stay is longer than its time), nobody (no team on duty),
    too_far (no team could, though it did nothing else), busy (the teams are needed elsewhere)."""

    visit: Visit
    cause: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The rounds of all teams, in their order, and how good they are.

    Attributes:
        unmet: visits left out; coverage that falls short is in `covers`.
        predictability: 0 to 1, see there.
        solved_s: seconds that planning took.
    """

    rounds: tuple[Round, ...]
    unmet: tuple[Unmet, ...]
    covers: tuple[Cover, ...]
    predictability: float
    travel_s: int
    solved_s: float

    @property
    def met(self) -> bool:
        return not self.unmet and all(cover.met for cover in self.covers)

    @property
    def day(self) -> Day:
        """When each visit begins, for whoever compares days."""
        return day_of(self.rounds)


def day_of(rounds: Iterable[Round]) -> Day:
    return {stop.visit.id: stop.arrive_s for round_ in rounds for stop in round_.stops}


def plan(
    needs: Needs,
    travel: Travel,
    *,
    former: Sequence[Day] = (),
    seed: int = 0,
    limit_s: float = 30.0,
    tell: Tell | None = None,
    warm: Mapping[str, Sequence[Step]] | None = None,
) -> Plan:
    """Plan the day.

    Args:
        needs: all that has to be met.
        travel: between all places of the needs.
        former: when each visit began on former days, newest last.
        seed: decides the times that are free; another one for each day.
        limit_s: for the search; the whole takes little longer.
        tell: hears of the progress.
        warm: rounds to begin with, by team.
    """
    began = time.monotonic()
    visits = visits_of(needs)
    variation = vary(visits, former, most=needs.most_predictable, seed=seed)
    wishes = Wishes(variation.wanted)
    narrowed = [_within(visit, variation.spans) for visit in visits]
    stages = _Stages(tell)
    fair = fair_shares(needs.teams, visits)
    search = Search(needs.teams, narrowed, travel, warm=warm or {}, most=fair)
    orders = run(search, limit_s=limit_s * FIRST_SHARE, seed=seed, tell=stages.part(0.0, FIRST_SHARE))
    for spans in _wider(variation.spans, left_out(orders, narrowed)):
        if not left_out(orders, visits):
            break
        narrowed = [_within(visit, spans) for visit in visits]
        search = Search(needs.teams, narrowed, travel, warm=orders)
        orders = run(search, limit_s=limit_s * SECOND_SHARE, seed=seed, tell=stages.part(FIRST_SHARE, 1.0))
    rounds = settle_all(needs.teams, orders, visits, travel, wishes=wishes)
    extra = standbys(needs.covers, needs.teams, {one.team_id: one for one in rounds}, travel)
    if extra:
        search = Search(needs.teams, [*visits, *extra], travel, warm=orders)
        orders = run(search, limit_s=limit_s * SECOND_SHARE, seed=seed, tell=stages.part(FIRST_SHARE, 1.0))
        rounds = settle_all(needs.teams, orders, [*visits, *extra], travel, wishes=wishes)
    return judged(needs, visits, rounds, travel, former=former, solved_s=time.monotonic() - began)


def judged(
    needs: Needs,
    visits: Sequence[Visit],
    rounds: Sequence[Round],
    travel: Travel,
    *,
    former: Sequence[Day],
    solved_s: float,
) -> Plan:
    """Measure rounds, however they came about."""
    today = day_of(rounds)
    return Plan(
        rounds=tuple(rounds),
        unmet=tuple(Unmet(visit, cause_of(visit, needs.teams, travel)) for visit in visits if visit.id not in today),
        covers=tuple(covers(needs.covers, needs.teams, {one.team_id: one for one in rounds}, travel)),
        predictability=predictability(today, former, visits),
        travel_s=sum(one.travel_s for one in rounds),
        solved_s=solved_s,
    )


def settle_all(
    teams: Sequence[Team],
    orders: Orders,
    visits: Iterable[Visit],
    travel: Travel,
    *,
    wishes: Wishes,
    ready: Mapping[str, Ready] | None = None,
) -> list[Round]:
    """Times for all teams. The steps take their visits from `visits`, whose spans may be wider than the solver's."""
    known = {visit.id: visit for visit in visits}
    rounds = []
    for team in teams:
        steps = [replace(step, visit=known[step.visit.id]) for step in orders.get(team.id, ())]
        rounds.append(settle(team, steps, travel, wishes=wishes, ready=(ready or {}).get(team.id)))
    return rounds


def fair_shares(teams: Sequence[Team], visits: Iterable[Visit]) -> dict[str, int]:
    """How many visits each team makes at most where all share alike: half as many again as falls to it, and one.

    A visit falls in equal parts to all who are on duty for all of it. Where not everything can be met so, the rest of
    the search is free of this.
    """
    shares = dict.fromkeys((team.id for team in teams), 0.0)
    for visit in visits:
        if visit.kind == "rest":
            continue
        able = [team.id for team in teams if _may(team, visit)]
        for id in able:
            shares[id] += 1.0 / len(able)
    return {id: math.ceil(FAIR * share) + 1 for id, share in shares.items()}


def _may(team: Team, visit: Visit) -> bool:
    on_duty = team.start_s <= visit.earliest_s and team.end_s >= visit.latest_s + visit.stay_s
    return on_duty and (visit.teams is None or team.id in visit.teams)


def left_out(orders: Orders, visits: Iterable[Visit]) -> list[Visit]:
    """Visits that no round has."""
    made = {step.visit.id for steps in orders.values() for step in steps}
    return [visit for visit in visits if visit.id not in made]


def cause_of(visit: Visit, teams: Sequence[Team], travel: Travel) -> str:
    """Why a visit is left out, as far as it can be told from the visit alone."""
    if visit.latest_s < visit.earliest_s:
        return "impossible"
    allowed = [team for team in teams if visit.teams is None or team.id in visit.teams]
    on_duty = [team for team in allowed if team.start_s <= visit.latest_s and team.end_s >= visit.earliest_s]
    if not on_duty:
        return "nobody"
    alone = (settle(team, [Step(visit)], travel) for team in on_duty)
    fits = any(not troubles_of(team, one) and one.travel_s < NEVER_S for team, one in zip(on_duty, alone, strict=True))
    return "busy" if fits else "too_far"


def _wider(spans: Mapping[str, Span], missing: Sequence[Visit]) -> Iterator[dict[str, Span]]:
    """Give up as little of the variation as may be: that of the visits left out, then all of it."""
    if not missing:
        return
    lost = {visit.id for visit in missing}
    yield {id: span for id, span in spans.items() if id not in lost}
    if spans:
        yield {}


def _within(visit: Visit, spans: Mapping[str, Span]) -> Visit:
    span = spans.get(visit.id)
    return replace(visit, earliest_s=span[0], latest_s=span[1]) if span else visit


@dataclass(frozen=True, slots=True)
class _Stages:
    """Progress of parts as progress of the whole."""

    tell: Tell | None

    def part(self, start: float, end: float) -> Tell | None:
        tell = self.tell
        if tell is None:
            return None
        return lambda one: tell(Progress(start + (end - start) * one.share, one.left_out, one.travel_s))
