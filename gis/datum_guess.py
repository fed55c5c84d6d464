"""Tell in which datum a layer was drawn by laying it, under each reading, over lines that are known to be right.

Maps of China come in WGS84, CGCS2000, GCJ-02 or BD-09, and the file seldom says so. The readings lie hundreds of metres
apart, so a layer whose points belong to roads fits plainly under one of them only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import STRtree

from gis.datum import to_wgs84
from gis.metric import LocalFrame

Floats = NDArray[np.float64]

# WGS84 and CGCS2000 are the same within centimetres: one reading stands for both.
READINGS = ("wgs84", "gcj02", "bd09")
MOST_POINTS = 2000
# A point of the layer so far outside of the reference says nothing about the fit.
MARGIN_M = 1000.0
LEAST_POINTS = 12
# "Plainly better": so much more of the layer lies near a line, and chance would do so once in 700 layers.
PLAINLY_MORE = 0.1
PLAINLY_Z = 3.0
# Beyond so many degrees from the reference nothing can be said.
FAR_DEG = 1.5


@dataclass(frozen=True, slots=True)
class Reading:
    """How a layer fits when it is read in one datum.

    Attributes:
        datum: wgs84 (which is cgcs2000 as well), gcj02 or bd09.
        near_share: share of its points within `near_m` of a line of the reference.
        median_m: median distance to the nearest line.
    """

    datum: str
    near_share: float
    median_m: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the fit says about the datum that was declared.

    Attributes:
        declared: the reading asked about (cgcs2000 counts as wgs84).
        best: the reading that fits best; `declared` unless another is plainly better.
        readings: all readings, best first.
        points: how many points of the layer were compared.
        near_m: what counts as near.
        east_m, north_m: where the layer lies under `declared`, seen from where it lies under `best`.
    """

    declared: str
    best: str
    readings: tuple[Reading, ...]
    points: int
    near_m: float
    east_m: float
    north_m: float

    @property
    def doubted(self) -> bool:
        """Whether another reading than the declared one fits plainly better."""
        return self.best != self.declared

    def share(self, datum: str) -> float:
        """The near share under a reading."""
        return next(one.near_share for one in self.readings if one.datum == datum)


def guess_datum(
    lonlat: ArrayLike, lines_lonlat: Sequence[ArrayLike], *, declared: str = "wgs84", near_m: float = 25.0
) -> Verdict | None:
    """Compare a layer with lines that are known to be right.

    Args:
        lonlat: (n, 2) degrees as the layer has them; points of it, or vertices of its lines and outlines.
        lines_lonlat: the reference, each (k, 2) degrees WGS84, k >= 2.
        declared: wgs84, cgcs2000, gcj02 or bd09.
        near_m: within so many metres a point counts as near a line.

    Returns:
        None where nothing can be said: too few points lie where there are lines.

    Raises:
        BadLonlat: not lon/lat pairs, or an unknown datum.
    """
    declared = "wgs84" if declared == "cgcs2000" else declared
    points = _sample(np.asarray(lonlat, dtype=np.float64).reshape(-1, 2))
    to_wgs84(points[:1], declared)
    lines = [np.asarray(line, dtype=np.float64).reshape(-1, 2) for line in lines_lonlat]
    if len(points) < LEAST_POINTS or not lines:
        return None
    every = np.concatenate(lines)
    middle = (every.min(axis=0) + every.max(axis=0)) / 2.0
    points = points[(np.abs(points - middle) < FAR_DEG).all(axis=1)]
    lines = [line for line in lines if (np.abs(line - middle) < FAR_DEG).all()]
    if len(points) < LEAST_POINTS or not lines:
        return None
    frame = LocalFrame.around(middle)
    placed = {datum: frame.to_xy(to_wgs84(points, datum)) for datum in READINGS}
    reference = np.concatenate([frame.to_xy(line) for line in lines])
    tree = STRtree([shapely.LineString(frame.to_xy(line)) for line in lines])
    within = _within(placed, reference)
    if within.sum() < LEAST_POINTS:
        return None
    readings = [_reading(datum, xy[within], tree, near_m) for datum, xy in placed.items()]
    return _verdict(declared, readings, placed, within, near_m)


