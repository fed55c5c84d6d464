"""Tiles made of an OpenStreetMap file, read back by GDAL and by the reader of the PMTiles project."""

import gzip
import mmap
from collections.abc import Iterator
from pathlib import Path

import pyogrio
import pytest
import shapely
from pmtiles.reader import MemorySource, Reader, all_tiles

from gis.basemap.archive import Archive
from gis.basemap.build import BasemapReport, build_tiles
from gis.basemap.features import Bounds
from gis.basemap.layers import LAND, LAYERS, MAX_ZOOM, POINTS, ROADS, WATER_AREAS
from gis.basemap.osm import BadBasemapFile, osm_features

from .village import ISLAND, write_village

BOUNDS = Bounds(119.2, 34.0, 119.6, 34.3)
REAL = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "roads" / "liechtenstein-latest.osm.pbf"


def build(file: Path, target: Path, bounds: Bounds | None = BOUNDS) -> BasemapReport:
    report = BasemapReport()
    features = osm_features(file, within=bounds, scratch=target.parent, skipped=report.skipped)
    build_tiles(features, target, bounds=bounds, attribution="© OpenStreetMap", report=report)
    return report


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiles")
    report = build(write_village(folder / "village.osm"), folder / "village.pmtiles")
    assert report.skipped == {"outside": 1}
    return folder / "village.pmtiles"


def layer(tiles: Path, name: str) -> "pyogrio.geopandas.GeoDataFrame":
    return pyogrio.read_dataframe(tiles, layer=name).to_crs(4326)


def test_gdal_finds_every_layer_and_every_class(tiles: Path) -> None:
    assert {str(name) for name, _ in pyogrio.list_layers(tiles)} == set(LAYERS)
    assert set(layer(tiles, "roads")["class"]) == {kind for kind, _ in ROADS.values()} | {"rail"}
    assert set(layer(tiles, "land")["class"]) == {kind for kind, _ in LAND.values()}
    assert set(layer(tiles, "water")["class"]) >= {kind for kind, _ in WATER_AREAS.values()} | {"stream"}
    assert set(layer(tiles, "places")["class"]) >= {kind for kind, _ in POINTS.values()} | {"village"}
    assert len(layer(tiles, "buildings")) == 1


def test_names_are_chinese_first_and_stand_where_they_were(tiles: Path) -> None:
    places = layer(tiles, "places").set_index("name").geometry
    assert places["柳汀村"].distance(shapely.Point(119.31, 34.12)) < 1e-5
    assert "motorway路" in set(layer(tiles, "roads")["name"])


def test_a_lake_keeps_its_island_and_its_name(tiles: Path) -> None:
    water = layer(tiles, "water").union_all()
    middle = shapely.box(*ISLAND).centroid
    assert water.contains(shapely.Point(119.282, 34.102)) and not water.contains(middle)
    assert "砚湖" in set(layer(tiles, "places")["name"])


def test_borders_of_counties_are_drawn_those_of_states_are_not(tiles: Path) -> None:
    borders = layer(tiles, "boundaries")
    assert set(borders["level"]) == {6}
    assert {round(lat, 3) for _, lat in shapely.get_coordinates(borders.geometry)} == {34.16}


def test_the_archive_gives_the_bytes_that_the_projects_own_reader_gives(tiles: Path) -> None:
    own, foreign = Archive(tiles), dict(_all(tiles))
    assert {z for z, _, _ in foreign} == set(range(6, MAX_ZOOM + 1))
    assert all(own.tile(*key) == body and gzip.decompress(body) for key, body in foreign.items())
    x, y = next((x, y) for z, x, y in foreign if z == MAX_ZOOM)
    assert [own.tile(MAX_ZOOM, x + 9, y), own.tile(MAX_ZOOM + 1, x, y), own.tile(8, 256, 0)] == [None] * 3


def _all(tiles: Path) -> Iterator[tuple[tuple[int, int, int], bytes]]:
    with tiles.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        yield from all_tiles(MemorySource(body))


def test_a_failed_build_leaves_the_old_tiles_and_nothing_else(tiles: Path, tmp_path: Path) -> None:
    target = tmp_path / "town.pmtiles"
    target.write_bytes(b"as before")
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"\x00\x00\x00\x0dnonsense that is no extract")
    with pytest.raises(BadBasemapFile):
        build(broken, target)
    with pytest.raises(BadBasemapFile):
        build(write_village(tmp_path / "village.osm"), target, Bounds(0.0, 0.0, 1.0, 1.0))
    assert target.read_bytes() == b"as before"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["broken.osm.pbf", "town.pmtiles", "village.osm"]


@pytest.mark.skipif(not REAL.is_file(), reason="the folder of real data is not beside the project")
def test_a_real_extract_becomes_a_whole_ground(tmp_path: Path) -> None:
    vaduz = Bounds(9.50, 47.12, 9.54, 47.16)
    report = build(REAL, tmp_path / "vaduz.pmtiles", vaduz)
    assert set(report.features) == set(LAYERS) and report.features["buildings"] > 500
    header = Reader(MemorySource((tmp_path / "vaduz.pmtiles").read_bytes())).header()
    assert header["min_lon_e7"] >= 9.4999e7 and header["max_lon_e7"] <= 9.5401e7
