"""Read what is drawn from an OpenStreetMap file: PBF, XML, also compressed; ways, multipolygons, names, borders."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import orjson
import osmium
import shapely
from osmium.geom import GeoJSONFactory

from gis.basemap import layers
from gis.basemap.features import Bounds, Feature

# A larger file keeps the positions of its points on disk: a province has a hundred million of them.
IN_MEMORY_BYTES = 120_000_000
SAMPLES = 24
KEYS = ("landuse", "natural", "leisure", "amenity", "waterway", "building", "place", "shop", "tourism", "highway",
        "railway", "public_transport", "boundary")  # fmt: skip


class BadBasemapFile(ValueError):
    """The file cannot be read, or nothing of it lies there."""


def osm_features(path: Path, *, within: Bounds | None, scratch: Path, skipped: Counter[str]) -> Iterator[Feature]:
    """Everything that is drawn, in the order of the file; memory does not grow with it.

    Args:
        path: .osm.pbf, .osm, .osm.gz or .osm.bz2.
        within: west, south, east, north; what lies outside is left out.
        scratch: folder for the positions of a large file.
        skipped: counts what was left out, by reason (outside, broken).

    Raises:
        BadBasemapFile: it is none of these, or damaged.
    """
    try:
        borders = _borders(path)
        yield from _drawn(path, borders, within, scratch, skipped)
    except RuntimeError as problem:
        raise BadBasemapFile(str(problem)) from problem


def _borders(path: Path) -> dict[int, int]:
    """Ways that bound administrative areas, each with the highest level of theirs; 0 for borders of states."""
    found: dict[int, int] = {}
    wanted = osmium.filter.TagFilter(("boundary", "administrative"))
    read = osmium.FileProcessor(str(path), osmium.osm.RELATION).with_filter(wanted)
    for relation in cast("Iterator[osmium.osm.Relation]", iter(read)):
        level = relation.tags.get("admin_level", "") or ""
        if not level.isdecimal():
            continue
        rank = 0 if int(level) <= layers.STATE_LEVEL else int(level)
        for member in relation.members:
            if member.type == "w":
                found[member.ref] = min(found.get(member.ref, 99), rank)
    return found


def _drawn(
    path: Path, borders: dict[int, int], within: Bounds | None, scratch: Path, skipped: Counter[str]
) -> Iterator[Feature]:
    index = "flex_mem"
    if path.stat().st_size > IN_MEMORY_BYTES:
        index = f"sparse_file_array,{scratch / 'positions'}"
    shape = GeoJSONFactory()
    # Untagged ways matter as borders and as parts of multipolygons; untagged points do not.
    read = osmium.FileProcessor(str(path)).with_locations(index).with_areas(osmium.filter.KeyFilter(*KEYS))
    tagged = osmium.filter.KeyFilter(*KEYS)
    tagged.enable_for(osmium.osm.NODE | osmium.osm.AREA)
    for one in read.with_filter(tagged):
        if isinstance(one, osmium.osm.Node):
            if within is None or within.holds(one.lon, one.lat):
                yield from _point(one)
        elif isinstance(one, osmium.osm.Way):
            yield from _way(one, borders, within, shape, skipped)
        elif isinstance(one, osmium.osm.Area):
            yield from _area(one, within, shape, skipped)


def _point(node: Any) -> Iterator[Feature]:
    look = layers.look_of_place({tag.k: tag.v for tag in node.tags})
    if look is not None:
        yield Feature(look, orjson.dumps({"type": "Point", "coordinates": [node.lon, node.lat]}))


def _way(
    way: Any, borders: dict[int, int], within: Bounds | None, shape: GeoJSONFactory, skipped: Counter[str]
) -> Iterator[Feature]:
    tags = {tag.k: tag.v for tag in way.tags}
    looks = [layers.look_of_way(tags), layers.look_of_boundary(borders.get(way.id, 0))]
    found = [look for look in looks if look is not None]
    if not found:
        return
    if not _touches(way.nodes, within):
        skipped["outside"] += 1
        return
    line = _line(way, shape)
    if line is None:
        skipped["broken"] += 1
        return
    for look in found:
        yield Feature(look, line.encode())


def _line(way: Any, shape: GeoJSONFactory) -> str | None:
    """The line, or what of it is known where half of it lies beyond the extract."""
    try:
        return shape.create_linestring(way)
    except RuntimeError:
        pass
    known = [[node.lon, node.lat] for node in way.nodes if node.location.valid()]
    if len(known) < 2:
        return None
    return orjson.dumps({"type": "LineString", "coordinates": known}).decode()


def _area(area: Any, within: Bounds | None, shape: GeoJSONFactory, skipped: Counter[str]) -> Iterator[Feature]:
    tags = {tag.k: tag.v for tag in area.tags}
    look = layers.look_of_area(tags)
    names = [one for one in (layers.look_of_place(tags), layers.look_of_water_name(tags)) if one is not None]
    if look is None and not names:
        return
    if not any(_touches(ring, within) for ring in area.outer_rings()):
        skipped["outside"] += 1
        return
    try:
        outline = shape.create_multipolygon(area)
    except RuntimeError:
        skipped["broken"] += 1
        return
    if look is not None:
        yield Feature(look, outline.encode())
    for name in names:
        spot = shapely.point_on_surface(shapely.from_geojson(outline))
        if within is None or within.holds(spot.x, spot.y):
            yield Feature(name, shapely.to_geojson(spot).encode())


def _touches(nodes: Any, within: Bounds | None) -> bool:
    """Whether the box around some of the points meets the bounds: enough for what is not much longer than a town."""
    if within is None:
        return True
    step = max(1, len(nodes) // SAMPLES)
    known = [node for node in (nodes[i] for i in range(0, len(nodes), step)) if node.location.valid()]
    if not known:
        return False
    lons, lats = [node.lon for node in known], [node.lat for node in known]
    return within.meets(Bounds(min(lons), min(lats), max(lons), max(lats)))
