"""Who gets there first: the five best of a thousand on a large network, and what the roads cost and are worth."""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.dispatch_hall import hall_of, moved
from bench.report import Figure, Report, median_and_spread, quantile
from bench.road_files import TRACKS, Joined, files, joined
from bench.road_peers import IgraphDistances, apart_from_osmnx
from command_center.response.candidates import Force, Ranking
from command_center.response.choosing import Chooser, Need
from command_center.response.roll import Roll
from gis.metric import distances_m
from gis.roads import BadRoads, Closure, Network, RoadGraph, Standing, Travel, match, reached, read_osm
from gis.roads.profiles import BICYCLE, CAR, FOOT

T = TypeVar("T")
Floats = NDArray[np.float64]
Figures = list[Figure]

LEAST_NODES = 27_000
NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
KINDS = ("POL", "AUX", "GRD", "ENF", "FIR", "MED")
CATEGORIES = ("02999", "03001", "06999", "03006")
BESIDE_ROAD_DEG = 2e-4
MOVING = 30


@dataclass(frozen=True)
class Town:
    """The joined network with everybody on it."""

    travel: Travel
    stranger: Callable[[], Chooser]
    chooser: Chooser
    forces: list[Force]
    profiles: Mapping[str, str]
    needs: list[Need]


def run(responders: int = 1000, places: int = 500, seed: int = 7) -> Report:
    """Measure everything; without the road files there is nothing to measure.

    Raises:
        BadRoads: the road files are not there.
    """
    if not files():
        raise BadRoads("the road files are not here")
    figures: Figures = []
    networks = _imports(figures)
    town = _town(joined(_enough(list(networks.values()))), figures, responders, places, seed)
    _choosing(town, figures)
    _in_a_hall(town, figures)
    _beside_igraph(town, figures)
    _search_pieces(town, figures)
    _truth(networks, figures, seed)
    _matching(figures)
    return Report("dispatch", figures)


def _enough(networks: list[Network]) -> list[Network]:
    """All files once, and all again until there are nodes enough."""
    laid = list(networks)
    while sum(len(one.stretches.node_lonlat) for one in laid) < LEAST_NODES:
        laid += networks
    return laid


def _imports(figures: Figures) -> dict[Path, Network]:
    networks = {}
    for file in files():
        seconds, network = _timed(partial(read_osm, file), 3)
        report, name = network.report, f"import {file.name.split('.')[0]}"
        why = ", ".join(f"{reason} {count}" for reason, count in report.left_out.items()) or "none"
        arcs = sum(network.arcs(profile) for profile in network.there_mps)
        figures += [
            Figure(
                f"{name}: ways used",
                report.used,
                "ways",
                peer=f"left out: {why}",
                peer_value=report.read,
                better="higher",
            ),
            Figure(
                f"{name}: nodes / arcs of all profiles",
                len(network.stretches.node_lonlat),
                "nodes",
                peer="arcs",
                peer_value=arcs,
            ),
            *_spread(f"{name}: time", [one / 1e3 for one in seconds], "s"),
        ]
        networks[file] = network
    return networks


