"""Plans of streets and visits, each walked by the bench's independent judge, beside known and exhaustive optima."""

from dataclasses import replace
from itertools import pairwise, permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.plan_check import WrongPlan, check_streets, check_visits
from gis.planning.instances import read_instance
from gis.planning.streets import (
    BadStreets,
    Pass,
    Street,
    StreetPlan,
    StreetProblem,
    best_directions,
    plan_streets,
    tour_nodes,
)
from gis.planning.vrp import BadVisits, Effort, NoPlan, Stop, VisitPlan, VisitProblem, plan_visits

CARP = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "routing" / "carp"
REAL = pytest.mark.skipif(not CARP.exists(), reason="needs the public sets in ../shared/data/routing")
LITTLE = Effort(iterations=60, seed=1)

SQUARE = StreetProblem(
    4,
    (
        Street(0, 1, 4, 1),
        Street(1, 2, 3, 1),
        Street(2, 3, 5, 1),
        Street(3, 0, 2, 1),
        Street(0, 2, 6, 0, required=False),
    ),
    depot=0,
    vehicles=2,
    capacity=2,
)


@st.composite
def networks(draw: st.DrawFn) -> StreetProblem:
    """Up to three streets on a ring of up to five nodes: one-way, two-sided and free ones among them."""
    nodes = draw(st.integers(2, 5))
    ring = [Street(i, (i + 1) % nodes, draw(st.integers(0, 9)), required=False) for i in range(nodes)]
    ends = st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1))
    streets = []
    for start, end in draw(st.lists(ends, min_size=1, max_size=3)):
        kind = draw(st.sampled_from(["any", "oneway", "both"]))
        cost, demand = draw(st.integers(0, 9)), draw(st.integers(0, 3))
        extra = draw(st.none() | st.integers(0, 20))
        streets.append(
            Street(start, end, cost, demand, cover_cost=extra, oneway=kind == "oneway", both_directions=kind == "both")
        )
    return StreetProblem(nodes, (*ring, *streets), depot=draw(st.integers(0, nodes - 1)), vehicles=6, capacity=4)


def exhaustive(problem: StreetProblem) -> int:
    """The least cost: every order of the tasks, every direction, every place to go home in between."""
    tasks = problem.tasks()

    def cost(tour: tuple[Pass, ...]) -> int:
        nodes = [problem.depot]
        for one in tour:
            nodes += problem.ends(one)
        nodes.append(problem.depot)
        between = [problem.ways.cost[problem.ways.row[a], b] for a, b in zip(nodes[::2], nodes[1::2], strict=True)]
        return int(sum(between)) + sum(problem.streets[one.street].covering for one in tour)

    best = 10**9
    for order in permutations(tasks):
        for cuts in product((False, True), repeat=len(order) - 1):
            edges = [0, *(i + 1 for i, cut in enumerate(cuts) if cut), len(order)]
            parts = [order[a:b] for a, b in pairwise(edges)]
            if len(parts) > problem.vehicles:
                continue
            if any(sum(problem.streets[t[0].street].demand for t in part) > problem.capacity for part in parts):
                continue
            best = min(best, sum(min(cost(tour) for tour in product(*part)) for part in parts))
    return best


@settings(max_examples=25, deadline=None)
@given(networks())
def test_plans_of_small_networks_are_whole_and_as_cheap_as_the_exhaustive_search(problem: StreetProblem) -> None:
    plan = plan_streets(problem, LITTLE)
    check_streets(problem, plan)
    assert plan.cost == exhaustive(problem)


@REAL
@pytest.mark.parametrize(("name", "optimum"), [("kshs1", 14661), ("kshs3", 9320), ("gdb1", 316), ("gdb19", 55)])
def test_public_instances_reach_their_proved_optimum(name: str, optimum: int) -> None:
    problem = read_instance(CARP / f"{name}.dat")
    assert isinstance(problem, StreetProblem)
    plan = plan_streets(problem, Effort(iterations=300, seed=1))
    check_streets(problem, plan)
    assert plan.cost == optimum


def test_the_same_seed_and_iterations_give_the_same_plan_with_one_process_and_again() -> None:
    effort = Effort(iterations=40, seed=5)
    assert plan_streets(SQUARE, effort) == plan_streets(SQUARE, effort)


def test_two_processes_search_together() -> None:
    plan = plan_streets(SQUARE, Effort(seconds=30, iterations=40, workers=2))
    check_streets(SQUARE, plan)
    assert plan.cost == exhaustive(SQUARE)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True), st.integers(0, 2**32 - 1))
