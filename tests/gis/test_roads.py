"""Travel times checked against a plain heap Dijkstra on a graph in which the places are nodes of their own."""

import heapq
from itertools import pairwise

import numpy as np
import pytest

from gis.metric import LocalFrame, distance_m
from gis.roads import BadRoads, NoWay, RoadGraph

FRAME = LocalFrame(119.38, 34.12)
Arc = tuple[int, int, float, float]


def town_like(seed: int, side: int = 12) -> tuple[np.ndarray, list[Arc]]:
    """A jittered grid of streets with holes, one-way streets and three speeds."""
    rng = np.random.default_rng(seed)
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * 150.0
    xy = xy + rng.uniform(-40, 40, xy.shape)
    arcs: list[Arc] = []
    for a in range(side * side):
        for b in (a + 1 if (a + 1) % side else -1, a + side):
            if 0 <= b < side * side and rng.random() > 0.08:
                length, speed = float(np.hypot(*(xy[a] - xy[b]))), float(rng.choice([4.0, 8.0, 13.0]))
                arcs.append((a, b, length, speed))
                if rng.random() > 0.2:
                    arcs.append((b, a, length, speed))
    return FRAME.to_lonlat(xy), arcs


def build(lonlat: np.ndarray, arcs: list[Arc]) -> RoadGraph:
    start, end, length, speed = (np.array(column) for column in zip(*arcs, strict=True))
    return RoadGraph(lonlat, start, end, length, speed, np.zeros(len(arcs), dtype=int))


def plain_seconds(
    graph: RoadGraph, arcs: list[Arc], place: np.ndarray, other: np.ndarray, steady: float | None
) -> float:
    """Independent answer: split the two snapped edges by hand and run a textbook Dijkstra."""
    place_snap, other_snap = graph.snap(place), graph.snap(other)
    neighbours: dict[object, list[tuple[object, float]]] = {}
    for a, b, length, speed in arcs:
        cost = length / (steady or speed)
        stops: list[tuple[float, object]] = [(0.0, a), (1.0, b)]
        for name, snap in (("from", other_snap), ("to", place_snap)):
            u, v = graph.stretches.start[snap.edge[0]], graph.stretches.end[snap.edge[0]]
            if {int(u), int(v)} == {a, b}:
                along = float(snap.fraction[0]) if a == u else 1.0 - float(snap.fraction[0])
                stops.append((along, name))
        stops.sort(key=lambda stop: (stop[0], 0 if stop[1] == a else 2 if stop[1] == b else 1))
        for (low, one), (high, two) in pairwise(stops):
            neighbours.setdefault(one, []).append((two, cost * (high - low)))
            if low == high and {one, two} == {"from", "to"}:
                neighbours.setdefault(two, []).append((one, 0.0))
    best: dict[object, float] = {}
    heap: list[tuple[float, int, object]] = [(0.0, 0, "from")]
    ticket = 0
    while heap:
        cost, _, node = heapq.heappop(heap)
        if node in best:
            continue
        best[node] = cost
        for after, step in neighbours.get(node, []):
            ticket += 1
            heapq.heappush(heap, (cost + step, ticket, after))
    walk = float(place_snap.off_road_m[0] + other_snap.off_road_m[0]) / graph.walking_mps
    return best.get("to", np.inf) + walk


def places(seed: int, count: int) -> np.ndarray:
    return FRAME.to_lonlat(np.random.default_rng(seed).uniform(0, 1650, (count, 2)))


