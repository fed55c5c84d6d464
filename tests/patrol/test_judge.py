"""The law of dwell: what counts as a stay, whatever order the positions come in."""

import random
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_center.patrol.proof.judge import Fix, Requirement, Stay, judge, stays
from gis.metric import LocalFrame

PLACE = (119.4, 34.1)
FRAME = LocalFrame(*PLACE)
NEED = Requirement(*PLACE, radius_m=50.0, dwell_s=60.0, start_s=1_000.0, end_s=2_000.0)


def fix(at_s: float, east_m: float, north_m: float = 0.0, accuracy_m: float = 10.0) -> Fix:
    lon, lat = FRAME.to_lonlat([east_m, north_m])
    return Fix(at_s, accuracy_m, float(lon), float(lat))


def test_standing_inside_counts_from_the_first_to_the_last_fix() -> None:
    assert stays([fix(1_100 + second, 5.0) for second in range(90)], NEED) == [Stay(1_100.0, 1_189.0)]


def test_coming_and_going_is_timed_where_the_way_crosses_the_circle() -> None:
    [stay] = stays([fix(1_100, -100.0), fix(1_200, 100.0)], NEED)
    assert (stay.start_s, stay.end_s) == pytest.approx((1_125.0, 1_175.0), abs=0.01)


def test_passing_without_a_single_fix_inside_is_seen() -> None:
    [stay] = stays([fix(1_100, -300.0, 30.0), fix(1_160, 300.0, 30.0)], NEED)
    assert stay.length_s == pytest.approx(8.0, abs=0.05)


def test_two_fixes_more_than_two_minutes_apart_prove_nothing_in_between() -> None:
    assert stays([fix(1_100, 0.0), fix(1_220, 0.0)], NEED) == [Stay(1_100.0, 1_220.0)]
    assert stays([fix(1_100, 0.0), fix(1_221, 0.0)], NEED) == [Stay(1_100.0, 1_100.0), Stay(1_221.0, 1_221.0)]


def test_what_lies_outside_the_window_does_not_count() -> None:
    assert stays([fix(second, 0.0) for second in range(900, 2_100, 10)], NEED) == [Stay(1_000.0, 2_000.0)]
    assert stays([fix(second, 0.0) for second in range(800, 1_000, 10)], NEED) == []
    assert stays([fix(950, 0.0), fix(1_050, 0.0)], NEED) == [Stay(1_000.0, 1_050.0)]


def test_a_stay_survives_an_excursion_within_the_receivers_error_and_no_longer_one() -> None:
    edge = [fix(1_100, 45.0), fix(1_130, 58.0, accuracy_m=10.0), fix(1_160, 45.0)]
    assert stays(edge, NEED) == [Stay(1_100.0, 1_160.0)]
    away = [fix(1_100, 45.0), fix(1_130, 65.0, accuracy_m=10.0), fix(1_160, 45.0)]
    assert len(stays(away, NEED)) == 2
    worse_receiver = [fix(1_100, 45.0), fix(1_130, 65.0, accuracy_m=20.0), fix(1_160, 45.0)]
    assert len(stays(worse_receiver, NEED)) == 1


def test_time_within_the_error_but_never_within_the_radius_is_no_stay() -> None:
    assert stays([fix(1_100 + second, 55.0, accuracy_m=30.0) for second in range(90)], NEED) == []


def test_a_poor_fix_proves_nothing_and_an_unknown_error_is_taken_as_usual() -> None:
    assert stays([fix(1_100, 0.0, accuracy_m=500.0), fix(1_160, 0.0, accuracy_m=500.0)], NEED) == []
    assert stays([fix(1_100, 0.0, accuracy_m=inf), fix(1_160, 0.0, accuracy_m=inf)], NEED) == [Stay(1_100.0, 1_160.0)]


def test_nobody_there_is_no_visit() -> None:
    verdict = judge({}, NEED)
    assert (verdict.visited_by, verdict.visited_at_s, verdict.dwell_s) == (None, None, 0)
    verdict = judge({"p1": [fix(1_100, 900.0)]}, NEED)
    assert (verdict.visited_by, verdict.dwell_s) == (None, 0)


def test_who_met_the_requirement_first_is_credited_at_the_moment_it_was_met() -> None:
    verdict = judge(
        {
            "late": [fix(1_300 + second, 0.0) for second in range(300)],
            "first": [fix(1_200 + second, 0.0) for second in range(80)],
            "brief": [fix(1_100 + second, 0.0) for second in range(59)],
        },
        NEED,
    )
    assert (verdict.visited_by, verdict.visited_at_s, verdict.dwell_s) == ("first", 1_260.0, 79)


def test_two_short_stays_are_not_one_long_stay() -> None:
    track = [fix(1_100 + s, 0.0) for s in range(40)] + [fix(1_200, 200.0)] + [fix(1_300 + s, 0.0) for s in range(30)]
    verdict = judge({"p1": track}, NEED)
    assert verdict.visited_by is None
    assert 50 <= verdict.dwell_s < 60


def test_passing_is_enough_where_no_dwell_is_asked() -> None:
    need = Requirement(*PLACE, radius_m=50.0, dwell_s=0.0, start_s=1_000.0, end_s=2_000.0)
    verdict = judge({"p1": [fix(1_100, -300.0), fix(1_160, 300.0)]}, need)
    assert verdict.visited_by == "p1"
    assert verdict.visited_at_s == pytest.approx(1_125.0, abs=0.05)


tracks = st.lists(
    st.builds(
        fix,
        st.integers(900, 2_100).map(float),
        st.floats(-150.0, 150.0),
        st.floats(-150.0, 150.0),
        st.sampled_from([3.0, 12.0, 30.0, 300.0, inf]),
    ),
    max_size=60,
)


@given(track=tracks, seed=st.integers(0, 2**32), doubled=st.integers(0, 30))
@settings(max_examples=150, deadline=None)
def test_any_order_of_the_same_fixes_doubled_or_not_gives_the_same_stays(
    track: list[Fix], seed: int, doubled: int
) -> None:
    shuffled = track + track[:doubled]
    random.Random(seed).shuffle(shuffled)
    assert stays(shuffled, NEED) == stays(track, NEED)


@given(track=tracks)
@settings(max_examples=150, deadline=None)
def test_stays_lie_in_the_window_in_order_and_do_not_overlap(track: list[Fix]) -> None:
    found = stays(track, NEED)
    times = [moment for stay in found for moment in (stay.start_s, stay.end_s)]
    assert times == sorted(times)
    assert all(NEED.start_s <= moment <= NEED.end_s for moment in times)
