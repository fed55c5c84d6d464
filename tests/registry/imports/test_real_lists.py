"""Lists and maps as they are: Korean camera lists in CP949, OpenStreetMap extracts, published borders in GCJ-02."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely

from command_center.registry import tables
from command_center.registry.imports.views import say_datum
from command_center.registry.queries import town_index
from command_center.timeline import Timeline
from gis.datum import wgs84_to_gcj02
from gis.datum_guess import guess_datum, guess_datum_of_outlines
from gis.roads import read_osm, whole_lines

from .land import SHARED, bring, geojson, real, stored, table, trial

KOREA = "302000199"


def town_around(
    timeline: Timeline, folder: Path, west: float, south: float, east: float, north: float, code: str
) -> None:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    outline = {"type": "Polygon", "coordinates": [ring]}
    bring(timeline, "center", geojson(folder / "c.geojson", [({"code": code, "name": "镇"}, outline)]))
    bring(timeline, "villages", geojson(folder / "v.geojson", [({"code": f"{code}001", "name": "村"}, outline)]))


@real
def test_the_dirty_list_of_daejeon_goes_in_with_every_bad_row_named(empty: Timeline, tmp_path: Path) -> None:
    body = json.loads((SHARED / "cameras" / "daejeon" / "hangjeongdong_daejeon.geojson").read_text())
    city = shapely.union_all([shapely.geometry.shape(one["geometry"]) for one in body["features"]])
    outline = shapely.geometry.mapping(
        shapely.Polygon(max(shapely.get_parts(city), key=lambda part: part.area).exterior)
    )
    bring(empty, "center", geojson(tmp_path / "c.geojson", [({"code": KOREA, "name": "大田"}, outline)]))
    cameras = SHARED / "cameras" / "daejeon" / "cctv.csv"
    plan = bring(empty, "cameras", cameras, issue_ids=True)
    assert (plan.encoding, plan.columns["lon"], plan.columns["lat"]) == ("cp949", "경도", "위도")
    assert Counter(one.reason for one in plan.bad) == {"zero_coordinates": 2328, "outside": 5, "double_position": 1}
    assert len(plan.new) == 5624 - len(plan.bad) == 3290
    again = trial(empty, "cameras", cameras, issue_ids=True)
    assert (again.counts["unchanged"], again.changes_anything) == (3290, False)


@real
def test_lists_without_ids_are_known_again_by_where_things_are(empty: Timeline, tmp_path: Path) -> None:
    town_around(empty, tmp_path, 126.3, 36.8, 127.9, 38.4, KOREA)
    points = SHARED / "cameras" / "gyeonggi" / "cctv_points.csv"
    plan = bring(empty, "cameras", points, issue_ids=True)
    # Twice the same metre is twice the same camera, where there is neither id nor name.
    texts = [line.split(",") for line in points.read_text().splitlines()[1:]]
    places = [tuple(f"{round(float(text), 6):.5f}" for text in row) for row in texts]
    assert len(plan.new) == len(set(places))
    assert Counter(one.reason for one in plan.bad) == {"double_key": len(places) - len(set(places))}
    assert not trial(empty, "cameras", points, issue_ids=True).changes_anything
    stations = bring(empty, "units", SHARED / "cameras" / "gyeonggi" / "police_stations.csv")
    assert {one.reason for one in stations.bad} <= {"no_coordinates", "double_key"}
    assert len(stations.new) + len(stations.bad) == 356


@real
@pytest.mark.parametrize("name", ["cn-shanghai-baoshan-shu", "cn-nantong-dieshiqiao", "cn-beijing-tsinghua"])
def test_roads_go_in_as_drawn_and_travelled_and_tell_a_list_in_gcj02(
    empty: Timeline, tmp_path: Path, name: str
) -> None:
    path = SHARED / "roads" / f"{name}.osm"
    points = read_osm(path).stretches.shape_lonlat.round(6)
    (west, south), (east, north) = points.min(axis=0) - 0.002, points.max(axis=0) + 0.002
    town_around(empty, tmp_path, west, south, east, north, "320685100")
    bring(empty, "roads", path)
    with empty.reading() as session:
        town = town_index(session)
    assert len(town.roads) == len(stored(empty, tables.RoadRow))
    inside = points[::3]
    assert np.isfinite(town.graph.nearest(inside[:1], inside[-1], k=1)[0].seconds) if len(inside) else True
    # What stands beside roads, six metres off, as a list in GCJ-02 has it.
    beside = wgs84_to_gcj02(inside + np.random.default_rng(1).normal(0.0, 6e-5, inside.shape)).round(7)
    rows = [(f"P{i}", f"点{i}", lon, lat) for i, (lon, lat) in enumerate(beside)]
    file = table(tmp_path / "p.csv", [("编号", "名称", "经度", "纬度"), *rows])
    verdict = trial(empty, "places", file).verdict
    assert verdict is not None and (verdict.best, verdict.doubted) == ("gcj02", True)
    assert 400 < verdict.east_m < 600
    assert "偏东约" in say_datum(verdict, "zh") and "GCJ-02" in say_datum(verdict, "en")
    right = trial(empty, "places", file, crs="gcj02").verdict
    assert right is not None and not right.doubted


@real
def test_the_published_border_of_shenzhen_is_recognised_as_gcj02_by_an_independent_map() -> None:
    extract = osmium.FileProcessor(str(SHARED / "roads" / "cn-shenzhen-longgang.osm")).with_locations()
    borders = [
        [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
        for way in extract
        if isinstance(way, osmium.osm.Way) and way.tags.get("boundary") == "administrative"
    ]
    body = json.loads((SHARED / "boundaries" / "echarts_cities" / "guang3_dong1_shen1_zhen4.geojson").read_text())
    shapes = [shapely.geometry.shape(one["geometry"]) for one in body["features"]]
    rings = [shapely.get_coordinates(part.exterior) for shape in shapes for part in shapely.get_parts(shape)]
    verdict = guess_datum_of_outlines(rings, borders)
    assert verdict is not None and verdict.best == "gcj02"
    assert verdict.share("gcj02") > 0.7 > 0.2 > verdict.share("wgs84")
    assert (round(verdict.east_m), round(verdict.north_m)) == (513, -303)


@real
@pytest.mark.parametrize("name", ["cn-shanghai-center-osmnx", "cn-shenzhen-longgang"])
def test_half_of_the_roads_of_a_town_agree_with_the_other_half_in_their_own_datum_only(name: str) -> None:
    network = read_osm(SHARED / "roads" / f"{name}.osm")
    lines = [line.round(6) for pieces in whole_lines(network).values() for line in pieces]
    layer = np.concatenate(lines[1::2])
    as_drawn = guess_datum(layer, lines[::2])
    assert as_drawn is not None and not as_drawn.doubted
    shifted = guess_datum(wgs84_to_gcj02(layer), lines[::2])
    assert shifted is not None and shifted.best == "gcj02"
    assert guess_datum(layer[:5], lines) is None
