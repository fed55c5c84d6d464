"""The model town as a whole: laws that every one of its parts keeps."""

import subprocess
import sys
from collections import Counter

import numpy as np
import orjson
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon

from gis.county import GUANNAN, county_outline
from gis.grid import AreaIndex, check_tiling, number_like_a_page
from gis.metric import LocalFrame, distance_m
from gis.roads import RoadGraph
from gis.town import FRAME, generate_town
from gis.town_model import Camera, Line, Town


@pytest.fixture(scope="module")
def town() -> Town:
    return generate_town()


@pytest.fixture(scope="module")
def graph(town: Town) -> RoadGraph:
    network = town.network
    return RoadGraph(
        np.array(network.node_lonlat),
        np.array(network.arc_from),
        np.array(network.arc_to),
        np.array(network.length_m),
        np.array(network.speed_mps),
        np.array(network.road_class),
    )


def flat(ring: Line) -> Polygon:
    return Polygon(FRAME.to_xy(np.array(ring)))


def test_the_same_seed_gives_the_same_bytes_in_another_process(town: Town) -> None:
    code = "import sys; from gis.town import generate_town; sys.stdout.buffer.write(generate_town().to_json())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=120)
    assert other.stdout == town.to_json()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_give_other_towns_that_hold_together(seed: int, town: Town) -> None:
    other = generate_town(seed, cameras=100)
    assert other.outline != town.outline
    assert len(other.grids) == len(town.grids)
    assert len(other.persons) == 120


def test_the_town_lies_inside_the_county_as_converted_and_not_only_as_published(town: Town) -> None:
    assert county_outline().contains(Polygon(town.outline))
    shifted = orjson.loads(GUANNAN.read_bytes())
    assert shifted["datum"] == "gcj02"
    published = Polygon(shifted["features"][0]["geometry"]["coordinates"][0])
    middle = county_outline().centroid
    away = distance_m((middle.x, middle.y), shapely.centroid(shapely.make_valid(published)).coords[0])
    assert 400 < away < 650


def test_the_town_has_the_size_and_the_shape_of_a_town(town: Town) -> None:
    outline = flat(town.outline)
    west, south, east, north = outline.bounds
    assert 60e6 < outline.area < 80e6
    assert 9_000 < east - west < 12_000
    assert 9_000 < north - south < 12_000
    assert len(town.outline) > 200
    assert outline.area < 0.8 * outline.minimum_rotated_rectangle.area


def test_grids_tile_the_town_and_every_village_exactly(town: Town) -> None:
    whole = check_tiling([flat(grid.outline) for grid in town.grids], flat(town.outline), tolerance=0.01)
    assert whole.is_exact(tolerance=0.01)
    for village in town.villages:
        own = [flat(grid.outline) for grid in town.grids if grid.village == village.code]
        assert check_tiling(own, flat(village.outline), tolerance=0.01).is_exact(tolerance=0.01)


def test_neighbouring_grids_share_their_vertices_to_the_digit(town: Town) -> None:
    seen = Counter(point for grid in town.grids for point in grid.outline[:-1])
    outer = set(town.outline)
    lonely = [point for point, count in seen.items() if count == 1 and point not in outer]
    assert lonely == []


def test_codes_are_prefixes_of_what_lies_in_them(town: Town) -> None:
    assert [village.code[9:] for village in town.villages] == [
        "001", "002", "200", "201", "202", "203", "204", "205", "206", "207", "208", "209",
    ]  # fmt: skip
    assert all(grid.code.startswith(grid.village) and len(grid.code) == 15 for grid in town.grids)
    assert sorted(grid.code[12:] for grid in town.grids if grid.kind == "special") == ["501", "501", "501"]
    index = AreaIndex([grid.code for grid in town.grids], [Polygon(grid.outline) for grid in town.grids])
    for thing in (*town.places, *town.cameras):
        assert index.find(thing.lonlat) in (thing.area, None)


def test_grids_are_numbered_like_a_page(town: Town) -> None:
    for village in town.villages:
        base = [grid for grid in town.grids if grid.village == village.code and grid.kind == "base"]
        shapes = [flat(grid.outline) for grid in base]
        height = float(np.sqrt(np.mean([shape.area for shape in shapes])))
        assert [grid.code for grid in base] == sorted(grid.code for grid in base)
        assert number_like_a_page([shape.centroid.coords[0] for shape in shapes], height) == list(range(len(base)))


def test_every_road_leads_everywhere(town: Town, graph: RoadGraph) -> None:
    assert 1_500 <= len(town.network.node_lonlat) <= 3_000
    assert set(graph.components().tolist()) == {0}


def test_roads_are_drawn_where_they_are_travelled(town: Town) -> None:
    nodes = set(town.network.node_lonlat)
    assert all(point in nodes for road in town.roads for point in road.line)
    drawn = sum(LineString(FRAME.to_xy(np.array(road.line))).length for road in town.roads)
    assert drawn == pytest.approx(sum(town.network.length_m) / 2, rel=0.002)


def test_the_middle_is_dense_and_the_big_roads_have_names(town: Town) -> None:
    assert {"provincial", "county", "main", "street", "rural", "lane"} == {road.kind for road in town.roads}
    assert all(road.name for road in town.roads if road.kind in ("provincial", "county", "main"))