def _town(roads: Joined, figures: Figures, responders: int, places: int, seed: int) -> Town:
    took, travel = _timed(roads.travel, 3)
    rng, choose = np.random.default_rng(seed), random.Random(seed)
    profiles = [(CAR, BICYCLE, FOOT)[i] for i in rng.integers(0, 3, responders)]
    where = {profile: _beside_roads(roads, profile, responders, rng) for profile in (CAR, BICYCLE, FOOT)}
    forces = [
        Force(
            f"R{i:04d}", f"人{i}", f"C{i}", choose.choice(KINDS), "U01", f"320724199{choose.randint(1, 12):03d}001",
            choose.choice(("patrolling", "standby", "returning", "off_duty")), None,
            (float(where[profile][i, 0]), float(where[profile][i, 1])),
            NOW - timedelta(seconds=choose.randint(1, 60)), choose.randint(0, 4),
        )
        for i, profile in enumerate(profiles)
    ]  # fmt: skip
    spots = _beside_roads(roads, FOOT, places, rng)
    needs = [Need((float(lon), float(lat)), choose.choice(CATEGORIES), "320724199003001") for lon, lat in spots]
    by_id = {force.person_id: profile for force, profile in zip(forces, profiles, strict=True)}
    figures += [
        Figure("network: nodes", len(roads.stretches.node_lonlat), "nodes", LEAST_NODES, "higher"),
        Figure(
            "network: stretches", len(roads.stretches), "", peer="connecting roads among them", peer_value=roads.links
        ),
        *_spread("network: graphs for three profiles built in", took, "ms"),
        Figure("network: cells made ready for three profiles in, once", _once(travel.make_ready)[0], "ms"),
    ]
    stranger = partial(Chooser, travel, by_id.__getitem__)
    return Town(travel, stranger, stranger(), forces, by_id, needs)


def _choosing(town: Town, figures: Figures) -> None:
    some = _ranked(town, moving=MOVING, cold=False)
    figures += _of_times(f"five best of {len(town.forces)} with reasons, {MOVING} moved since", some.best_ms, 5)
    thirds = [some.best_ms[i::3] for i in range(3)]
    figures += [
        *_spread("… p95 of three thirds", [quantile(third, 0.95) for third in thirds], "ms"),
        *_of_times("… the five ways drawn", some.drawn_ms),
        Figure(
            "… both, p95",
            quantile([one + two for one, two in zip(some.best_ms, some.drawn_ms, strict=True)], 0.95),
            "ms",
        ),
        Figure("places with fewer than five or without reasons", some.short, "", 0),
        *_of_times("… nobody moved", _ranked(town, moving=0, cold=False).best_ms),
        *_of_times("… all moved", _ranked(town, moving=len(town.forces), cold=False).best_ms),
        *_of_times("… asked for the first time", _ranked(town, moving=0, cold=True).best_ms),
    ]


def _in_a_hall(town: Town, figures: Figures) -> None:
    """As the hall answers: 30 seen elsewhere and one with another status since the last question."""
    rng, took = np.random.default_rng(11), []
    with hall_of(town.travel, town.forces, town.profiles, NOW) as hall:
        hall.ask(town.needs[0])
        for number, need in enumerate(town.needs[:200]):
            places = moved(town.forces, MOVING, BESIDE_ROAD_DEG, rng)
            hall.move({town.forces[i].person_id: lonlat for i, lonlat in places.items()})
            hall.turn(town.forces[number].person_id, "standby" if number % 2 else "off_duty")
            took.append(_once(partial(hall.ask, need))[0])
    figures += _of_times(f"… asked of a hall with its store (SQLite), {MOVING} moved and one turned since", took)


@dataclass(frozen=True)
class Ranked:
    """Milliseconds of each ranking and of drawing its ways; how many came short of five with reasons."""

    best_ms: list[float]
    drawn_ms: list[float]
    short: int


def _ranked(town: Town, *, moving: int, cold: bool) -> Ranked:
    """Rank for all places, so many moving a little before each; `cold` with nobody known from before."""
    chooser, forces, rng = town.chooser, list(town.forces), np.random.default_rng(moving)
    roll = Roll.of(forces)
    chooser.ranking(roll, town.needs[0], now=NOW, limit=5)
    best, drawn, short = [], [], 0
    for need in town.needs[: 100 if cold or moving > MOVING else None]:
        if cold:
            chooser = town.stranger()
        for i, lonlat in moved(town.forces, moving, BESIDE_ROAD_DEG, rng).items():
            forces[i] = replace(forces[i], lonlat=lonlat)
        read, roll = _once(partial(roll.now, forces))
        took, ranking = _once(partial(chooser.ranking, roll, need, now=NOW, limit=5))
        best.append(read + took)
        drawn.append(_once(partial(_routes, chooser, ranking, need))[0])
        short += len(ranking.offered) < 5 or not all(one.reasons for one in ranking.offered[:5])
    return Ranked(best, drawn, short)