def test_directions_are_the_best_of_all(order: list[int], seed: int) -> None:
    cost = np.random.default_rng(seed).integers(0, 50, (11, 11)).tolist()
    choices = [(client - client % 2, client - client % 2 + 1) for client in range(10)]
    total, chosen = best_directions(cost, choices, tuple(2 * one for one in order))

    def length(clients: tuple[int, ...]) -> int:
        return sum(cost[a][b] for a, b in pairwise([0, *(client + 1 for client in clients), 0]))

    assert [client // 2 for client in chosen] == order
    assert total == length(chosen) == min(length(way) for way in product(*(choices[2 * one] for one in order)))


def test_nothing_to_cover_needs_no_tour_and_limits_that_leave_no_plan_are_told() -> None:
    nothing = replace(SQUARE, streets=(Street(0, 1, 4, required=False),))
    assert plan_streets(nothing, LITTLE) == StreetPlan(0, ())
    # Three streets of two fit into two vehicles of three by their sum alone.
    parts = tuple(Street(0, 1, 1, demand=2) for _ in range(3))
    with pytest.raises(NoPlan):
        plan_streets(StreetProblem(2, parts, depot=0, vehicles=2, capacity=3), LITTLE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"depot": 4}, "not among"),
        ({"vehicles": 0}, "must be a vehicle"),
        ({"capacity": 0}, "above the capacity"),
        ({"vehicles": 1}, "add up to 4"),
        ({"nodes": 3}, "not both nodes"),
        ({"streets": (Street(0, 1, -1),)}, "below zero"),
        ({"streets": (Street(0, 1, 1, oneway=True),)}, "no way leads"),
        ({"streets": (Street(0, 1, 1, oneway=True, both_directions=True),)}, "one-way"),
    ],
)
def test_streets_that_nobody_can_cover_are_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(BadStreets, match=reason):
        replace(SQUARE, **change)  # type: ignore[arg-type]


def test_the_judge_sees_what_is_wrong_with_a_plan() -> None:
    plan = plan_streets(SQUARE, LITTLE)
    check_streets(SQUARE, plan)
    assert tour_nodes(SQUARE, plan.tours[0])[0] == SQUARE.depot
    first, second = plan.tours
    for wrong in (
        replace(plan, cost=plan.cost - 1),
        replace(plan, tours=(first, second[1:])),
        replace(plan, tours=((*first, *second),)),
        replace(plan, tours=(first, second, first)),
    ):
        with pytest.raises(WrongPlan):
            check_streets(SQUARE, wrong)


@st.composite
def rounds(draw: st.DrawFn) -> VisitProblem:
    """Up to four stops with windows, waiting and service; each of them can be served alone."""
    places = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=5))
    away = np.abs(np.array(places)[:, None] - np.array(places)[None]).sum(axis=2).astype(np.int64)
    stops = [Stop(closes=400)]
    for number in range(1, len(places)):
        opens = draw(st.integers(0, 60))
        closes = max(opens, int(away[0, number])) + draw(st.integers(0, 40))
        stops.append(Stop(draw(st.integers(0, 3)), draw(st.integers(0, 20)), opens, closes))
    return VisitProblem(tuple(stops), away, away, vehicles=5, capacity=6)


def exhaustive_visits(problem: VisitProblem) -> int:
    best = 10**9
    for order in permutations(range(1, len(problem.stops))):
        for cuts in product((False, True), repeat=max(0, len(order) - 1)):
            edges = [0, *(i + 1 for i, cut in enumerate(cuts) if cut), len(order)]
            tours = tuple(order[a:b] for a, b in pairwise(edges))
            cost = sum(int(problem.distance[a, b]) for tour in tours for a, b in pairwise((0, *tour, 0)))
            try:
                check_visits(problem, VisitPlan(cost, tours))
            except WrongPlan:
                continue
            best = min(best, cost)
    return best


@settings(max_examples=20, deadline=None)
@given(rounds())
def test_visits_keep_their_windows_and_cost_no_more_than_the_exhaustive_search(problem: VisitProblem) -> None:
    plan = plan_visits(problem, LITTLE)
    check_visits(problem, plan)
    assert plan.cost == exhaustive_visits(problem)


def test_visits_that_nobody_can_make_are_refused() -> None:
    away = np.array([[0, 9], [9, 0]])
    with pytest.raises(BadVisits, match="closes before"):
        VisitProblem((Stop(), Stop(closes=8)), away, away, 1, 1)
    with pytest.raises(BadVisits, match="square"):
        VisitProblem((Stop(),), away, away, 1, 1)
