import numpy as np
import pytest
from shapely.geometry import Polygon, box

from gis.grid import AreaIndex, BadGrids, check_tiling, number_like_a_page

WHOLE = box(0, 0, 2, 2)
QUARTERS = [box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)]


def test_quarters_tile_a_square_exactly() -> None:
    assert check_tiling(QUARTERS, WHOLE).is_exact()


def test_a_missing_cell_is_a_gap() -> None:
    report = check_tiling(QUARTERS[:3], WHOLE)
    assert report.gap_area == pytest.approx(1.0)
    assert not report.is_exact()


def test_an_overlap_is_named_with_its_area() -> None:
    report = check_tiling([box(0, 0, 1.25, 2), box(1, 0, 2, 2)], WHOLE)
    assert [(i, j) for i, j, _ in report.overlaps] == [(0, 1)]
    assert report.overlaps[0][2] == pytest.approx(0.5)


def test_what_reaches_outside_is_counted() -> None:
    assert check_tiling([box(0, 0, 2, 3)], WHOLE).outside_area == pytest.approx(2.0)


def test_an_edge_with_a_vertex_that_the_neighbour_lacks_is_broken() -> None:
    left = Polygon([(0, 0), (1, 0), (1, 1), (1, 2), (0, 2)])
    report = check_tiling([left, box(1, 0, 2, 2)], WHOLE)
    assert report.gap_area == 0
    assert report.broken_edges


def test_numbers_run_west_to_east_and_then_north_to_south() -> None:
    centres = [(0, 0), (5, 10), (5, 1), (0, 9), (10, 10), (10, 0)]
    assert number_like_a_page(centres, row_height=3) == [3, 1, 4, 0, 2, 5]
    assert number_like_a_page([], row_height=3) == []


def test_a_point_is_found_in_its_area_and_nowhere_outside() -> None:
    index = AreaIndex(["b", "a", "d", "c"], QUARTERS)
    assert index.find((0.5, 0.5)) == "b"
    assert index.find((1.5, 1.5)) == "c"
    assert index.find((3, 3)) is None
    assert index.nearest((3, 3)) == "c"


def test_a_point_on_a_shared_edge_belongs_to_the_lower_code() -> None:
    index = AreaIndex(["b", "a", "d", "c"], QUARTERS)
    assert index.find((1.0, 1.0)) == "a"
    assert index.find((1.0, 1.5)) == "c"


def test_many_points_are_found_like_each_alone() -> None:
    index = AreaIndex(["a", "b", "c", "d"], QUARTERS)
    points = np.random.default_rng(1).uniform(-0.5, 2.5, (200, 2))
    assert index.find_many(points) == [index.find(point) for point in points]


def test_two_areas_may_not_share_a_code() -> None:
    with pytest.raises(BadGrids):
        AreaIndex(["a", "a", "b", "c"], QUARTERS)
