import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod

from gis.metric import (
    LocalFrame,
    OutsideFrame,
    bearing_deg,
    destination,
    distance_m,
    distances_m,
    segment_distance_m,
    turn_deg,
)

GEOD = Geod(ellps="WGS84")
places = st.tuples(st.floats(75, 133), st.floats(5, 52))
bearings = st.floats(0, 359.99)
lengths = st.floats(1, 40_000)


@given(places, bearings, lengths)
def test_distance_and_bearing_agree_with_the_geodesic(
    place: tuple[float, float], bearing: float, length: float
) -> None:
    lon, lat, _ = GEOD.fwd(*place, bearing, length)
    assert distance_m(place, (lon, lat)) == pytest.approx(length, rel=1e-4, abs=1e-3)
    assert abs(turn_deg(bearing, bearing_deg(place, (lon, lat)))) < 0.02 + 0.01 / length


@given(places, bearings, lengths)
def test_destination_lands_where_the_geodesic_does(place: tuple[float, float], bearing: float, length: float) -> None:
    lon, lat, _ = GEOD.fwd(*place, bearing, length)
    reached = destination(place, bearing, length)
    assert GEOD.inv(*reached, lon, lat)[2] < 0.05 + length * 2e-4


@given(places, st.floats(-30_000, 30_000), st.floats(-30_000, 30_000))
def test_the_frame_goes_there_and_back(place: tuple[float, float], x: float, y: float) -> None:
    frame = LocalFrame.around(place)
    assert frame.to_xy(frame.to_lonlat((x, y))) == pytest.approx((x, y), abs=1e-3)


@given(places, bearings, bearings, st.floats(10, 10_000))
def test_lengths_inside_the_frame_are_true(
    place: tuple[float, float], first: float, second: float, length: float
) -> None:
    frame = LocalFrame.around(place)
    a, b = GEOD.fwd(*place, first, length)[:2], GEOD.fwd(*place, second, length)[:2]
    truth = GEOD.inv(*a, *b)[2]
    assume(truth > 1)
    assert np.hypot(*(frame.to_xy(a) - frame.to_xy(b))) == pytest.approx(truth, rel=1e-5, abs=1e-3)


@given(places, bearings, st.floats(10, 5_000), st.floats(1, 2_000))
def test_a_point_beside_a_segment_is_its_offset_away(
    place: tuple[float, float], bearing: float, length: float, offset: float
) -> None:
    start = GEOD.fwd(*place, bearing + 90, offset)[:2]
    end = GEOD.fwd(*start, bearing, length)[:2]
    found, fraction = segment_distance_m(place, start, end)
    assert found == pytest.approx(offset, rel=1e-3, abs=0.01)
    assert fraction * length == pytest.approx(0, abs=2)


def test_a_segment_without_length_is_a_point() -> None:
    a, b = (119.38, 34.12), (119.381, 34.12)
    assert segment_distance_m(a, b, b) == pytest.approx((distance_m(a, b), 0.0))


def test_distances_broadcast() -> None:
    many = np.array([(119.38, 34.12), (119.39, 34.12), (119.38, 34.13)])
    assert distances_m(many[0], many) == pytest.approx([distance_m(many[0], one) for one in many])


def test_a_frame_refuses_what_is_far_outside_it() -> None:
    with pytest.raises(OutsideFrame):
        LocalFrame(119.38, 34.12).to_xy((122.0, 34.0))


@pytest.mark.parametrize(("start", "end", "turn"), [(350, 10, 20), (10, 350, -20), (0, 180, -180), (90, 90, 0)])
def test_turning_takes_the_short_way(start: float, end: float, turn: float) -> None:
    assert turn_deg(start, end) == turn