def test_places_are_plenty_and_their_names_are_their_own(town: Town) -> None:
    names = [place.name for place in town.places]
    kinds = Counter(place.kind for place in town.places)
    assert len(names) == len(set(names)) >= 60
    assert kinds["school"] == 3
    assert kinds["kindergarten"] == 2
    assert {"老街夜市", "新河闸", "示范镇综治中心"} <= set(names)


def test_every_place_and_camera_stands_near_a_road_and_dry(town: Town, graph: RoadGraph) -> None:
    wet = shapely.union_all([Polygon(water.outline) for water in town.waters])
    things = [*town.places, *town.cameras]
    away = graph.snap([thing.lonlat for thing in things]).off_road_m
    assert away.max() < 60
    dry = [thing for thing in town.places if thing.kind not in ("bridge", "sluice")]
    assert not any(wet.contains(Point(thing.lonlat)) for thing in dry)


def test_twenty_one_units_and_a_hundred_and_twenty_people_of_ten_forces(town: Town) -> None:
    assert len(town.units) == 21
    assert len(town.persons) == 120
    assert {person.force for person in town.persons} == {
        "POL", "AUX", "GRD", "ENF", "FIR", "MED", "EMR", "MDT", "VOL", "DEP",
    }  # fmt: skip
    assert len({person.call_sign for person in town.persons}) == 120
    assert len({person.name for person in town.persons}) == 120
    assert {person.unit_id for person in town.persons} <= {unit.id for unit in town.units}
    assert {"警01", "辅12", "网205", "执03", "消01", "医01", "应02", "调05", "志31", "住建01"} <= {
        person.call_sign for person in town.persons
    }


def test_grid_workers_live_in_a_grid_and_every_village_has_some(town: Town) -> None:
    homes = Counter(person.area[:12] for person in town.persons if person.force == "GRD")
    assert set(homes) == {village.code for village in town.villages}


def test_cameras_have_their_numbers_ids_and_names(town: Town) -> None:
    assert len(town.cameras) == 1447
    assert [camera.number for camera in town.cameras] == [f"{i:04d}" for i in range(1, 1448)]
    assert len({camera.name for camera in town.cameras}) == 1447
    for camera in town.cameras:
        assert len(camera.id) == 20
        assert camera.id.startswith("32072400")
        assert camera.id[10:14] == "1326"
        assert int(camera.id[14:]) == int(camera.number)
        assert 0 <= camera.heading_deg < 360
        assert camera.point_class in (1, 2, 3)


def test_cameras_are_denser_in_the_middle(town: Town) -> None:
    frame = LocalFrame.around(town.center.lonlat)
    away = np.hypot(*frame.to_xy([camera.lonlat for camera in town.cameras]).T)
    inner, outer = (away < 1_500).sum() / 1.5**2, ((away >= 1_500) & (away < 4_500)).sum() / (4.5**2 - 1.5**2)
    assert inner > 5 * outer


def test_the_first_sixty_four_cameras_cover_the_town_and_its_important_places(town: Town) -> None:
    front = town.cameras[:64]
    assert {camera.area[:12] for camera in front} == {village.code for village in town.villages}
    assert {"school", "night_market", "sluice", "bus_station", "hospital", "reservoir"} <= {one.kind for one in front}
    xy = FRAME.to_xy([camera.lonlat for camera in front])
    nearest = np.sort(np.hypot(*np.moveaxis(xy[:, None] - xy[None], -1, 0)), axis=1)[:, 1]
    assert np.median(nearest) > 400


@pytest.mark.parametrize("count", [10, 64, 600, 2500])
def test_any_number_of_cameras_can_be_had(count: int) -> None:
    cameras = generate_town(cameras=count).cameras
    assert len({camera.name for camera in cameras}) == len({camera.id for camera in cameras}) == count


def test_patrol_points_name_a_person_a_radius_and_windows_that_make_sense(town: Town) -> None:
    people = {person.id for person in town.persons}
    assert 35 <= len(town.points) <= 50
    for point in town.points:
        assert point.person_id in people
        assert 50 <= point.radius_m <= 200
        assert all(window.start < window.end for window in point.windows)
    schools = [point for point in town.points if point.kind == "school"]
    assert all(len(point.windows) == 2 for point in schools)


def test_a_recorder_serves_at_most_32_neighbours_of_one_village_behind_one_switch(town: Town) -> None:
    cameras_of: dict[str, list[Camera]] = {}
    for camera in town.cameras:
        cameras_of.setdefault(camera.recorder, []).append(camera)
    for recorder, cameras in cameras_of.items():
        assert len(cameras) <= 32 and len({camera.switch for camera in cameras}) == 1
        assert {camera.area[:12] for camera in cameras} == {recorder.split("-")[0]}
    recorders_of: dict[str, set[str]] = {}
    for recorder, cameras in cameras_of.items():
        recorders_of.setdefault(cameras[0].switch, set()).add(recorder)
    assert all(switch and len(recorders) <= 4 for switch, recorders in recorders_of.items())
