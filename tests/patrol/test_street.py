"""The law of streets: what walks a piece and what does not, whatever order the positions come in."""

import random
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_center.patrol.proof.fixes import Fix
from command_center.patrol.proof.street import Street, StreetRequirement, judge_street, passes
from gis.metric import LocalFrame

FRAME = LocalFrame(119.4, 34.1)


def at(east_m: float, north_m: float) -> tuple[float, float]:
    lon, lat = FRAME.to_lonlat([east_m, north_m])
    return float(lon), float(lat)


def fix(at_s: float, east_m: float, north_m: float = 0.0, accuracy_m: float = 8.0, trusted: bool = True) -> Fix:
    return Fix(at_s, accuracy_m, *at(east_m, north_m), trusted)


# 400 m to the east, then 200 m to the north.
CORNERS = [(0.0, 0.0), (400.0, 0.0), (400.0, 200.0)]
STREET = Street(tuple(at(*corner) for corner in CORNERS))
ONE_WAY = StreetRequirement(STREET, 0.9, False, 1_000.0, 3_000.0)
BOTH = StreetRequirement(STREET, 0.9, True, 1_000.0, 3_000.0)


def walk(
    start_s: float, *corners: tuple[float, float], mps: float = 1.4, every_s: float = 1.0, noise_m: float = 0.0
) -> list[Fix]:
    """Fixes of somebody who walks along corners."""
    rng = np.random.default_rng(7)
    xy = np.array(corners)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    metres = np.arange(0.0, along[-1] + 1e-9, mps * every_s)
    east, north = (np.interp(metres, along, xy[:, axis]) + rng.normal(0, noise_m, len(metres)) for axis in (0, 1))
    return [fix(start_s + i * every_s, float(east[i]), float(north[i])) for i in range(len(metres))]


def share(*tracks: list[Fix], need: StreetRequirement = ONE_WAY) -> float:
    found = judge_street({f"p{i}": track for i, track in enumerate(tracks)}, need).share
    assert found is not None
    return found


@pytest.mark.parametrize(("every_s", "noise_m"), [(1.0, 0.0), (1.0, 4.0), (10.0, 4.0), (60.0, 0.0)])
def test_walking_a_street_covers_it_at_any_rate_of_fixes(every_s: float, noise_m: float) -> None:
    track = walk(1_100, (-60, 0), *CORNERS, (400, 260), every_s=every_s, noise_m=noise_m)
    verdict = judge_street({"p1": track}, ONE_WAY)
    assert verdict.visited_by == "p1"
    assert verdict.visited_at_s == pytest.approx(1_100 + (60 + 540) / 1.4, abs=10 + every_s)


def test_a_street_is_cut_into_pieces_of_at_most_ten_metres() -> None:
    assert STREET.length_m == pytest.approx(600.0, abs=0.1)
    assert STREET.count in (60, 61)


def test_crossing_a_street_does_not_walk_it() -> None:
    assert share(walk(1_100, (200, -300), (200, 300))) == 0.0
    assert share(walk(1_100, (200, -300), (200, 300), every_s=60.0)) == 0.0
    assert share(walk(1_100, (200, -300), (200, 300), noise_m=4.0)) <= 0.05


def test_standing_in_a_street_does_not_walk_it() -> None:
    assert share([fix(1_100.0 + second, 200.0, 3.0) for second in range(900)]) == 0.0


def test_a_street_beside_it_is_another_street() -> None:
    assert share(walk(1_100, (0, 50), (350, 50), (350, 200), noise_m=3.0)) <= 0.02


def test_fixes_too_far_apart_prove_nothing_in_between() -> None:
    assert share(walk(1_100, *CORNERS, every_s=121.0)) == 0.0
    assert share(walk(1_100, (0, 0), (400, 0), mps=3.0, every_s=120.0)) == pytest.approx(0.6, abs=0.02)


def test_cutting_the_corner_between_two_fixes_does_not_walk_it() -> None:
    assert share([fix(1_100, 100.0, 0.0), fix(1_200, 400.0, 200.0)]) < 0.2


def test_going_from_shop_to_shop_with_long_stops_walks_the_street() -> None:
    track, clock = list[Fix](), 1_000.0
    for shop in range(0, 401, 20):
        track += [fix(clock + second, shop, 4.0) for second in range(0, 90, 10)]
        clock += 100.0
    need = StreetRequirement(STREET, 0.6, False, 1_000.0, 9_000.0)
    assert judge_street({"p1": track}, need).visited_by == "p1"


def test_what_lies_outside_the_window_does_not_count() -> None:
    assert share(walk(500, *CORNERS)) == 0.0
    assert 0.3 < share(walk(1_000 - 200 / 1.4, *CORNERS)) < 0.75


def test_several_persons_add_up_and_who_walked_most_is_credited() -> None:
    verdict = judge_street({"a": walk(1_100, (0, 0), (250, 0)), "b": walk(1_900, (230, 0), *CORNERS[1:])}, ONE_WAY)
    assert verdict.visited_by == "b"
    assert verdict.walked is not None and 0.35 < verdict.walked["a"] < 0.45
    assert verdict.done[0][0] == 0.0 and verdict.share is not None and verdict.share > 0.95


def test_both_sides_need_the_way_back_too() -> None:
    there, back = walk(1_100, *CORNERS), walk(1_700, *CORNERS[::-1])
    assert share(there, need=BOTH) == 0.0
    assert share(there, walk(1_700, *CORNERS), need=BOTH) == 0.0
    verdict = judge_street({"p1": there + back}, BOTH)
    assert verdict.visited_by == "p1" and verdict.visited_at_s is not None and verdict.visited_at_s > 1_700


def test_poor_and_doubted_fixes_walk_nothing() -> None:
    good = walk(1_100, *CORNERS)
    assert share([Fix(one.at_s, 60.0, one.lon, one.lat) for one in good]) == 0.0
    doubted = [Fix(one.at_s, one.accuracy_m, one.lon, one.lat, False) for one in good]
    assert share(doubted) == 0.0
    assert judge_street({"p1": doubted}, ONE_WAY, doubted=True).visited_by == "p1"
    assert judge_street({"p1": [Fix(one.at_s, inf, one.lon, one.lat) for one in good]}, ONE_WAY).visited_by == "p1"


tracks = st.lists(
    st.builds(
        fix,
        st.integers(950, 3_050).map(float),
        st.floats(-50.0, 450.0),
        st.floats(-30.0, 230.0),
        st.sampled_from([3.0, 12.0, 30.0, 300.0, inf]),
        st.booleans(),
    ),
    max_size=60,
)


@given(track=tracks, seed=st.integers(0, 2**32), doubled=st.integers(0, 30))
@settings(max_examples=80, deadline=None)
def test_any_order_of_the_same_fixes_doubled_or_not_passes_the_same_pieces(
    track: list[Fix], seed: int, doubled: int
) -> None:
    shuffled = track + track[:doubled]
    random.Random(seed).shuffle(shuffled)
    a, b = passes(track, ONE_WAY), passes(shuffled, ONE_WAY)
    assert (a.along_s.tolist(), a.against_s.tolist()) == (b.along_s.tolist(), b.against_s.tolist())
