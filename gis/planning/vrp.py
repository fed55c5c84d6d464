"""Vehicle routes: PyVRP's local search within our own acceptance, and the best choice among all routes seen.

The search of a plan goes in legs. In a leg every worker perturbs and improves a plan by itself and takes a worse one
while it is not too much worse; all routes seen on the way are kept. After each leg the cheapest set of kept routes that
visits everything once is chosen exactly, which joins good halves of different plans. `streets.py` uses it too.

Sources: G. Dueck, New optimization heuristics: the great deluge algorithm and the record-to-record travel, J. Comput.
Phys. 104 (1993); N. Wouda, L. Lan, W. Kool, PyVRP: a high-performance VRP solver package, INFORMS J. Comput. 36 (2024);
A. Subramanian, E. Uchoa, L. Ochi, A hybrid algorithm for a class of vehicle routing problems, Comput. Oper. Res. 40
(2013).
"""

import math
import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyvrp import (
    Client,
    CostEvaluator,
    Depot,
    Location,
    PenaltyManager,
    PenaltyParams,
    ProblemData,
    RandomNumberGenerator,
    Route,
    Solution,
    VehicleType,
)
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from gis.planning.choosing import Choice, Chooser, choose

Ints = NDArray[np.int64]

# A plan is accepted while it costs at most this share more than the best; the share falls to nothing within a leg.
WORSE_SHARE = 0.015
# Between how many and how many clients are moved before the local search repairs and improves.
PERTURBATIONS = (1, 12)
# Penalties follow the search closely: after so many plans tried, so that this share of them keeps all limits.
PLANS_BETWEEN_PENALTIES = 50
FEASIBLE_SHARE = 0.5
# Only so many clients near a client are tried as its neighbours.
NEIGHBOURS = 40
# What of the effort each leg gets. The first is long enough for processes to start on a machine that has other work.
LEGS = (0.3, 0.3, 0.4)
CHOICE_SECONDS, CHOICE_SHARE = 3.0, 0.08  # for a choice, of the time of its leg
ENDING_SECONDS, ENDING_SHARE = 1.0, 0.03  # for coming to an end


class BadVisits(ValueError):
    """No such set of visits can be served; `stop` says which one is to blame, None for the whole."""

    def __init__(self, reason: str, stop: int | None = None) -> None:
        super().__init__(reason)
        self.stop = stop


class NoPlan(ValueError):
    """No plan that keeps all limits was found with this effort."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search.

    Attributes:
        seconds: wall time, None for no limit. The answer comes within it, but for a fraction of a second.
        iterations: of every worker, None for no limit. With iterations alone the same seed gives the same plan.
        workers: processes; with 1 the search runs in the caller's own.
    """

    seconds: float | None = None
    iterations: int | None = None
    seed: int = 0
    workers: int = 1

    def __post_init__(self) -> None:
        if self.seconds is None and self.iterations is None:
            raise ValueError("an effort needs seconds or iterations")
        if min(self.seconds or 0, self.iterations or 0) < 0 or self.workers < 1:
            raise ValueError("seconds and iterations cannot be negative, and somebody must work")


@dataclass(frozen=True, slots=True)
class Stop:
    """One place to be visited once. Service begins within `opens <= t <= closes`; whoever comes early waits."""

    demand: int = 0
    service: int = 0
    opens: int = 0
    closes: int | None = None


