"""Hand the visits to PyVRP and take the order of the rounds back.

Visits are clients with time windows; each team is a vehicle type with its own shift, ends and travel times; a street is
a pair of clients of which at most one is served, one for each direction; every visit may be left out at a price that
grows with its weight, so that what cannot be met is left out and the most important is kept.

Source: N. A. Wouda, L. Lan, W. Kool: PyVRP: A High-Performance VRP Solver Package, INFORMS J. Comput. 36 (2024);
streets as pairs of directions: W. L. Pearn, A. Assad, B. L. Golden: Transforming arc routing into node routing problems
(1987).
"""

import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pyvrp import (
    Client,
    ClientGroup,
    CostEvaluator,
    Depot,
    IteratedLocalSearchParams,
    Location,
    PenaltyParams,
    ProblemData,
    Route,
    Solution,
    SolveParams,
    VehicleType,
    solve,
)
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.IteratedLocalSearch import IteratedLocalSearchCallbacks

from gis.planning.needs import Lonlat, Team, Visit
from gis.planning.timetable import Ready, Step
from gis.planning.travel import NEVER_S, Travel

Ints = NDArray[np.int64]

# Leaving out one visit of the lowest weight costs as much as five and a half hours of travel.
PRICE_S = 20_000
PRICE_STEP = 4
# What it costs to give a visit to another team than before, and to go from one to another that did not follow it.
OTHER_TEAM_S = 2_400
OTHER_ORDER_S = 600
TELL_EVERY_S = 0.25