@pytest.mark.parametrize("seed", range(4))
def test_nearest_agrees_with_a_plain_dijkstra(seed: int) -> None:
    lonlat, arcs = town_like(seed)
    graph = build(lonlat, arcs)
    for place in places(seed + 100, 5):
        candidates = places(seed + 200, 40)
        speeds = np.where(np.arange(40) % 3 == 0, 3.0, np.nan)
        truth = np.array(
            [
                plain_seconds(graph, arcs, place, one, None if np.isnan(speed) else float(speed))
                for one, speed in zip(candidates, speeds, strict=True)
            ]
        )
        found = graph.nearest(place, candidates, speeds_mps=speeds, k=6)
        assert [reach.seconds for reach in found] == pytest.approx(sorted(truth)[:6], abs=1e-6)
        assert [truth[reach.index] for reach in found] == pytest.approx(sorted(truth)[:6], abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_a_route_is_as_long_as_its_line_and_as_fast_as_nearest_says(seed: int) -> None:
    graph = build(*town_like(seed))
    for start, end in zip(places(seed, 10), places(seed + 50, 10), strict=True):
        route = graph.route(start, end)
        reach = graph.nearest(end, [start], k=1)[0]
        drawn = sum(distance_m(a, b) for a, b in zip(route.line_lonlat, route.line_lonlat[1:], strict=False))
        assert route.seconds == pytest.approx(reach.seconds)
        assert route.metres == pytest.approx(reach.metres)
        assert drawn == pytest.approx(route.metres, rel=1e-3)
        assert route.line_lonlat[0] == pytest.approx(start)
        assert route.line_lonlat[-1] == pytest.approx(end)


def test_travel_times_reach_every_node_within_the_limit_and_none_beyond() -> None:
    lonlat, arcs = town_like(7)
    graph = build(lonlat, arcs)
    whole, near = graph.travel_times_to(lonlat[70]), graph.travel_times_to(lonlat[70], limit_s=60.0)
    assert whole[70] == pytest.approx(0.0, abs=1e-6)
    assert np.array_equal(np.isfinite(near), whole <= 60.0)
    assert near[np.isfinite(near)] == pytest.approx(whole[whole <= 60.0])


def test_snapping_finds_the_nearest_of_all_edges() -> None:
    graph = build(*town_like(3))
    points = places(9, 200)
    snaps = graph.snap(points)
    xy, node_xy = graph.frame.to_xy(points), graph.frame.to_xy(graph.node_lonlat)
    start, end = node_xy[graph.stretches.start], node_xy[graph.stretches.end]
    for point, off_road_m in zip(xy, snaps.off_road_m, strict=True):
        step = end - start
        along = np.clip(((point - start) * step).sum(axis=1) / (step**2).sum(axis=1), 0, 1)
        assert off_road_m == pytest.approx(np.hypot(*(start + along[:, None] * step - point).T).min())


def test_a_one_way_road_is_not_driven_backwards() -> None:
    lonlat = FRAME.to_lonlat([(0, 0), (1000, 0)])
    graph = RoadGraph(lonlat, [0], [1], [1000.0], [10.0], [0])
    ahead = graph.route(FRAME.to_lonlat((100, 0)), FRAME.to_lonlat((900, 0)))
    assert ahead.seconds == pytest.approx(80.0, abs=0.01)
    with pytest.raises(NoWay):
        graph.route(FRAME.to_lonlat((900, 0)), FRAME.to_lonlat((100, 0)))
    assert graph.nearest(FRAME.to_lonlat((100, 0)), [FRAME.to_lonlat((900, 0))], k=1) == []


def test_the_leg_off_the_road_is_walked() -> None:
    lonlat = FRAME.to_lonlat([(0, 0), (1000, 0)])
    graph = RoadGraph(lonlat, [0, 1], [1, 0], [1000.0, 1000.0], [10.0, 10.0], [0, 0])
    route = graph.route(FRAME.to_lonlat((200, 140)), FRAME.to_lonlat((700, -70)))
    assert route.seconds == pytest.approx(50.0 + 210 / 1.4, abs=0.01)
    assert route.metres == pytest.approx(710.0, abs=0.01)


def test_who_needs_longer_than_allowed_is_left_out() -> None:
    graph = build(*town_like(1))
    assert graph.nearest(places(1, 1)[0], places(2, 20), k=20, within_s=1.0) == []


@pytest.mark.parametrize(
    "arrays",
    [
        ([], [], [], []),
        ([0], [5], [10.0], [1.0]),
        ([0], [1], [0.0], [1.0]),
        ([0], [1], [10.0], [-1.0]),
        ([0, 1], [1], [10.0], [1.0]),
    ],
)
def test_arrays_that_are_no_network_are_refused(arrays: tuple[list[float], ...]) -> None:
    start, end, length, speed = arrays
    with pytest.raises(BadRoads):
        RoadGraph(FRAME.to_lonlat([(0, 0), (10, 0)]), start, end, length, speed, [0] * len(start))