def _of_times(name: str, times_ms: list[float], target_ms: float | None = None) -> Figures:
    return [
        Figure(f"{name}, p50", quantile(times_ms, 0.5), "ms"),
        Figure(f"{name}, p95", quantile(times_ms, 0.95), "ms", target_ms),
        Figure(f"{name}, worst of {len(times_ms)}", max(times_ms), "ms"),
    ]


def _routes(chooser: Chooser, ranking: Ranking, need: Need) -> None:
    for one in ranking.offered[:5]:
        chooser.route(one.force, need.lonlat)


def _beside_igraph(town: Town, figures: Figures) -> None:
    """Drivers only, already snapped: what both can be asked."""
    graph = town.travel.graphs[CAR]
    peer, everybody = IgraphDistances(graph), graph.snap(np.array([force.lonlat for force in town.forces]))
    ours_ms, theirs_ms, apart, nowhere = [], [], [], np.zeros(len(everybody))
    for need in town.needs[:200]:
        theirs, took = peer.five(graph.snap(need.lonlat), everybody)
        theirs_ms.append(took)
        ours_ms.append(_once(partial(graph.nearest, need.lonlat, everybody, k=5))[0])
        on_road = graph.nearest(need.lonlat, replace(everybody, off_road_m=nowhere), k=5)
        walk_s = float(graph.snap(need.lonlat).off_road_m[0]) / graph.walking_mps
        apart += [abs(one.seconds - walk_s - two) for one, two in zip(on_road, theirs, strict=False)]
    for share in (0.5, 0.95):
        name = f"five nearest of {len(everybody)} drivers with metres, p{share * 100:.0f}"
        ours, theirs_at = quantile(ours_ms, share), quantile(theirs_ms, share)
        figures.append(Figure(name, ours, "ms", peer="igraph distances, seconds only", peer_value=theirs_at))
    figures.append(Figure("… seconds on the road apart from igraph, p95", quantile(apart, 0.95), "s", 0.1))


def _search_pieces(town: Town, figures: Figures) -> None:
    graph, stretches = town.travel.graphs[CAR], town.travel.stretches
    spots = np.array([need.lonlat for need in town.needs])
    closures = [Closure(f"c{i}", shapely.Point(*spot).buffer(0.002)) for i, spot in enumerate(spots[:30])]
    town.travel.find(closures[0])
    finding, shuts = zip(*[_once(partial(town.travel.find, one)) for one in closures], strict=True)

    def rebuild(i: int) -> None:
        town.travel.but(shuts[: i % 10 + 1], 0.0).make_ready()

    rebuilding = [_once(partial(rebuild, i))[0] for i in range(30)]
    standing = Standing(town.travel, lambda _: CAR)
    standing.stand([force.person_id for force in town.forces], np.array([force.lonlat for force in town.forces]))
    turning = [_once(partial(standing.on, town.travel.but(shuts[: i % 10 + 1], 0.0)))[0] for i in range(30)]
    everybody = np.array([force.lonlat for force in town.forces])
    snapping = [_once(lambda: graph.snap(everybody))[0] for _ in range(11)]
    rings = [_once(partial(reached, graph, spot, (60.0, 180.0, 300.0)))[0] for spot in spots[:40]]
    figures += [
        *_spread("what a drawn closure closes, found in", finding, "ms"),
        *_spread(f"graphs rebuilt with up to ten closures ({len(stretches)} stretches, 3 profiles)", rebuilding, "ms"),
        *_spread("… and those who stand there snapped anew", turning, "ms"),
        *_spread("snapping 1000 positions to the true line", snapping, "ms"),
        *_spread("rings of 1, 3 and 5 minutes, all three", rings, "ms"),
    ]


