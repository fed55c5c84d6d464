"""From what a file calls a position to WGS84 degrees: projections by pyproj, the Chinese datums by gis.datum."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from command_center.errors import BadInput
from command_center.registry.imports.layer import BadRow, Layer, RawRow
from gis.datum import TO_WGS84, to_wgs84

DATUMS = tuple(TO_WGS84)
AROUND_NUMBERS = " ENen东北经纬:："
DIGITS = 6  # a decimetre, as everything in the registry
SEXAGESIMAL = re.compile(r"(\d+(?:\.\d+)?)\s*[°度]\s*(?:(\d+(?:\.\d+)?)\s*[′'分])?\s*(?:(\d+(?:\.\d+)?)\s*[″\"秒]?)?")


@dataclass(frozen=True, slots=True)
class Frame:
    """How a file's numbers are to be read: `projection` names a projected CRS or is empty for degrees."""

    projection: str
    datum: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A row with its place.

    Attributes:
        shape: in degrees of the declared datum, before the datum is changed; None where `bad` says why.
        wgs84: the same in WGS84, rounded to a decimetre.
        bad: why it has no place, None where it has one.
    """

    row: RawRow
    shape: BaseGeometry | None
    wgs84: BaseGeometry | None
    bad: BadRow | None = None


def frame_of(layer: Layer, crs: str) -> Frame:
    """The frame of a layer.

    Args:
        layer: whose own CRS counts where it is a projected one.
        crs: wgs84, cgcs2000, gcj02, bd09, or EPSG:number; empty: the file's own, else WGS84.

    Raises:
        BadInput: no such datum or CRS.
    """
    asked = crs.strip().lower()
    if asked in DATUMS:
        return Frame(_projected(layer.crs), asked)
    if asked and not asked.startswith("epsg:"):
        raise BadInput("import_crs_unknown", crs=crs, known=", ".join(DATUMS))
    return Frame(_projected(crs or layer.crs), "wgs84")


def _projected(crs: str) -> str:
    if not crs:
        return ""
    try:
        found = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as problem:
        raise BadInput("import_crs_unknown", crs=crs[:80], known=", ".join(DATUMS)) from problem
    # CGCS2000 and WGS84 degrees are the same for us; older Chinese datums lie a street away and are changed.
    base = found.geodetic_crs
    same = base is not None and base.datum is not None and ("2000" in base.datum.name or "1984" in base.datum.name)
    return "" if found.is_geographic and same else found.to_wkt()


def place_rows(layer: Layer, columns: Mapping[str, str], frame: Frame) -> list[Placed]:
    """Give each row its place: its shape, or the point of its columns `lon` and `lat`."""
    shapes: list[Any] = []
    bad: list[BadRow | None] = []
    for row in layer.rows:
        try:
            shapes.append(row.shape if row.shape is not None else _point(row, columns, bool(frame.projection)))
            bad.append(None)
        except BadRow as problem:
            shapes.append(None)
            bad.append(problem)
    _make_points(shapes)
    degrees = _unproject(shapes, frame.projection)
    for i, why in _beyond(degrees):
        bad[i], degrees[i] = bad[i] or why, None
    placed = _transformed(degrees, lambda points: to_wgs84(points, frame.datum).round(DIGITS))
    return [Placed(row, degrees[i], placed[i], bad[i]) for i, row in enumerate(layer.rows)]


def _make_points(shapes: list[Any]) -> None:
    """Points of the pairs of numbers among them: one call for a whole layer."""
    pairs = [i for i, shape in enumerate(shapes) if isinstance(shape, tuple)]
    for i, point in zip(pairs, shapely.points([shapes[i] for i in pairs]) if pairs else (), strict=True):
        shapes[i] = point


def _point(row: RawRow, columns: Mapping[str, str], projected: bool) -> tuple[float, float]:
    texts = [row.cells.get(columns.get(axis, ""), "").strip() for axis in ("lon", "lat")]
    if not any(texts):
        raise BadRow("no_coordinates")
    numbers = [_number(text) for text in texts]
    lon, lat = numbers
    if lon is None or lat is None:
        raise BadRow("not_numbers", x=texts[0][:20], y=texts[1][:20])
    if lon == 0.0 or lat == 0.0:
        raise BadRow("zero_coordinates")
    if not projected and abs(lon) <= 90.0 < abs(lat) <= 180.0:
        raise BadRow("swapped", x=texts[0][:20], y=texts[1][:20])
    return lon, lat


def _number(text: str) -> float | None:
    """A decimal number, or degrees, minutes and seconds."""
    folded = unicodedata.normalize("NFKC", text).strip(AROUND_NUMBERS)
    try:
        value = float(folded)
    except ValueError:
        match = SEXAGESIMAL.fullmatch(folded)
        if match is None:
            return None
        parts = [float(part or 0.0) for part in match.groups()]
        value = parts[0] + parts[1] / 60.0 + parts[2] / 3600.0
    return value if np.isfinite(value) else None


def _unproject(shapes: Sequence[BaseGeometry | None], projection: str) -> list[Any]:
    if not projection:
        return list(shapes)
    change = pyproj.Transformer.from_crs(projection, "EPSG:4326", always_xy=True)

    def degrees(points: NDArray[np.float64]) -> NDArray[np.float64]:
        # What lies beyond the projection comes back as infinity; far away is said of it, not broken.
        moved = np.stack(change.transform(points[:, 0], points[:, 1]), axis=-1)
        return np.where(np.isfinite(moved), moved, 999.0)

    return _transformed(shapes, degrees)


def _beyond(shapes: Sequence[BaseGeometry | None]) -> Iterator[tuple[int, BadRow]]:
    """Shapes without a point, and those with one that lies nowhere on earth."""
    there = [i for i, shape in enumerate(shapes) if shape is not None]
    points, owner = shapely.get_coordinates([shapes[i] for i in there], return_index=True)
    for empty in sorted(set(range(len(there))) - set(owner.tolist())):
        yield there[empty], BadRow("no_coordinates")
    off = ~np.isfinite(points).all(axis=1) | (np.abs(points) > (180.0, 90.0)).any(axis=1)
    for one in np.unique(owner[off]):
        x, y = points[np.searchsorted(owner, one)]
        yield there[one], BadRow("not_degrees", x=f"{x:.1f}", y=f"{y:.1f}")


def _transformed(shapes: Sequence[Any], change: Any) -> list[Any]:
    """All shapes at once: one call for a whole layer."""
    array = np.array([*shapes, None], dtype=object)[:-1]
    there = np.array([shape is not None for shape in array], dtype=bool)
    if there.any():
        array[there] = shapely.transform(array[there], change)
    return list(array)
