"""Read roads out of a file, as drawn and as travelled: OpenStreetMap (PBF, XML) by osmium, lines of anything else.

`read_osm` and `roads_of_lines` are all that the rest knows of; both end in `as_travelled`.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry import Polygon

from gis.metric import distances_m
from gis.town_model import Line, Road, RoadNetwork
from gis.town_plan import ROAD_KINDS, SPEED_MPS

# Our kinds by OpenStreetMap's `highway`; links go with their road. Others (footways, steps, cycleways) carry no car.
KIND_OF_HIGHWAY = {
    "motorway": "provincial",
    "trunk": "provincial",
    "primary": "provincial",
    "secondary": "county",
    "tertiary": "main",
    "unclassified": "rural",
    "residential": "street",
    "living_street": "lane",
    "service": "lane",
    "track": "lane",
    "road": "rural",
}
NAME_ROOM = 64
# A posted limit is what one may drive, not what one does.
SHARE_OF_LIMIT = 0.8
CLOSED = frozenset({"no", "private"})


class BadRoadFile(ValueError):
    """The file holds no roads that can be read."""


@dataclass(frozen=True, slots=True)
class RoadLine:
    """A road before it is joined with others. `forward`, `backward`: whether it may be driven as drawn, and against."""

    id: str
    kind: str
    name: str
    line: Line
    speed_mps: float
    forward: bool = True
    backward: bool = True


@dataclass(frozen=True, slots=True)
class RoadFile:
    """What a file holds.

    Attributes:
        roads: as drawn.
        network: as travelled; roads that nothing joins to the largest connected part are drawn, not travelled.
        apart: how many roads those are.
        skipped: how many ways were left out, by reason (no_car, outside, broken).
    """

    roads: tuple[Road, ...]
    network: RoadNetwork
    apart: int
    skipped: dict[str, int]


def read_osm(path: Path, *, within: Polygon | None = None) -> RoadFile:
    """Roads of an OpenStreetMap extract, whole ways, WGS84.

    Args:
        path: .osm.pbf, .osm, .osm.gz or .osm.bz2.
        within: lon/lat; ways that do not touch it are left out.

    Raises:
        BadRoadFile: it is none of these, or holds no road there.
    """
    skipped: Counter[str] = Counter()
    lines: list[RoadLine] = []
    area = shapely.prepared.prep(within) if within is not None else None
    try:
        ways = osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.KeyFilter("highway"))
        for way in ways:
            if not isinstance(way, osmium.osm.Way):
                continue
            line = _way(way)
            if isinstance(line, str):
                skipped[line] += 1
            elif area is not None and not area.intersects(shapely.LineString(line.line)):
                skipped["outside"] += 1
            else:
                lines.append(line)
    except RuntimeError as problem:
        raise BadRoadFile(str(problem)) from problem
    return as_travelled(lines, skipped)


def _way(way: "osmium.osm.Way") -> RoadLine | str:
    tags = {tag.k: tag.v for tag in way.tags}
    kind = KIND_OF_HIGHWAY.get(tags["highway"].removesuffix("_link"))
    if kind is None or tags.get("area") == "yes" or tags.get("motor_vehicle", tags.get("access", "")) in CLOSED:
        return "no_car"
    line = tuple((round(node.lon, 6), round(node.lat, 6)) for node in way.nodes if node.location.valid())
    if len(set(line)) < 2:
        return "broken"
    forward, backward = _directions(tags.get("oneway", ""), tags.get("junction", ""), tags["highway"])
    speed = _limit_mps(tags.get("maxspeed", "")) or SPEED_MPS[kind]
    name = (tags.get("name") or tags.get("ref") or "")[:NAME_ROOM]
    return RoadLine(f"w{way.id}", kind, name, line, speed, forward, backward)


def _directions(oneway: str, junction: str, highway: str) -> tuple[bool, bool]:
    """Whether a way may be driven as drawn, and against it."""
    if oneway in ("-1", "reverse"):
        return False, True
    implied = junction in ("roundabout", "circular") or highway.startswith("motorway")
    one = oneway in ("yes", "true", "1") or (implied and oneway != "no")
    return True, not one


def _limit_mps(text: str) -> float | None:
    """A usual speed from a posted limit in km/h; None where the tag says something else."""
    digits = text.removesuffix(" km/h").removesuffix("km/h")
    return SHARE_OF_LIMIT * int(digits) / 3.6 if digits.isdigit() and 5 <= int(digits) <= 130 else None


def roads_of_lines(lines: Sequence[RoadLine]) -> RoadFile:
    """Roads of any drawing: lines that share a vertex, or end on one another's vertices, meet there."""
    return as_travelled(lines, Counter())


def as_travelled(lines: Sequence[RoadLine], skipped: Counter[str]) -> RoadFile:
    """Join lines where they share a vertex (to a decimetre) and keep the largest connected part as network.

    Raises:
        BadRoadFile: there is no line.
    """
    if not lines:
        raise BadRoadFile("no roads there")
    nodes: dict[tuple[float, float], int] = {}
    ends = [[nodes.setdefault(point, len(nodes)) for point in _without_repeats(line.line)] for line in lines]
    pairs = np.array([(a, b) for chain in ends for a, b in itertools.pairwise(chain)])
    joined = csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(nodes), len(nodes)))
    part = connected_components(joined, directed=False)[1]
    main = int(np.bincount(part).argmax())
    travelled = [i for i, chain in enumerate(ends) if part[chain[0]] == main]
    network = _network(np.array(list(nodes)), [(ends[i], lines[i]) for i in travelled])
    roads = tuple(Road(line.id, line.kind, line.name, line.line) for line in lines)
    return RoadFile(roads, network, len(lines) - len(travelled), dict(skipped))


def _network(node_lonlat: np.ndarray, chains: Sequence[tuple[list[int], RoadLine]]) -> RoadNetwork:
    arcs: list[tuple[int, int, float, int]] = []
    for chain, line in chains:
        kind = ROAD_KINDS.index(line.kind)
        for a, b in itertools.pairwise(chain):
            if line.forward:
                arcs.append((a, b, line.speed_mps, kind))
            if line.backward:
                arcs.append((b, a, line.speed_mps, kind))
    used = {node: place for place, node in enumerate(sorted({node for arc in arcs for node in arc[:2]}))}
    points = node_lonlat[list(used)]
    start, end = [used[arc[0]] for arc in arcs], [used[arc[1]] for arc in arcs]
    length_m = np.maximum(distances_m(points[start], points[end]), 0.1)
    return RoadNetwork(
        node_lonlat=tuple((float(lon), float(lat)) for lon, lat in points),
        arc_from=tuple(start),
        arc_to=tuple(end),
        length_m=tuple(length_m.round(2).tolist()),
        speed_mps=tuple(round(arc[2], 1) for arc in arcs),
        road_class=tuple(arc[3] for arc in arcs),
    )


def _without_repeats(line: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for lon, lat in line:
        if not kept or math.hypot(kept[-1][0] - lon, kept[-1][1] - lat) > 1e-9:
            kept.append((lon, lat))
    return kept