def _truth(networks: dict[Path, Network], figures: Figures, seed: int) -> None:
    for file, network in networks.items():
        apart, disagree = apart_from_osmnx(file, network, goals=10, starts=100, seed=seed)
        name = f"{file.name.split('.')[0]}: travel times apart from osmnx + networkx"
        figures += [
            Figure(f"{name}, worst of {len(apart)}", max(apart, default=float("nan")) * 100, "%", 1),
            Figure("… reachable for one and not for the other", disagree, "pairs", 0),
        ]


def _matching(figures: Figures) -> None:
    wrong, gone, seconds, points = [], [], [], 0
    for folder in sorted(TRACKS.iterdir()) if TRACKS.is_dir() else ():
        share, metres, took, count = _match_error(folder)
        wrong.append(share)
        gone.append(metres)
        seconds.append(took)
        points += count
    if wrong:
        figures += [
            Figure(
                f"map matching: length mismatched, {len(wrong)} tracks together",
                float(np.average(wrong, weights=gone)) * 100,
                "%",
            ),
            *_spread("… by track", [share * 100 for share in wrong], "%"),
            Figure("… points a second", points / sum(seconds), "1/s", better="higher"),
        ]


def _match_error(folder: Path) -> tuple[float, float, float, int]:
    """Length wrongly added and wrongly left out, as a share of the true way; metres of it; seconds; points."""
    nodes, arcs, track, route = (
        np.loadtxt(folder / f"{folder.name}.{kind}") for kind in ("nodes", "arcs", "track", "route")
    )
    arcs = arcs.astype(np.int64)
    metres = distances_m(nodes[arcs[:, 0]], nodes[arcs[:, 1]])
    ways = arcs[:, 0] != arcs[:, 1]
    length, same = np.maximum(metres[ways], 0.01), np.ones(int(ways.sum()))
    graph = RoadGraph(nodes, arcs[ways, 0], arcs[ways, 1], length, same * 10.0, same)
    took, found = _once(lambda: match(graph, track[:, :2]))
    truth: dict[tuple[int, int], float] = {}
    for arc in route.astype(np.int64):
        pair = int(arcs[arc, 0]), int(arcs[arc, 1])
        truth[pair] = truth.get(pair, 0.0) + float(metres[arc])
    gone: dict[tuple[int, int], float] = {}
    for edge, begin, end in (piece for run in found.runs for piece in run):
        ends = int(graph.stretches.start[edge]), int(graph.stretches.end[edge])
        pair = ends if end >= begin else ends[::-1]
        gone[pair] = gone.get(pair, 0.0) + abs(end - begin) * float(graph.stretches.length_m[edge])
    wrong = sum(abs(gone.get(pair, 0.0) - truth.get(pair, 0.0)) for pair in gone.keys() | truth.keys())
    whole = sum(truth.values())
    return wrong / whole, whole, took / 1e3, len(track)


def _beside_roads(roads: Joined, profile: str, count: int, rng: np.random.Generator) -> Floats:
    """(count, 2) random places some metres from roads that a profile may use, by length of road."""
    may = (roads.there_mps[profile] > 0) | (roads.back_mps[profile] > 0)
    weight = np.where(may, roads.stretches.length_m, 0.0)
    edges = rng.choice(len(weight), count, p=weight / weight.sum())
    on = np.array([roads.stretches.piece(int(edge), 0.0, float(rng.uniform(0.01, 0.99)))[-1] for edge in edges])
    beside: Floats = on + rng.normal(0.0, BESIDE_ROAD_DEG, on.shape)
    return beside


def _timed(work: Callable[[], T], times: int) -> tuple[list[float], T]:
    """Milliseconds of each try, and what the last one made."""
    tries = [_once(work) for _ in range(times)]
    return [took for took, _ in tries], tries[-1][1]


def _once(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    made = work()
    return (time.perf_counter() - began) * 1e3, made


def _spread(name: str, values: Iterable[float], unit: str) -> Figures:
    median, spread = median_and_spread(list(values))
    return [Figure(f"{name}, median", median, unit), Figure(f"{name}, spread", spread, unit)]
