"""Read roads from an OpenStreetMap file: PBF, XML, also compressed."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import osmium
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from gis.roads.network import BadRoadFile, Network, Way, build

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def read_osm(path: Path | str, *, contract: bool = True, within: Polygon | MultiPolygon | None = None) -> Network:
    """Read every way of a class `highway` that somebody may use; the network's report says what became of each.

    Knows no turn restrictions and no barriers at points. The order of nodes and ways in the file does not matter.

    Args:
        within: lon/lat; ways that do not touch it are left out.

    Raises:
        BadRoadFile: missing, damaged, or not OpenStreetMap.
        BadRoads: it holds no road.
    """
    file = str(path)
    if not Path(file).is_file():
        raise BadRoadFile(f"there is no file {Path(file).name}")
    try:
        return build(_ways(file), lambda ids: _positions(file, ids), contract=contract, within=within)
    except RuntimeError as error:
        raise BadRoadFile(f"{Path(file).name} is not a whole OpenStreetMap file: {error}") from error


def _ways(file: str) -> Iterator[Way]:
    found = osmium.FileProcessor(file, osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))
    for way in cast("Iterator[osmium.osm.Way]", iter(found)):
        points = np.fromiter((node.ref for node in way.nodes), np.int64, len(way.nodes))
        yield Way(way.id, points, {tag.k: tag.v for tag in way.tags})


def _positions(file: str, ids: Ints) -> Floats:
    """(k, 2) lon/lat of nodes by id, ascending; nan for those that are not in the file."""
    lonlat = np.full((len(ids), 2), np.nan)
    wanted = osmium.FileProcessor(file, osmium.osm.NODE).with_filter(osmium.filter.IdFilter(ids.tolist()))
    nodes = cast("Iterator[osmium.osm.Node]", iter(wanted))
    found = [(node.id, node.lon, node.lat) for node in nodes if node.location.valid()]
    if found:
        table = np.array([(lon, lat) for _, lon, lat in found])
        lonlat[np.searchsorted(ids, np.array([id for id, _, _ in found]))] = table
    return lonlat
