"""Judge of patrol plans: walks them on its own, over its own shortest ways, and believes nothing that a plan says."""

import heapq
from collections import Counter, defaultdict
from itertools import pairwise

from gis.planning.streets import StreetPlan, StreetProblem, tour_nodes
from gis.planning.vrp import VisitPlan, VisitProblem


class WrongPlan(AssertionError):
    """The plan breaks a rule, or its cost is not what it says."""


def check_streets(problem: StreetProblem, plan: StreetPlan) -> None:
    """Every required street covered as often as asked, no vehicle too full, none too many, cost as walked."""
    arcs = _arcs(problem)
    far = {node: _all_from(arcs, node) for node in {end for s in problem.streets for end in (s.start, s.end)}}
    far[problem.depot] = _all_from(arcs, problem.depot)
    _expect(len(plan.tours) <= problem.vehicles, f"{len(plan.tours)} tours for {problem.vehicles} vehicles")
    done: Counter[tuple[int, bool]] = Counter()
    cost = 0
    for tour in plan.tours:
        load, at, spent, covering = 0, problem.depot, 0, 0
        for one in tour:
            street = problem.streets[one.street]
            _expect(one.forward or not street.oneway, f"street {one.street} is passed against its direction")
            start, end = (street.start, street.end) if one.forward else (street.end, street.start)
            price = street.cost if street.cover_cost is None else street.cover_cost
            spent += far[at][start] + price
            covering += price - arcs[start][end]
            load, at = load + street.demand, end
            done[one.street, one.forward] += 1
        spent += far[at][problem.depot]
        cost += spent
        _expect(load <= problem.capacity, f"a load of {load} for a capacity of {problem.capacity}")
        _check_walk(problem, arcs, tour_nodes(problem, tour), walked=spent - covering)
    for number, street in enumerate(problem.streets):
        there, back = done[number, True], done[number, False]
        asked = (1, 1) if street.both_directions else (there, 1 - there) if street.required else (0, 0)
        _expect((there, back) == asked and min(asked) >= 0, f"street {number} is covered {there} + {back} times")
    _expect(cost == plan.cost, f"the plan says {plan.cost} and costs {cost}")


def check_visits(problem: VisitProblem, plan: VisitPlan) -> None:
    """Every stop visited once, within its window, no vehicle too full or late at home, cost as travelled."""
    _expect(len(plan.tours) <= problem.vehicles, f"{len(plan.tours)} tours for {problem.vehicles} vehicles")
    visited = sorted(stop for tour in plan.tours for stop in tour)
    _expect(visited == list(range(1, len(problem.stops))), "not every stop is visited exactly once")
    cost = 0
    for tour in plan.tours:
        load, at, clock = 0, 0, problem.stops[0].opens
        for number in (*tour, 0):
            stop = problem.stops[number]
            cost += int(problem.distance[at, number])
            clock = max(clock + int(problem.duration[at, number]), stop.opens)
            _expect(stop.closes is None or clock <= stop.closes, f"stop {number} is reached at {clock}")
            clock, load, at = clock + stop.service, load + stop.demand, number
        _expect(load <= problem.capacity, f"a load of {load} for a capacity of {problem.capacity}")
    _expect(cost == plan.cost, f"the plan says {plan.cost} and costs {cost}")


Arcs = dict[int, dict[int, int]]


def _arcs(problem: StreetProblem) -> Arcs:
    arcs: Arcs = defaultdict(dict)
    for street in problem.streets:
        pairs = [(street.start, street.end)] + ([] if street.oneway else [(street.end, street.start)])
        for start, end in pairs:
            arcs[start][end] = min(street.cost, arcs[start].get(end, street.cost))
    return arcs


def _all_from(arcs: Arcs, start: int) -> dict[int, int]:
    """Dijkstra out of the textbook."""
    found: dict[int, int] = {}
    heap = [(0, start)]
    while heap:
        cost, node = heapq.heappop(heap)
        if node in found:
            continue
        found[node] = cost
        for after, step in arcs.get(node, {}).items():
            heapq.heappush(heap, (cost + step, after))
    return found


def _check_walk(problem: StreetProblem, arcs: Arcs, nodes: list[int], *, walked: int) -> None:
    """The walk goes along streets only and from depot to depot, and costs what it should when nothing is covered."""
    _expect(nodes[0] == nodes[-1] == problem.depot, "a tour does not begin and end at the depot")
    cost = 0
    for start, end in pairwise(nodes):
        _expect(end in arcs.get(start, {}), f"no street leads from {start} to {end}")
        cost += arcs[start][end]
    _expect(cost == walked, f"the walk costs {cost}, not {walked}")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise WrongPlan(otherwise)
