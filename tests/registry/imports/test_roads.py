"""Roads of every format, read as they are: real extracts as they came, and the same as lines with columns."""

from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pyogrio.raw
import pytest
import shapely

from command_center.registry import tables
from command_center.registry.imports.export import write_layer
from command_center.registry.imports.kinds import kind_of
from command_center.registry.imports.views import import_plan_view
from command_center.registry.queries import town_index
from command_center.timeline import Timeline
from gis.roads import Travel, read_osm

from .land import SHARED, bring, geojson, real, stored, trial
from .test_real_lists import town_around

EXTRACT = SHARED / "roads" / "cn-nantong-dieshiqiao.osm"
# Columns as three kinds of writers name them: name, class, one-way, speed.
COLUMNS = {
    ".gpkg": ("name", "highway", "oneway", "maxspeed"),
    ".geojson": ("道路名称", "道路类型", "单行", "限速"),
    ".shp": ("name", "fclass", "oneway", "maxspeed"),
}


@pytest.fixture
def town(empty: Timeline, tmp_path: Path) -> Timeline:
    """A town around the extract, larger than it."""
    lonlat = read_osm(EXTRACT).stretches.shape_lonlat
    (west, south), (east, north) = lonlat.min(axis=0) - 0.01, lonlat.max(axis=0) + 0.01
    town_around(empty, tmp_path, west, south, east, north, "320685100")
    return empty


def lines() -> tuple[list[Any], list[dict[str, str]]]:
    """The ways of the extract with a class, as lines, and their tags."""
    shapes, tags = [], []
    for way in osmium.FileProcessor(str(EXTRACT)).with_locations():
        if isinstance(way, osmium.osm.Way) and "highway" in way.tags:
            points = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
            if len(points) > 1:
                shapes.append(shapely.LineString(points))
                tags.append({tag.k: tag.v for tag in way.tags})
    return shapes, tags


def write(path: Path) -> int:
    shapes, tags = lines()
    oneway = [one.get("oneway", "") for one in tags]
    if path.suffix == ".shp":
        oneway = [{"yes": "F", "-1": "T"}.get(one, "B") for one in oneway]
    speed = [one.get("maxspeed", "0" if path.suffix == ".shp" else "") for one in tags]
    columns = [[one.get("name", "") for one in tags], [one["highway"] for one in tags], oneway, speed]
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes)),
        [np.array(column, object) for column in columns],
        list(COLUMNS[path.suffix]),
        geometry_type="LineString",
        crs="EPSG:4326",
        **({"encoding": "UTF-8"} if path.suffix == ".shp" else {}),
    )
    return len(shapes)


def times(travel: Travel, profile: str) -> np.ndarray:
    """Seconds between places all over the extract."""
    lonlat = read_osm(EXTRACT).stretches.node_lonlat
    return travel.graphs[profile].times_between(lonlat[:: len(lonlat) // 12])


@real
@pytest.mark.parametrize("suffix", COLUMNS)
def test_lines_of_any_format_are_travelled_as_the_extract_they_were_made_of(
    town: Timeline, tmp_path: Path, suffix: str
) -> None:
    count = write(tmp_path / f"roads{suffix}")
    plan = bring(town, "roads", tmp_path / f"roads{suffix}")
    assert plan.roads_read is not None and plan.roads_read.read == count
    assert plan.roads_read.used + sum(plan.roads_read.left_out.values()) == count
    with town.reading() as session:
        stored_town = town_index(session)
    truth = Travel.on(read_osm(EXTRACT))
    for profile in ("car", "foot"):
        one, two = times(stored_town.travel, profile), times(truth, profile)
        both = np.isfinite(one) & np.isfinite(two)
        assert both.mean() > 0.9
        assert np.median(np.abs(one[both] - two[both]) / (two[both] + 1.0)) < 0.02
    assert len(stored_town.roads) == plan.roads_read.used


@real
def test_an_extract_goes_in_with_its_one_ways_and_the_fate_of_every_way(town: Timeline) -> None:
    plan = bring(town, "roads", EXTRACT)
    truth = read_osm(EXTRACT)
    assert plan.roads_read == truth.report
    view = import_plan_view(plan, "zh", "")["roads"]
    assert view["read"] == view["used"] + sum(view["left_out"].values())
    assert f"读到 {truth.report.read:,} 条路" in view["text"]
    with town.reading() as session:
        now = town_index(session)
    for profile in ("car", "bicycle", "foot"):
        assert times(now.travel, profile) == pytest.approx(times(Travel.on(truth), profile), rel=1e-3, abs=0.1)
    assert {row["kind"] for row in stored(town, tables.RoadRow).values()} >= {"main", "street", "lane"}
    assert not trial(town, "roads", EXTRACT).changes_anything


@real
def test_roads_go_out_and_come_in_with_their_ways_and_speeds(town: Timeline, tmp_path: Path) -> None:
    write(tmp_path / "roads.gpkg")
    bring(town, "roads", tmp_path / "roads.gpkg")
    with town.reading() as session:
        before = town_index(session).travel
        write_layer(session, kind_of("roads"), tmp_path / "out.gpkg")
    bring(town, "roads", tmp_path / "out.gpkg")
    with town.reading() as session:
        after = town_index(session).travel
    assert times(after, "car") == pytest.approx(times(before, "car"), rel=0.01, abs=1.0)


def test_what_is_being_built_is_no_road_and_what_lies_elsewhere_is_left_out(empty: Timeline, tmp_path: Path) -> None:
    town_around(empty, tmp_path, 119.3, 34.0, 119.4, 34.1, "320724199")
    roads = [
        ({"name": "东街", "highway": "residential"}, [[119.31, 34.01], [119.32, 34.01]]),
        ({"name": "新路", "highway": "construction"}, [[119.32, 34.01], [119.33, 34.01]]),
        ({"name": "县道", "highway": "县道", "oneway": "-1"}, [[119.32, 34.01], [119.32, 34.03]]),
        ({"name": "支路", "highway": "unclassified"}, [[119.32, 34.01], [119.33, 34.02], [119.32, 34.03]]),
    ]
    shapes = [(columns, {"type": "LineString", "coordinates": line}) for columns, line in roads]
    plan = bring(empty, "roads", geojson(tmp_path / "r.geojson", shapes))
    assert plan.roads_read is not None
    assert dict(plan.roads_read.left_out) == {"highway=construction": 1}
    assert "在建 1" in import_plan_view(plan, "zh", "")["roads"]["text"]
    assert {row["name"]: row["kind"] for row in stored(empty, tables.RoadRow).values()} == {
        "东街": "street",
        "县道": "county",
        "支路": "rural",
    }
    with empty.reading() as session:
        car = town_index(session).travel.graphs["car"]
    assert car.route((119.32, 34.03), (119.32, 34.01)).metres == pytest.approx(2219, rel=0.01)
    assert car.route((119.32, 34.012), (119.32, 34.028)).metres > 2500