Orders = dict[str, list[Step]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the search is: 0 to 1 of its time, visits left out so far, seconds of travel."""

    share: float
    left_out: int
    travel_s: int


Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Search:
    """What is to be solved, and from where.

    Attributes:
        ready: teams that are under way already.
        warm: rounds to begin with, by team.
        keep: rounds to stay close to, by team: every change of team or of order has its price.
        most: how many visits a team makes at most, rests not counted; a team that is not named makes any number.
    """

    teams: Sequence[Team]
    visits: Sequence[Visit]
    travel: Travel
    ready: Mapping[str, Ready] = field(default_factory=dict)
    warm: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    keep: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Layout:
    """Places of the solver: starts of the teams, their bases, then each visit, streets once for each direction."""

    steps: list[Step]
    entry: Ints
    exit: Ints
    number: dict[tuple[str, bool], int]


def run(
    search: Search,
    *,
    limit_s: float,
    seed: int = 0,
    tell: Tell | None = None,
    enough: int | None = None,
    idle: int = 20_000,
) -> Orders:
    """Find who visits what in which order.

    Args:
        limit_s: stop after so many seconds.
        seed: same seed, same search; the time limit may still cut it elsewhere.
        tell: hears of the progress some times a second.
        enough: stop as soon as a plan pays no more for what it leaves out than this; None: go on until the time is up.
        idle: stop after so many rounds of search without a better plan.
    """
    layout = _layout(search)
    if not search.teams or not layout.steps:
        return {team.id: [] for team in search.teams}
    data = _problem(search, layout)
    # Of every street one direction stays unserved, and the solver counts it as left out.
    turned = [step.visit for step in layout.steps if not step.forward]
    watch = _Watch(limit_s, tell, None if enough is None else enough + price(turned), idle, len(turned))
    start = _solution(data, search, layout)
    params = SolveParams(
        ils=IteratedLocalSearchParams(callbacks=watch), penalty=PenaltyParams(min_penalty=1.0, max_penalty=100_000.0)
    )
    with warnings.catch_warnings():
        # Where nothing fits, visits are left out: a high price of lateness is no news.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = solve(data, watch, seed, collect_stats=False, params=params, initial_solution=start)  # type: ignore[arg-type]
    best = result.best if result.best.is_feasible() else Solution(data, [])
    return _orders(best, search, layout)


def price(visits: Iterable[Visit]) -> int:
    """What leaving these visits out costs, in seconds of travel."""
    return sum(_price(visit) for visit in visits)


def _price(visit: Visit) -> int:
    return PRICE_S * int(PRICE_STEP ** (visit.weight - 1))


class _Watch(IteratedLocalSearchCallbacks):
    """Stops the search, and tells how it goes."""

    def __init__(self, limit_s: float, tell: Tell | None, enough: int | None, idle: int, turned: int) -> None:
        self._limit_s, self._tell, self._enough, self._idle = limit_s, tell, enough, idle
        self._turned = turned
        self._began = self._told_at = time.monotonic()
        self._since_best = 0
        self._done = False

    def __call__(self, _best_cost: int) -> bool:
        return self._done or self._since_best > self._idle or time.monotonic() - self._began > self._limit_s

    def on_iteration(
        self, current: Solution, candidate: Solution, best: Solution, cost_evaluator: CostEvaluator
    ) -> None:
        self._since_best += 1
        if self._enough is not None and best.is_feasible() and best.uncollected_prizes() <= self._enough:
            self._done = True
        now = time.monotonic()
        if self._tell is not None and now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            share = max((now - self._began) / self._limit_s, self._since_best / self._idle)
            self._tell(Progress(min(share, 1.0), len(best.unplanned()) - self._turned, best.distance()))

    def on_best(self, best: Solution) -> None:
        self._since_best = 0


def _layout(search: Search) -> _Layout:
    steps: list[Step] = []
    for visit in search.visits:
        if visit.earliest_s > visit.latest_s:
            continue
        steps.append(Step(visit))
        if visit.kind == "street":
            steps.append(Step(visit, forward=False))
    travel = search.travel
    starts = [_start(team, search).place for team in search.teams]
    ends = [team.base for team in search.teams]
    entry = np.array([travel.number(place) for place in [*starts, *ends, *(step.entry for step in steps)]])
    leave = np.array([travel.number(place) for place in [*starts, *ends, *(step.exit for step in steps)]])
    number = {(step.visit.id, step.forward): number for number, step in enumerate(steps)}
    return _Layout(steps, entry, leave, number)


def _start(team: Team, search: Search) -> Ready:
    return search.ready.get(team.id) or Ready(team.base, team.start_s)


def _problem(search: Search, layout: _Layout) -> ProblemData:
    teams, first = search.teams, 2 * len(search.teams)
    places: list[Lonlat] = [search.travel.places[number] for number in layout.entry]
    groups: list[ClientGroup] = []
    clients = [_client(step, first + number) for number, step in enumerate(layout.steps)]
    for number, step in enumerate(layout.steps):
        if step.visit.kind == "street" and step.forward:
            pair = [number, number + 1]
            for one in pair:
                clients[one] = _client(layout.steps[one], first + one, group=len(groups))
            groups.append(ClientGroup(pair, required=False))
    durations, costs = zip(*(_matrices(team, search, layout) for team in teams), strict=True)
    vehicles = [
        VehicleType(
            start_depot=2 * number,
            end_depot=2 * number + 1,
            tw_early=_start(team, search).at_s,
            tw_late=max(team.end_s, _start(team, search).at_s),
            profile=number,
            capacity=[search.most.get(team.id, len(layout.steps))],
        )
        for number, team in enumerate(teams)
    ]
    return ProblemData(
        locations=[Location(lon, lat) for lon, lat in places],
        clients=clients,
        depots=[Depot(location) for number in range(len(teams)) for location in (number, len(teams) + number)],
        vehicle_types=vehicles,
        distance_matrices=list(costs),
        duration_matrices=list(durations),
        groups=groups,
    )


def _client(step: Step, location: int, group: int | None = None) -> Client:
    visit = step.visit
    return Client(
        location,
        delivery=[0 if visit.kind == "rest" else 1],
        service_duration=visit.stay_s,
        tw_early=max(0, visit.earliest_s),
        tw_late=max(0, visit.latest_s),
        prize=_price(visit),
        required=False,
        group=group,
    )


def _matrices(team: Team, search: Search, layout: _Layout) -> tuple[Ints, Ints]:
    """Seconds of travel of a team, and what they cost; where it may not go takes longer than any shift."""
    times = search.travel.seconds[team.speed_mps][layout.exit[:, None], layout.entry[None, :]].copy()
    first = 2 * len(search.teams)
    for number, step in enumerate(layout.steps):
        if step.visit.teams is not None and team.id not in step.visit.teams:
            times[:, first + number] = NEVER_S
    np.fill_diagonal(times, 0)
    if not search.keep:
        return times, times
    costs = times.copy()
    costs[first:, first:] += OTHER_ORDER_S
    before: int | None = None
    kept = {(step.visit.id, step.forward) for step in search.keep.get(team.id, ())}
    for number, step in enumerate(layout.steps):
        if (step.visit.id, step.forward) not in kept:
            costs[:, first + number] += OTHER_TEAM_S
    for step in search.keep.get(team.id, ()):
        after = layout.number.get((step.visit.id, step.forward))
        if after is not None and before is not None:
            costs[first + before, first + after] -= OTHER_ORDER_S
        before = after
    np.fill_diagonal(costs, 0)
    return times, costs


def _solution(data: ProblemData, search: Search, layout: _Layout) -> Solution | None:
    """Where the search begins: the warm rounds as far as they consist of visits that are asked for."""
    if not search.warm:
        return None
    routes = []
    for number, team in enumerate(search.teams):
        visits = [layout.number.get((step.visit.id, step.forward)) for step in search.warm.get(team.id, ())]
        known = [visit for visit in visits if visit is not None]
        if known:
            routes.append(Route(data, known, number))
    return Solution(data, routes)


def _orders(best: Solution, search: Search, layout: _Layout) -> Orders:
    orders: Orders = {team.id: [] for team in search.teams}
    for route in best.routes():
        team = search.teams[route.vehicle_type()]
        orders[team.id] = [layout.steps[one.idx] for one in route.schedule() if one.is_client()]
    return orders
