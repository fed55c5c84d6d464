import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Point, Polygon

from gis.sight import BadLens, footprint, sight

GEOD = Geod(ellps="WGS84")
HERE = (119.38, 34.12)
headings = st.floats(0, 359.9)


@given(headings, st.floats(20, 160), st.floats(-180, 179.9), st.floats(10, 200))
def test_a_place_is_seen_inside_the_sector_only(heading: float, fov: float, off: float, away: float) -> None:
    place = GEOD.fwd(*HERE, heading + off, away)[:2]
    found = sight(HERE, heading, fov, 120.0, place)
    assert found.distance_m == pytest.approx(away, rel=1e-4)
    if abs(abs(off) - fov / 2) > 0.1 and abs(away - 120.0) > 0.1 and abs(off) < 179.9:
        assert found.bearing_off_deg == pytest.approx(off, abs=0.05)
        assert found.sees == (abs(off) < fov / 2 and away < 120.0)


def test_what_stands_at_the_foot_of_the_camera_counts_as_seen() -> None:
    assert sight(HERE, 0.0, 60.0, 50.0, HERE).sees
    assert sight(HERE, 0.0, 60.0, 50.0, GEOD.fwd(*HERE, 180.0, 5.0)[:2]).sees


@given(headings, st.floats(20, 160), st.floats(-170, 170), st.floats(15, 200))
def test_the_footprint_holds_what_is_seen(heading: float, fov: float, off: float, away: float) -> None:
    ring = Polygon(footprint(HERE, heading, fov, 120.0))
    place = GEOD.fwd(*HERE, heading + off, away)[:2]
    near_the_edge = abs(abs(off) - fov / 2) < 1.0 or abs(away - 120.0) < 1.5
    if not near_the_edge:
        assert ring.contains(Point(place)) == sight(HERE, heading, fov, 120.0, place).sees


@pytest.mark.parametrize(("fov", "range_m"), [(0.0, 50.0), (400.0, 50.0), (60.0, 0.0)])
def test_an_impossible_lens_is_refused(fov: float, range_m: float) -> None:
    with pytest.raises(BadLens):
        sight(HERE, 0.0, fov, range_m, HERE)
