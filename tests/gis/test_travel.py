"""Closed roads, rings and tracks on a jittered grid of streets."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.metric import LocalFrame
from gis.roads import BadClosure, Closure, Noise, NoWay, RoadGraph, Stretches, Travel, match, reached
from gis.roads.rings import reached_jointly, soonest_to, starters

FRAME = LocalFrame(119.38, 34.12)


def grid(side: int = 8, apart_m: float = 200.0) -> Travel:
    """Streets with a bend in the middle of each, both ways for all, 10 m/s by car, 1.4 on foot."""
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * apart_m
    pairs = [(a, a + 1) for a in range(side * side) if (a + 1) % side] + [
        (a, a + side) for a in range(side * (side - 1))
    ]
    start, end = (np.array(column) for column in zip(*pairs, strict=True))
    middle = (xy[start] + xy[end]) / 2.0 + 10.0
    shape_xy = np.stack([xy[start], middle, xy[end]], axis=1)
    length = np.hypot(*np.moveaxis(np.diff(shape_xy, axis=1), -1, 0)).sum(axis=1)
    shape = FRAME.to_lonlat(shape_xy.reshape(-1, 2))
    stretches = Stretches(FRAME.to_lonlat(xy), start, end, length, shape, np.arange(len(pairs) + 1) * 3)
    same = np.ones(len(pairs))
    return Travel.with_speeds(stretches, {"car": (same * 10, same * 10), "foot": (same * 1.4, same * 1.4)})


TOWN = grid()


def at(x: float, y: float) -> np.ndarray:
    return FRAME.to_lonlat((x, y))


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(FRAME.to_lonlat(points))


def test_a_snap_lies_on_the_bend_and_not_on_the_chord() -> None:
    snap = TOWN.graphs["car"].snap(at(110, 10))
    assert snap.off_road_m[0] == pytest.approx(0.0, abs=0.01)


def test_of_two_roads_as_near_the_one_that_leads_there_is_taken() -> None:
    north, east = TOWN.graphs["car"].snap([at(206, 205)] * 2, [0.0, 90.0]).xy
    assert abs(north[0] - TOWN.graphs["car"].frame.to_xy(at(206, 205))[0]) > 0.5
    assert abs(east[1] - TOWN.graphs["car"].frame.to_xy(at(206, 205))[1]) > 0.5


def test_a_line_across_a_street_closes_it_for_those_it_stops_while_it_holds() -> None:
    shut = TOWN.find(Closure("c1", line((300, -30), (300, 60)), frozenset({"car"}), 100.0, 200.0))
    before, during, after = (TOWN.but([shut], moment) for moment in (99.0, 100.0, 200.0))
    here, there = at(250, 5), at(350, 5)
    usual = TOWN.route("car", here, there).seconds
    assert before.route("car", here, there).seconds == after.route("car", here, there).seconds == usual
    assert during.route("car", here, there).seconds > usual + 30
    assert during.route("foot", here, there).seconds == TOWN.route("foot", here, there).seconds
    detour = during.detour("car", here, there)
    assert detour is not None and [one.id for one in detour.closures] == ["c1"]
    assert detour.longer_s == pytest.approx(during.route("car", here, there).seconds - usual)
    assert during.detour("car", at(650, 605), at(750, 605)) is None


def test_a_line_along_a_street_closes_the_street_and_not_those_that_meet_it() -> None:
    shut = TOWN.find(Closure("c1", line((200, 0), (300, 10), (400, 0))))
    assert len(shut.edge) == 1
    assert float(shut.finish[0] - shut.begin[0]) > 0.9


def test_who_stands_before_a_closure_still_gets_away_from_it() -> None:
    closed = TOWN.but([TOWN.find(Closure("c1", line((300, -30), (300, 60))))], 0.0)
    reach = closed.nearest(at(200, 200), [at(280, 7), at(320, 7)], ["car", "car"], k=2)
    assert [one.index for one in reach] == [0, 1]
    assert reach[0].seconds == pytest.approx(TOWN.nearest(at(200, 200), [at(280, 7)], ["car"])[0].seconds, abs=0.01)


def test_the_way_into_a_closed_area_is_driven_to_its_edge_and_walked_from_there() -> None:
    area = shapely.Polygon(FRAME.to_lonlat([(350, 350), (850, 350), (850, 850), (350, 850)]))
    closed = TOWN.but([TOWN.find(Closure("fire", area, frozenset({"car"})))], 0.0)
    route = closed.route("car", at(0, 0), at(600, 600))
    assert route.seconds > TOWN.route("car", at(0, 0), at(600, 600)).seconds + 100
    inside = shapely.LineString(closed.stretches.piece(*route.passed[-1]))
    assert shapely.intersection(inside, shapely.buffer(area, -1e-6)).length == pytest.approx(0.0, abs=1e-7)


def test_a_town_cut_in_two_has_no_way_across() -> None:
    closed = TOWN.but([TOWN.find(Closure("river", line((300, -500), (300, 2000))))], 0.0)
    with pytest.raises(NoWay):
        closed.route("car", at(0, 0), at(1000, 0))
    detour = closed.detour("car", at(0, 0), at(1000, 0))
    assert detour is not None and detour.longer_s == np.inf


def test_what_is_no_line_and_no_area_closes_nothing() -> None:
    with pytest.raises(BadClosure):
        TOWN.find(Closure("c1", shapely.LineString()))


@settings(max_examples=15, deadline=None)
@given(st.tuples(*[st.floats(0, 1400)] * 4))
def test_a_closure_makes_no_way_shorter(ends: tuple[float, float, float, float]) -> None:
    closed = TOWN.but([TOWN.find(Closure("c1", line((700, 300), (700, 1100))))], 0.0)
    here, there = at(*ends[:2]), at(*ends[2:])
    on_road = TOWN.graphs["foot"].snap(np.stack([here, there])).lonlat
    assert closed.route("foot", *on_road).seconds >= TOWN.route("foot", *on_road).seconds - 0.2


@pytest.mark.parametrize("from_place", [True, False])
def test_a_ring_holds_the_roads_within_its_time_and_no_field_between_them(from_place: bool) -> None:
    rings = reached(TOWN.graphs["car"], at(600, 600), (20.0, 60.0), from_place=from_place)
    assert rings[0].area.within(rings[1].area.buffer(1e-4))
    assert rings[0].roads_m == pytest.approx(4 * 200.0, rel=0.02)
    assert rings[1].area.contains(shapely.Point(at(800, 600)))
    assert not rings[1].area.contains(shapely.Point(at(700, 700)))
    times = TOWN.graphs["car"].travel_times_to(at(600, 600))
    for node, seconds in zip(TOWN.stretches.node_lonlat, times, strict=True):
        if abs(seconds - 60.0) > 8.0:
            assert rings[1].area.contains(shapely.Point(node)) == (seconds < 60.0)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1400), st.floats(0, 1400), st.sampled_from(["car", "foot"])), min_size=1, max_size=4
    )
)
def test_many_are_together_wherever_one_of_them_is_in_time(who: list[tuple[float, float, str]]) -> None:
    closed = TOWN.but([TOWN.find(Closure("c1", line((700, 300), (700, 1100)), frozenset({"car"})))], 0.0)
    places = [at(x, y) for x, y, _ in who]
    groups = starters(closed, places, [profile for *_, profile in who], 60.0)
    alone = [
        reached(closed.graphs[profile], place, (20.0, 60.0)) for place, (*_, profile) in zip(places, who, strict=True)
    ]
    for k, ring in enumerate(reached_jointly(closed, groups, (20.0, 60.0))):
        each = [one[k].roads_m for one in alone]
        assert max(each) - 0.1 <= ring.roads_m <= sum(each) + 0.1
    goals = closed.graphs["car"].snap(at(650, 640)).lonlat
    first = closed.nearest(goals[0], places, [profile for *_, profile in who], k=1, within_s=60.0)
    expected = first[0].seconds if first else np.inf
    found = soonest_to(groups, goals)[0]
    assert found == pytest.approx(expected, abs=0.01) or min(found, expected) > 59.9


def test_nobody_reaches_nothing() -> None:
    nobody = starters(TOWN, [], [], 60.0)
    assert [(ring.roads_m, ring.area.is_empty) for ring in reached_jointly(TOWN, nobody, (20.0, 60.0))] == [
        (0, True)
    ] * 2


def test_a_noisy_track_is_found_on_the_streets_it_went_along() -> None:
    graph: RoadGraph = TOWN.graphs["car"]
    route = graph.route(at(110, 10), at(1100, 900))
    xy = FRAME.to_xy(route.line_lonlat)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    steps = np.arange(0.0, along[-1], 12.0)
    track = np.stack([np.interp(steps, along, xy[:, axis]) for axis in (0, 1)], axis=1)
    track += np.random.default_rng(4).normal(0.0, 5.0, track.shape)
    found = match(graph, FRAME.to_lonlat(track), Noise())
    assert found.breaks == 0 and len(found.runs) == 1
    wrong = np.zeros(len(TOWN.stretches))
    for sign, passed in ((1, found.runs[0]), (-1, route.passed)):
        for edge, begin, end in passed:
            wrong[edge] += sign * abs(end - begin) * TOWN.stretches.length_m[edge]
    assert np.abs(wrong).sum() < 0.02 * route.metres
