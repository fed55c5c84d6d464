"""Grids 网格 that tile a town: checks for gaps and overlaps, which grid a point lies in, and how grids are numbered."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import STRtree
from shapely.geometry import Polygon


class BadGrids(ValueError):
    """Codes and polygons do not belong together."""


@dataclass(frozen=True, slots=True)
class TilingReport:
    """How well cells tile a whole, in the square units of the coordinates.

    Attributes:
        gap_area: of the whole, covered by no cell.
        outside_area: of cells, outside the whole.
        overlaps: (i, j, area) of pairs of cells that overlap by more than the tolerance.
        broken_edges: cells whose shared edges do not have the same vertices as their neighbours'.
    """

    gap_area: float
    outside_area: float
    overlaps: tuple[tuple[int, int, float], ...]
    broken_edges: tuple[int, ...]

    def is_exact(self, tolerance: float = 1e-6) -> bool:
        """Whether there is neither gap nor overlap, beyond a tolerance in square units."""
        return max(self.gap_area, self.outside_area) <= tolerance and not self.overlaps and not self.broken_edges


def check_tiling(cells: Sequence[Polygon], whole: Polygon, *, tolerance: float = 1e-6) -> TilingReport:
    """Look for gaps, overlaps and edges that only nearly meet. Planar; metres are the sensible unit."""
    array = np.array(cells, dtype=object)
    covered = shapely.union_all(array)
    left, right = STRtree(array).query(array, predicate="intersects")
    overlaps = []
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        area = shapely.intersection(array[i], array[j]).area if i < j else 0.0
        if area > tolerance:
            overlaps.append((i, j, float(area)))
    broken = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(array)))
    return TilingReport(
        gap_area=float(shapely.difference(whole, covered).area),
        outside_area=float(shapely.difference(covered, whole).area),
        overlaps=tuple(overlaps),
        broken_edges=tuple(broken.tolist()),
    )


def number_like_a_page(centres_xy: ArrayLike, row_height: float) -> list[int]:
    """Order in which to number grids: from west to east, row by row from north to south.

    Args:
        centres_xy: (n, 2), x east and y north.
        row_height: centres whose distance from the northernmost falls into the same multiple of it form a row.

    Returns:
        Indices of the centres in the order of their numbers.
    """
    centres = np.asarray(centres_xy, dtype=np.float64).reshape(-1, 2)
    if len(centres) == 0:
        return []
    rows = np.floor((centres[:, 1].max() - centres[:, 1]) / row_height)
    order: list[int] = np.lexsort((centres[:, 1], centres[:, 0], rows)).tolist()
    return order


@dataclass(slots=True)
class AreaIndex:
    """Which area a point lies in. Immutable once built, safe to share between threads.

    Args:
        codes: one code per polygon, each once.
        polygons: lon/lat. A point on a shared edge belongs to the lower code, so that every asker gets one answer.
    """

    codes: Sequence[str]
    polygons: Sequence[Polygon]
    _tree: STRtree = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.codes) != len(self.polygons) or len(set(self.codes)) != len(self.codes):
            raise BadGrids("every polygon needs a code of its own")
        order = np.argsort(np.array(self.codes))
        self.codes = [self.codes[i] for i in order]
        self.polygons = [self.polygons[i] for i in order]
        shapely.prepare(self.polygons)
        self._tree = STRtree(self.polygons)

    def find(self, lonlat: ArrayLike) -> str | None:
        """The code of the area that covers a point, or None outside all."""
        return self.find_many(np.asarray(lonlat, dtype=np.float64)[None])[0]

    def find_many(self, lonlat: ArrayLike) -> list[str | None]:
        """Codes of (n, 2) points."""
        points = shapely.points(np.asarray(lonlat, dtype=np.float64))
        which, area = self._tree.query(points, predicate="covered_by")
        lowest: NDArray[np.int64] = np.full(len(points), len(self.codes))
        np.minimum.at(lowest, which, area)
        return [self.codes[i] if i < len(self.codes) else None for i in lowest]

    def nearest(self, lonlat: ArrayLike) -> str:
        """The code of the area nearest to a point (by degrees, which is near enough to name a neighbour)."""
        point = shapely.points(np.asarray(lonlat, dtype=np.float64))
        return self.codes[int(self._tree.nearest(point))]

    def polygon(self, code: str) -> Polygon | None:
        """The outline of an area."""
        return self.polygons[self.codes.index(code)] if code in self.codes else None