def guess_datum_of_outlines(
    rings_lonlat: Sequence[ArrayLike],
    lines_lonlat: Sequence[ArrayLike],
    *,
    declared: str = "wgs84",
    near_m: float = 60.0,
) -> Verdict | None:
    """Compare outlines with lines known to be right of which only some belong to them, as a border does.

    The other way round than for points: asked is how much of the reference lies near the layer, since much of the
    layer may lie where there is no reference. Arguments and answer are those of `guess_datum`; `rings_lonlat` as the
    layer has them.
    """
    declared = "wgs84" if declared == "cgcs2000" else declared
    lines = [np.asarray(line, dtype=np.float64).reshape(-1, 2) for line in lines_lonlat]
    rings = [np.asarray(ring, dtype=np.float64).reshape(-1, 2) for ring in rings_lonlat]
    if not lines or not rings:
        return None
    points = _sample(np.concatenate([_dense(line) for line in lines]))
    middle = np.median(points, axis=0)
    points = points[(np.abs(points - middle) < FAR_DEG).all(axis=1)]
    rings = [ring for ring in rings if (np.abs(ring - middle) < FAR_DEG).all()]
    if len(points) < LEAST_POINTS or not rings:
        return None
    frame = LocalFrame.around(middle)
    xy = frame.to_xy(points)
    trees = {name: STRtree([shapely.LineString(frame.to_xy(to_wgs84(r, name))) for r in rings]) for name in READINGS}
    away = {name: tree.query_nearest(shapely.points(xy), return_distance=True, all_matches=False)[1]
            for name, tree in trees.items()}  # fmt: skip
    # Reference far from the layer under every reading is not of this border.
    within = np.min(list(away.values()), axis=0) <= MARGIN_M
    if within.sum() < LEAST_POINTS:
        return None
    readings = [
        Reading(name, float((far[within] <= near_m).mean()), float(np.median(far[within])))
        for name, far in away.items()
    ]
    return _verdict(declared, readings, _as_placed(points, frame), within, near_m)


def _as_placed(points: Floats, frame: LocalFrame) -> dict[str, Floats]:
    """The reference as if it were the layer under each reading, for the offset between two readings."""
    return {name: frame.to_xy(to_wgs84(points, name)) for name in READINGS}


def _dense(line: Floats, step_deg: float = 0.0005) -> Floats:
    """Points along a line, about 50 m apart."""
    dense: Floats = shapely.get_coordinates(shapely.segmentize(shapely.LineString(line), step_deg))
    return dense


def _sample(points: Floats) -> Floats:
    """At most MOST_POINTS of them, evenly through the layer."""
    if len(points) <= MOST_POINTS:
        return points
    return points[np.linspace(0, len(points) - 1, MOST_POINTS).astype(np.int64)]


def _within(placed: dict[str, Floats], reference: Floats) -> NDArray[np.bool_]:
    """Which points lie where there are lines, under any reading: the same points are compared under all."""
    low, high = reference.min(axis=0) - MARGIN_M, reference.max(axis=0) + MARGIN_M
    inside: NDArray[np.bool_] = np.any([((xy >= low) & (xy <= high)).all(axis=1) for xy in placed.values()], axis=0)
    return inside


def _reading(datum: str, xy: Floats, tree: STRtree, near_m: float) -> Reading:
    away = tree.query_nearest(shapely.points(xy), return_distance=True, all_matches=False)[1]
    return Reading(datum, float((away <= near_m).mean()), float(np.median(away)))


def _verdict(
    declared: str, readings: list[Reading], placed: dict[str, Floats], within: NDArray[np.bool_], near_m: float
) -> Verdict:
    count = int(within.sum())
    mine = next(one for one in readings if one.datum == declared)
    first = max(readings, key=lambda one: (one.near_share, -one.median_m))
    best = first.datum if _plainly_better(first.near_share, mine.near_share, count) else declared
    east, north = (placed[declared][within] - placed[best][within]).mean(axis=0)
    ordered = sorted(readings, key=lambda one: (-one.near_share, one.median_m))
    return Verdict(declared, best, tuple(ordered), count, near_m, float(east), float(north))


def _plainly_better(one: float, other: float, count: int) -> bool:
    """Two shares of the same number of points: a difference that matters and is not by chance."""
    pooled = (one + other) / 2.0
    error = np.sqrt(max(pooled * (1.0 - pooled), 1e-9) * 2.0 / count)
    return one - other >= PLAINLY_MORE and (one - other) / error >= PLAINLY_Z
