import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.datum import (
    BadLonlat,
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

# Published pairs: WGS84, GCJ-02.
PAIRS = [
    ((119.315, 34.087), (119.320536, 34.085758)),
    ((109.18, 23.70), (109.184345, 23.697437)),
    ((120.469, 36.1072), (120.473983, 36.107400)),
]

chinese = st.tuples(st.floats(74, 134), st.floats(4, 53))


@pytest.mark.parametrize(("wgs84", "gcj02"), PAIRS)
def test_known_points_shift_to_gcj02(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(wgs84) == pytest.approx(gcj02, abs=6e-7)


def test_baidu_constants_give_the_published_point() -> None:
    assert gcj02_to_bd09((119.315, 34.087)) == pytest.approx((119.321533, 34.092909), abs=6e-7)


@given(chinese)
def test_the_way_back_returns_to_the_same_point(point: tuple[float, float]) -> None:
    assert gcj02_to_wgs84(wgs84_to_gcj02(point)) == pytest.approx(point, abs=1e-10)
    assert bd09_to_gcj02(gcj02_to_bd09(point)) == pytest.approx(point, abs=1e-10)
    assert bd09_to_wgs84(wgs84_to_bd09(point)) == pytest.approx(point, abs=1e-10)


def test_many_points_convert_like_each_alone() -> None:
    points = np.array([pair[0] for pair in PAIRS])
    each = np.array([wgs84_to_gcj02(point) for point in points])
    assert np.array_equal(wgs84_to_gcj02(points), each)


def test_points_outside_china_stay_where_they_are() -> None:
    paris = (2.35, 48.86)
    assert tuple(wgs84_to_gcj02(paris)) == paris
    assert tuple(gcj02_to_wgs84(paris)) == paris


def test_cgcs2000_is_taken_as_wgs84() -> None:
    assert tuple(to_wgs84((119.3, 34.1), "cgcs2000")) == (119.3, 34.1)


@pytest.mark.parametrize("bad", [(1.0, 2.0, 3.0), 5.0, (float("nan"), 34.0)])
def test_what_is_not_lonlat_is_refused(bad: object) -> None:
    with pytest.raises(BadLonlat):
        wgs84_to_gcj02(bad)  # type: ignore[arg-type]


def test_an_unknown_datum_is_refused_by_name() -> None:
    with pytest.raises(BadLonlat, match="xian80"):
        to_wgs84((119.3, 34.1), "xian80")
