"""Roads of real files: nothing lost, and travel times as another tool has them."""

import re
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import osmnx
import pytest

from gis.roads import BadRoadFile, BadRoads, Network, RoadGraph, read_osm
from gis.roads.profiles import CAR, CLASS_KMH, maxspeed_kmh

ROADS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "roads"
FILE = ROADS / "cn-shanghai-baoshan-shu.osm"

with_file = pytest.mark.skipif(not FILE.is_file(), reason="the road files are not here")


def driven(tags: dict[str, str]) -> bool:
    """What osmnx calls a public drivable road, services included: its own filter, as it would ask a server."""
    rules = re.findall(r'\["([^"]+)"(?:(!?~)"([^"]+)")?\]', osmnx._overpass._get_network_filter("drive_service"))
    return all(
        key in tags if not sign else not (key in tags and re.search(value, tags[key])) for key, sign, value in rules
    )


def written(path: Path, way_ids: set[int]) -> Path:
    """An OSM file that holds these ways alone."""
    with osmium.BackReferenceWriter(str(path), ref_src=str(FILE), overwrite=True) as writer:
        for way in osmium.FileProcessor(str(FILE), osmium.osm.WAY):
            if way.id in way_ids:
                writer.add(way)
    return path


def all_ways() -> dict[int, dict[str, str]]:
    found = osmium.FileProcessor(str(FILE), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))
    return {way.id: {tag.k: tag.v for tag in way.tags} for way in found}


@pytest.fixture(scope="module")
def network() -> Network:
    return read_osm(FILE)


@with_file
def test_no_road_is_lost(network: Network) -> None:
    ways = all_ways()
    left_out = {id for ids in network.report.left_out_ids.values() for id in ids}
    assert set(network.way_id.tolist()) | left_out == set(ways)
    assert network.report.read == len(ways) == network.report.used + sum(network.report.left_out.values())
    cars = set(network.way_id[(network.there_mps[CAR] > 0) | (network.back_mps[CAR] > 0)].tolist())
    assert {id for id, tags in ways.items() if driven(tags)} <= cars


@with_file
def test_travel_times_are_those_of_osmnx(network: Network, tmp_path: Path) -> None:
    drivable = (network.there_mps[CAR] > 0) | (network.back_mps[CAR] > 0)
    file = written(tmp_path / "cars.osm", set(network.way_id[drivable].tolist()))
    other = osmnx.graph_from_xml(file, simplify=False, retain_all=True)
    other = osmnx.add_edge_speeds(other, hwy_speeds={name: kmh[0] for name, kmh in CLASS_KMH.items()}, fallback=25)
    other = osmnx.add_edge_travel_times(other)
    graph = RoadGraph.of(network.stretches, network.there_mps[CAR], network.back_mps[CAR])
    known = np.flatnonzero(np.isin(network.node_id, list(other.nodes)))
    rng = np.random.default_rng(5)
    seen = 0
    for goal in rng.choice(known, 8, replace=False):
        reverse = nx.single_source_dijkstra_path_length(
            other.reverse(copy=False), int(network.node_id[goal]), weight="travel_time"
        )
        seconds = graph.travel_times_to_node(int(goal))
        for start in rng.choice(known, 60):
            theirs = reverse.get(int(network.node_id[start]), np.inf)
            assert np.isfinite(theirs) == np.isfinite(seconds[start])
            if np.isfinite(theirs):
                assert seconds[start] == pytest.approx(theirs, rel=0.01, abs=0.5)
                seen += 1
    assert seen > 100


@with_file
def test_points_or_junctions_as_nodes_make_no_difference(network: Network) -> None:
    fine = read_osm(FILE, contract=False)
    assert fine.stretches.length_m.sum() == pytest.approx(network.stretches.length_m.sum(), rel=1e-6)
    graphs = [RoadGraph.of(one.stretches, one.there_mps[CAR], one.back_mps[CAR]) for one in (network, fine)]
    places = network.stretches.shape_lonlat[np.random.default_rng(2).integers(0, len(network), 20)]
    for place in places[:5]:
        coarse, exact = (graph.nearest(place, places, k=6) for graph in graphs)
        assert [one.index for one in coarse] == [one.index for one in exact]
        assert [one.seconds for one in coarse] == pytest.approx([one.seconds for one in exact], abs=0.1)


def osm_text(ways: str) -> str:
    nodes = "".join(f'<node id="{i}" lat="34.{i:02d}" lon="119.4" version="1"/>' for i in range(1, 6))
    return f'<?xml version="1.0"?><osm version="0.6">{ways}{nodes}</osm>'


def way(id: int, refs: tuple[int, ...], **tags: str) -> str:
    points = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    told = "".join(f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in tags.items())
    return f'<way id="{id}" version="1">{points}{told}</way>'


def test_every_way_is_accounted_for_even_when_ways_come_before_their_points(tmp_path: Path) -> None:
    file = tmp_path / "small.osm"
    ways = [
        way(1, (1, 2, 3), highway="residential", name="人民路"),
        way(2, (3, 4), highway="construction"),
        way(3, (3, 77), highway="service"),
        way(4, (3, 4, 78, 5), highway="service"),
        way(5, (2, 4), highway="footway", access="no"),
        way(6, (2, 4), building="yes"),
    ]
    file.write_text(osm_text("".join(ways)), encoding="utf-8")
    network = read_osm(file)
    assert set(network.way_id.tolist()) == {1, 4}
    assert network.report.left_out_ids == {
        "highway=construction": (2,),
        "closed to all": (5,),
        "position unknown": (3,),
    }
    assert (network.report.read, network.report.used, network.report.cut) == (5, 2, 2)
    assert network.names[network.name[network.way_id == 1][0]] == "人民路"


def test_what_is_no_map_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.osm.pbf"
    bad.write_bytes(b"not a map at all")
    with pytest.raises(BadRoadFile):
        read_osm(bad)
    with pytest.raises(BadRoadFile):
        read_osm(tmp_path / "nowhere.osm")
    empty = tmp_path / "empty.osm"
    empty.write_text(osm_text(way(1, (1, 2), building="yes")), encoding="utf-8")
    with pytest.raises(BadRoads):
        read_osm(empty)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [("50", 50), ("30 mph", 48.28), ("CN:urban", 50), ("none", 120), ("60;40", 40), ("fast", None), ("0", None)],
)
def test_limits_are_read(text: str, kmh: float | None) -> None:
    assert maxspeed_kmh(text) == (None if kmh is None else pytest.approx(kmh, abs=0.01))
