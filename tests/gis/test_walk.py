from itertools import pairwise

import numpy as np
import pytest

from gis.metric import LocalFrame, distance_m
from gis.roads import RoadGraph
from gis.walk import Walker, patrol, trip

from .test_roads import build, town_like

FRAME = LocalFrame(119.38, 34.12)


@pytest.fixture(scope="module")
def graph() -> RoadGraph:
    return build(*town_like(5))


def stops(*xy: tuple[float, float]) -> np.ndarray:
    return FRAME.to_lonlat(xy)


def test_a_round_comes_back_to_its_start_and_repeats(graph: RoadGraph) -> None:
    track = patrol(graph, stops((100, 100), (900, 300), (500, 1200)), seed=3, speed_mps=5.0, dwell_s=30.0)
    for t in np.linspace(0, track.length_s, 50):
        assert track.movement_at(t).lonlat == pytest.approx(track.movement_at(t + track.length_s).lonlat, abs=1e-9)


def test_a_round_stays_at_every_stop_at_least_its_dwell(graph: RoadGraph) -> None:
    wished = stops((100, 100), (900, 300), (500, 1200))
    track = patrol(graph, wished, seed=3, speed_mps=5.0, dwell_s=30.0)
    seconds = np.arange(0, track.length_s, 1.0)
    for stop in wished:
        near = sum(distance_m(track.movement_at(t).lonlat, stop) < 1.0 for t in seconds)
        assert near >= 29


def test_nobody_moves_faster_than_their_pace_allows(graph: RoadGraph) -> None:
    track = patrol(graph, stops((100, 100), (900, 300), (500, 1200)), seed=3, speed_mps=5.0)
    at = [track.movement_at(t).lonlat for t in np.arange(0, track.length_s, 1.0)]
    steps = [distance_m(a, b) for a, b in pairwise(at)]
    assert max(steps) < 5.0 * 1.15 + 0.05


def test_the_same_seed_walks_the_same_way_and_another_does_not(graph: RoadGraph) -> None:
    tracks = [patrol(graph, stops((100, 100), (900, 300)), seed=seed, speed_mps=5.0) for seed in (1, 1, 2)]
    assert np.array_equal(tracks[0].at_s, tracks[1].at_s)
    assert tracks[0].length_s != tracks[2].length_s


def test_one_stop_alone_is_a_post(graph: RoadGraph) -> None:
    track = patrol(graph, stops((100, 100)), seed=1, speed_mps=5.0)
    assert {track.movement_at(t).lonlat for t in range(0, 500, 50)} == {track.movement_at(0).lonlat}


def test_a_trip_takes_as_long_as_the_route_and_ends_at_the_place(graph: RoadGraph) -> None:
    start, end = stops((100, 100), (1200, 900))
    track = trip(graph, start, end)
    assert track.length_s == pytest.approx(graph.route(start, end).seconds)
    assert track.movement_at(track.length_s + 100).lonlat == pytest.approx(tuple(end))
    assert track.movement_at(track.length_s + 100).heading_deg is None


def test_a_walker_who_is_sent_leaves_from_where_they_are_arrives_and_takes_up_the_round_again(graph: RoadGraph) -> None:
    track = patrol(graph, stops((100, 100), (900, 300), (500, 1200)), seed=3, speed_mps=5.0)
    place = stops((1300, 1300))[0]
    walker = Walker.on_round(track, speed_mps=5.0)
    sent = walker.sent_to(graph, place, at_s=400.0)
    assert sent.position_at(399.0) == walker.position_at(399.0)
    assert sent.position_at(400.0).lonlat == pytest.approx(walker.position_at(400.0).lonlat)
    arrival = sent.arrives_s()
    assert distance_m(sent.position_at(arrival + 1).lonlat, place) < 0.1
    back = sent.back(graph, at_s=arrival + 300.0)
    on_round_again = back.since_s[-1]
    assert back.position_at(on_round_again + 77.0).lonlat == pytest.approx(track.movement_at(77.0).lonlat)


def test_a_new_order_replaces_the_one_under_way(graph: RoadGraph) -> None:
    track = patrol(graph, stops((100, 100), (900, 300)), seed=3, speed_mps=5.0)
    first, second = stops((1300, 1300), (100, 1400))
    walker = Walker.on_round(track, speed_mps=5.0).sent_to(graph, first, at_s=100.0).sent_to(graph, second, at_s=130.0)
    assert distance_m(walker.position_at(walker.arrives_s()).lonlat, second) < 0.1
    assert len(walker.forget_before(200.0).tracks) == 1


def test_who_cannot_get_there_by_road_stays(graph: RoadGraph) -> None:
    ends = FRAME.to_lonlat([(0, 0), (100, 0), (0, 5000), (100, 5000)])
    apart = RoadGraph(ends, [0, 1, 2, 3], [1, 0, 3, 2], [100.0] * 4, [5.0] * 4, [0] * 4)
    walker = Walker.on_round(patrol(apart, ends[:1], seed=1, speed_mps=1.0))
    sent = walker.sent_to(apart, ends[2], at_s=10.0)
    assert sent.position_at(1000.0).lonlat == pytest.approx(tuple(ends[0]))