@dataclass(frozen=True, slots=True)
class VisitProblem:
    """Visits with time windows by equal vehicles that start from and return to stop 0; least total distance is sought.

    Args:
        distance, duration: (n, n) whole numbers in units of the caller (metres, seconds); they may be asymmetric.

    Raises:
        BadVisits: arrays of other shapes, negative numbers, a demand above the capacity or of all above the fleet's,
            or a stop that nobody reaches in time.
    """

    stops: tuple[Stop, ...]
    distance: Ints
    duration: Ints
    vehicles: int
    capacity: int

    def __post_init__(self) -> None:
        size = len(self.stops)
        if size == 0 or self.distance.shape != (size, size) or self.duration.shape != (size, size):
            raise BadVisits("distances and durations must be square, with a row for every stop")
        if self.vehicles < 1 or min(self.distance.min(), self.duration.min()) < 0:
            raise BadVisits("there must be a vehicle, and no distance or duration below zero")
        depot = self.stops[0]
        for number, stop in enumerate(self.stops):
            if stop.demand > self.capacity:
                raise BadVisits(f"stop {number} demands {stop.demand}, above the capacity {self.capacity}", number)
            begin = max(depot.opens + int(self.duration[0, number]), stop.opens)
            if begin > _closes(stop):
                raise BadVisits(f"stop {number} closes before it can be reached", number)
            if number and begin + stop.service + int(self.duration[number, 0]) > _closes(depot):
                raise BadVisits(f"nobody is back from stop {number} in time", number)
        if (total := sum(stop.demand for stop in self.stops)) > self.vehicles * self.capacity:
            raise BadVisits(f"the demands add up to {total}, above the {self.vehicles * self.capacity} of all vehicles")


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """Stops of every tour in order, the depot left out, and the total distance."""

    cost: int
    tours: tuple[tuple[int, ...], ...]


_NEVER_CLOSES = 2**40


def _closes(stop: Stop) -> int:
    return _NEVER_CLOSES if stop.closes is None else stop.closes


def plan_visits(problem: VisitProblem, effort: Effort) -> VisitPlan:
    """Find tours of small total distance.

    Raises:
        NoPlan: none was found that keeps capacities and windows.
    """
    if len(problem.stops) == 1:
        return VisitPlan(0, ())
    data = visit_data(problem)
    found = search(data, effort, covers=range(len(problem.stops) - 1))
    return VisitPlan(found.cost, tuple(tuple(client + 1 for client in tour) for tour in found.tours))


def visit_data(problem: VisitProblem) -> ProblemData:
    """The problem in PyVRP's terms; client i is stop i + 1."""
    depot = problem.stops[0]
    clients = [
        Client(
            number,
            delivery=[stop.demand],
            service_duration=stop.service,
            tw_early=stop.opens,
            tw_late=_closes(stop),
        )
        for number, stop in enumerate(problem.stops[1:], 1)
    ]
    fleet = VehicleType(problem.vehicles, [problem.capacity], tw_early=depot.opens, tw_late=_closes(depot))
    places = [Location(0, 0)] * len(problem.stops)
    distance: Any = problem.distance  # PyVRP's stubs know no arrays of ours
    duration: Any = problem.duration
    return ProblemData(places, clients, [Depot(0)], [fleet], [distance], [duration])


# ---- the search, for visits and for streets ----

