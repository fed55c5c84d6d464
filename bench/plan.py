"""Planning the rounds of a large town: how long, what is left out, how predictable, and what a drop-out changes."""

import time
from dataclasses import replace

import numpy as np

from bench.report import Figure, Report
from command_center.patrol.plans.needs import span_of
from command_center.patrol.windows import read_windows
from command_center.registry.town_index import TRAVEL_MPS, road_graph
from gis.planning.needs import Needs, PointNeed, Team, visits_of
from gis.planning.predictability import predictability
from gis.planning.relax import proposals
from gis.planning.replan import changes, replan
from gis.planning.rounds import plan
from gis.planning.solver import Search, run
from gis.planning.timetable import Wishes, settle
from gis.planning.travel import Travel, travel_of
from gis.roads import RoadGraph
from gis.town import generate_town
from gis.town_model import PatrolPoint, Town
from gis.town_teams import make_teams

TEN = 10 * 3_600


def town_needs(town: Town, points: int, teams: int) -> Needs:
    """The model town's points and teams, with as many points more at its crossings, drawn by a fixed seed."""
    rng = np.random.default_rng(1)
    wanted = [
        PointNeed(one.id, one.name, one.lonlat, tuple(span_of(w) for w in read_windows(_windows(one))), one.dwell_s)
        for one in town.points
    ][:points]
    nodes = town.network.node_lonlat
    for number in range(points - len(wanted)):
        start = int(rng.integers(6, 20)) * 3_600
        place = nodes[int(rng.integers(len(nodes)))]
        wanted.append(PointNeed(f"X{number}", f"X{number}", place, ((start, start + 7_200),), 300))
    crews = [
        Team(
            one.id,
            one.name,
            one.force,
            TRAVEL_MPS.get(one.travel),
            one.base,
            *span_of(read_windows([{"start": one.shift[0], "end": one.shift[1]}])[0]),
            one.rest_s,
        )
        for one in make_teams(town)[:teams]
    ]
    return Needs(tuple(crews), tuple(wanted), (), (), 0.3)


def _windows(point: PatrolPoint) -> list[dict[str, str]]:
    return [{"start": one.start, "end": one.end} for one in point.windows]


def measure(points: int, teams: int, seconds: float) -> Report:
    """Plan two days, let the busiest team drop out of the second at ten, and plan with a third of the teams."""
    town = generate_town(cameras=5)
    graph = road_graph(town.network)
    needs = town_needs(town, points, teams)
    began = time.perf_counter()
    travel = travel_of(graph, needs, visits_of(needs))
    asked_s = time.perf_counter() - began
    first = plan(needs, travel, seed=1, limit_s=seconds)
    second = plan(needs, travel, seed=2, limit_s=seconds, former=[first.day])
    still = _undrawn(needs, travel)
    late = [(one.team_id, sum(stop.arrive_s > TEN for stop in one.stops)) for one in second.rounds]
    gone, lost = max(late, key=lambda one: one[1])
    began = time.perf_counter()
    anew = replan(needs, travel, second.rounds, now_s=TEN, gone={gone})
    anew_s = time.perf_counter() - began
    changed = changes(second.rounds, anew.rounds)
    own = {stop.visit.id for one in second.rounds if one.team_id == gone for stop in one.stops}
    return Report(
        "plan",
        [
            Figure("visits due", len(visits_of(needs)), f"of {len(needs.points)} points by {len(needs.teams)} teams"),
            Figure("travel times between all places", asked_s, "s"),
            Figure("first day planned", first.solved_s, "s", target=60.0),
            Figure("visits left out, first day", len(first.unmet), ""),
            Figure("second day planned", second.solved_s, "s", target=60.0),
            Figure("visits left out, second day", len(second.unmet), ""),
            Figure(
                "predictable after one day", second.predictability, "0–1", 0.3, "lower", "as early as possible", still
            ),
            Figure("most stops of one team", max(len(one.stops) for one in second.rounds), ""),
            Figure(f"planned anew without {gone}", anew_s, "s", target=10.0),
            Figure("its visits still to come", lost, ""),
            Figure("visits left out then", len(anew.unmet), ""),
            Figure("visits of others moved to another team", len(set(changed.moved) - own), ""),
            Figure("visits of others more than 10 min off", len(set(changed.shifted) - own), ""),
            *_with_few(needs, graph, seconds),
        ],
    )


def _undrawn(needs: Needs, travel: Travel) -> float:
    """The score where nothing is drawn: two searches from different seeds, everything as early as it can be."""
    days = []
    for seed in (1, 2):
        orders = run(Search(needs.teams, visits_of(needs), travel), limit_s=5.0, seed=seed)
        rounds = [settle(team, orders[team.id], travel, wishes=Wishes()) for team in needs.teams]
        days.append({stop.visit.id: stop.arrive_s for one in rounds for stop in one.stops})
    return predictability(days[1], days[:1], visits_of(needs))


def _with_few(needs: Needs, graph: RoadGraph, seconds: float) -> list[Figure]:
    few = replace(needs, teams=needs.teams[::3])
    travel = travel_of(graph, few, visits_of(few))
    made = plan(few, travel, seed=1, limit_s=seconds)
    began = time.perf_counter()
    offers = proposals(few, travel, made, limit_s=seconds)
    helped = sum(bool(offer.relaxations) for offer in offers)
    return [
        Figure(f"visits left out with {len(few.teams)} teams", len(made.unmet), ""),
        Figure("windows with a proved relaxation", helped, f"of {len(offers)}", better="higher"),
        Figure("search for relaxations", time.perf_counter() - began, "s"),
    ]