# From the clients of a tour in order to a way of the same cost or less to serve the same, and its cost.
Straighten = Callable[[tuple[int, ...]], tuple[int, tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class Found:
    """A plan as numbers of clients; `iterations` of all workers together."""

    cost: int
    tours: tuple[tuple[int, ...], ...]
    iterations: int


Column = tuple[int, tuple[int, ...]]  # cost of a tour, and its clients
Plan = list[Column]


@dataclass(slots=True)
class Columns:
    """The cheapest tour seen for every set of things covered.

    Args:
        covers: for each client the number of what it covers; several clients may stand for the same thing.
    """

    covers: Sequence[int]
    straighten: Straighten | None = None
    best: dict[frozenset[int], Column] = field(default_factory=dict)
    _known: set[tuple[int, ...]] = field(default_factory=set)

    def see(self, route: Route) -> Column:
        """Keep a route that violates no limit; return the cheapest known for what it covers."""
        clients = tuple(stop.idx for stop in route if stop.is_client())
        order = tuple(self.covers[client] for client in clients)
        if order not in self._known:
            self._known.add(order)
            self.keep(self.straighten(clients) if self.straighten else (route.distance(), clients))
        return self.best[frozenset(order)]

    def keep(self, column: Column) -> None:
        things = frozenset(self.covers[client] for client in column[1])
        known = self.best.get(things)
        if known is None or column[0] < known[0]:
            self.best[things] = column

    def see_all(self, solution: Solution) -> Plan | None:
        """Keep the routes of a solution; the plan that they make, None where it violates a limit."""
        tours = [self.see(route) for route in solution.routes() if route.is_feasible() and route.num_clients()]
        return tours if solution.is_feasible() else None


@dataclass(frozen=True, slots=True)
class _Leg:
    """What a worker does between two choices."""

    seed: int
    iterations: int | None
    deadline: float | None  # of time.monotonic(), which all processes of a machine share
    start: tuple[tuple[int, ...], ...] | None

    def progress(self, iteration: int, started: float) -> float:
        """From 0 at the beginning to 1 at the end."""
        shares = [0.0]
        if self.iterations is not None:
            shares.append(iteration / self.iterations if self.iterations else 1.0)
        if self.deadline is not None:
            patience = self.deadline - started
            shares.append((time.monotonic() - started) / patience if patience > 0 else 1.0)
        return max(shares)


@dataclass(frozen=True, slots=True)
class _Walked:
    """What a worker brings back; `plan` is None where every plan violated a limit."""

    plan: Plan | None
    columns: list[Column]
    iterations: int


def search(
    data: ProblemData,
    effort: Effort,
    *,
    covers: Sequence[int],
    straighten: Straighten | None = None,
    neighbours: int = NEIGHBOURS,
) -> Found:
    """Search for a cheap plan of one kind of vehicle in which every thing is covered by exactly one of its clients.

    Args:
        covers: for each client the number of what it covers, from 0 without gaps.
        straighten: makes a tour cheaper without changing what it covers; must be picklable for several workers.
        neighbours: how many clients near a client the local search tries beside it.

    Raises:
        NoPlan: no plan that keeps all limits was found.
    """
    began = time.monotonic()
    columns = Columns(covers)
    best: Plan | None = None
    iterations = 0
    walk = partial(_walk, data, covers, straighten, neighbours)
    with _Workers(effort.workers, walk) as workers, _chooser(effort) as chooser:
        for number in range(len(LEGS)):
            for walked in workers.walk([_leg(effort, began, number, who, best) for who in range(effort.workers)]):
                iterations += walked.iterations
                for column in walked.columns:
                    columns.keep(column)
                best = _cheaper(best, walked.plan)
            until = _until(effort, began, number, choosing=True)
            best = _cheaper(best, _chosen(chooser, columns, data.num_vehicles, best, until))
    if best is None:
        raise NoPlan("no plan was found that keeps all limits")
    return Found(_cost(best), tuple(clients for _, clients in best), iterations)


def _chooser(effort: Effort) -> AbstractContextManager[Chooser | None]:
    return nullcontext() if effort.seconds is None else Chooser()


def _chosen(
    chooser: Chooser | None, columns: Columns, vehicles: int, best: Plan | None, until: float | None
) -> Plan | None:
    """The cheapest plan among all tours seen, None if none is cheaper than the best."""
    seen = list(columns.best.items())
    choice = Choice(
        tuple(cost for _, (cost, _) in seen),
        tuple(tuple(sorted(things)) for things, _ in seen),
        max(columns.covers) + 1,
        vehicles,
        math.inf if best is None else _cost(best),
    )
    chosen = choose(choice, until) if chooser is None or until is None else chooser.choose(choice, until)
    return None if chosen is None else [seen[index][1] for index in chosen]


def _cost(plan: Plan) -> int:
    return sum(cost for cost, _ in plan)


def _cheaper(known: Plan | None, other: Plan | None) -> Plan | None:
    if known is None or (other is not None and _cost(other) < _cost(known)):
        return other
    return known


def _leg(effort: Effort, began: float, number: int, who: int, best: Plan | None) -> _Leg:
    """Every second worker goes on from the best plan, the others begin anew, by turns."""
    goes_on = best is not None and (number + who) % 2 == 0
    iterations = None if effort.iterations is None else round(effort.iterations * LEGS[number])
    start = tuple(clients for _, clients in best) if best is not None and goes_on else None
    return _Leg(effort.seed * 1000 + number * 100 + who, iterations, _until(effort, began, number), start)


def _until(effort: Effort, began: float, number: int, *, choosing: bool = False) -> float | None:
    """When a leg ends, or the choice after it; None for an effort without a clock."""
    if effort.seconds is None:
        return None
    patience = effort.seconds - min(ENDING_SECONDS, ENDING_SHARE * effort.seconds)
    choice = min(CHOICE_SECONDS, CHOICE_SHARE * effort.seconds)
    return began + patience * sum(LEGS[: number + 1]) - (0.0 if choosing else choice)


class _Workers:
    """Legs walked side by side: one in this process, which begins at once, the others in processes that start clean."""

    def __init__(self, count: int, walk: Callable[[_Leg], _Walked]) -> None:
        self._walk = walk
        self._pool = None
        if count > 1:
            self._pool = ProcessPoolExecutor(count - 1, mp_context=multiprocessing.get_context("spawn"))

    def __enter__(self) -> "_Workers":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def walk(self, legs: list[_Leg]) -> list[_Walked]:
        others = [self._pool.submit(self._walk, leg) for leg in legs[1:]] if self._pool is not None else []
        return [self._walk(legs[0]), *(other.result() for other in others)]


def _walk(
    data: ProblemData, covers: Sequence[int], straighten: Straighten | None, neighbours: int, leg: _Leg
) -> _Walked:
    """Record-to-record travel over local optima."""
    random = RandomNumberGenerator(seed=leg.seed)
    improve = _improver(data, random, neighbours)
    columns = Columns(covers, straighten)
    penalties = _penalties(data)
    if leg.start is None:
        current = improve(Solution.make_random(data, random), penalties.max_cost_evaluator(), exhaustive=True)
    else:
        current = Solution(data, [list(tour) for tour in leg.start])
    best = columns.see_all(current)
    started = time.monotonic()
    iteration = 0
    while (progress := leg.progress(iteration, started)) < 1.0:
        iteration += 1
        judge = penalties.cost_evaluator()
        candidate = improve(current, judge)
        penalties.register(candidate)
        if _accepted(judge, candidate, current, best, 1.0 - progress):
            current = candidate
            plan = columns.see_all(candidate)
            if plan is not None and (best is None or _cost(plan) < _cost(best)):
                best, current = _settle(data, columns, improve, judge, plan)
    return _Walked(best, list(columns.best.values()), iteration)


def _penalties(data: ProblemData) -> PenaltyManager:
    """What breaking a limit costs: at first so much that a unit too many is as dear as to travel for it alone.

    PyVRP itself begins at 50,000 and needs tens of thousands of iterations to come down to what lets a search pass
    through plans that are a little too full.
    """
    distance, duration = data.distance_matrix(0).mean(), data.duration_matrix(0).mean()
    demands = np.array([client.delivery for client in data.clients()], dtype=np.float64).mean(axis=0)
    loads = [float(distance / demand) if demand else 1.0 for demand in demands]
    lateness = float(distance / duration) if duration else 1.0
    follow = PenaltyParams(solutions_between_updates=PLANS_BETWEEN_PENALTIES, target_feasible=FEASIBLE_SHARE)
    return PenaltyManager((loads, lateness, 1.0), follow)


def _improver(data: ProblemData, random: RandomNumberGenerator, neighbours: int) -> LocalSearch:
    perturbation = PerturbationManager(PerturbationParams(*PERTURBATIONS))
    near = compute_neighbours(data, NeighbourhoodParams(num_neighbours=neighbours))
    improve = LocalSearch(data, random, near, perturbation)
    for operator in OPERATORS:
        if operator.supports(data):
            improve.add_operator(operator(data))
    return improve


def _accepted(judge: CostEvaluator, candidate: Solution, current: Solution, best: Plan | None, patience: float) -> bool:
    cost = judge.penalised_cost(candidate)
    if cost <= judge.penalised_cost(current):
        return True
    return best is not None and cost <= _cost(best) * (1 + WORSE_SHARE * patience)


def _settle(
    data: ProblemData, columns: Columns, improve: LocalSearch, judge: CostEvaluator, plan: Plan
) -> tuple[Plan, Solution]:
    """Look at a new best plan thoroughly."""
    solution = Solution(data, [list(clients) for _, clients in plan])
    better = improve(solution, judge, exhaustive=True)
    improved = columns.see_all(better)
    if improved is not None and _cost(improved) < _cost(plan):
        return improved, Solution(data, [list(clients) for _, clients in improved])
    return plan, solution
