"""Closed roads: what was drawn on the map, which parts of which stretches that closes, and for how long."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.ops import substring

from gis.metric import LocalFrame
from gis.roads.profiles import PROFILES
from gis.roads.snapping import Ajar
from gis.roads.stretches import Stretches

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A road that runs for this long within this distance of a drawn line is closed along it, not only where they cross.
ALONG_M = 30.0
BESIDE_M = 12.0
# Somebody who closes a road from corner to corner draws a little into the corners, and does not mean the side streets.
SLIP_M = 15.0
BARRIER_M = 1.0


class BadClosure(ValueError):
    """The drawing closes nothing: no line and no polygon, or an empty one."""


@dataclass(frozen=True, slots=True)
class Closure:
    """A closure as drawn.

    Attributes:
        shape: a line closes the roads it crosses and those it runs along; a polygon closes what lies inside. Lon/lat.
        profiles: whom it stops.
        begins_s, ends_s: seconds since 1970; half open.
    """

    id: str
    shape: LineString | Polygon | MultiPolygon
    profiles: frozenset[str] = frozenset(PROFILES)
    begins_s: float = -math.inf
    ends_s: float = math.inf

    def holds(self, profile: str, at_s: float) -> bool:
        """Whether it stops this profile at this time."""
        return profile in self.profiles and self.begins_s <= at_s < self.ends_s


@dataclass(frozen=True, slots=True)
class Shut:
    """A closure found on a network: stretches (k,) and from which fraction to which each is closed."""

    closure: Closure
    edge: Ints
    begin: Floats
    finish: Floats

    def lies_on(self, passed: Iterable[tuple[int, float, float]]) -> bool:
        """Whether a way goes through it."""
        closed = {int(edge): i for i, edge in enumerate(self.edge)}
        return any(
            edge in closed
            and min(begin, finish) < self.finish[closed[edge]]
            and max(begin, finish) > self.begin[closed[edge]]
            for edge, begin, finish in passed
        )


@dataclass(slots=True)
class ClosureFinder:
    """Finds what a drawing closes."""

    stretches: Stretches
    frame: LocalFrame
    _lines: NDArray[np.object_] = field(init=False, repr=False)
    _tree: STRtree = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._lines = shapely.transform(self.stretches.lines(), self.frame.to_xy)
        self._tree = STRtree(self._lines)

    def find(self, closure: Closure) -> Shut:
        """Which parts of which stretches it closes; none where it lies beside all roads.

        Raises:
            BadClosure: the drawing is empty or no line and no polygon.
        """
        if closure.shape.is_empty or not isinstance(closure.shape, LineString | Polygon | MultiPolygon):
            raise BadClosure("a closure is a line or a polygon")
        drawn = shapely.transform(closure.shape, self.frame.to_xy)
        parts = self._along_line(drawn) if isinstance(drawn, LineString) else [self._inside(shapely.make_valid(drawn))]
        edge, begin, finish = (np.concatenate(column) for column in zip(*parts, strict=True))
        stretch, row = np.unique(edge, return_inverse=True)
        first, last = np.full(len(stretch), np.inf), np.full(len(stretch), -np.inf)
        np.minimum.at(first, row.reshape(-1), begin)
        np.maximum.at(last, row.reshape(-1), finish)
        return Shut(closure, stretch, first, last)

    def _along_line(self, drawn: LineString) -> list[tuple[Ints, Floats, Floats]]:
        beside = drawn.buffer(BESIDE_M, cap_style="flat")
        edge, begin, finish = self._inside(beside)
        long = (finish - begin) * self.stretches.length_m[edge] >= ALONG_M
        kept = substring(drawn, SLIP_M, -SLIP_M) if drawn.length > 4 * SLIP_M else drawn
        return [(edge[long], begin[long], finish[long]), self._crossed(kept)]

    def _inside(self, area: shapely.Geometry) -> tuple[Ints, Floats, Floats]:
        """Parts of stretches within an area, each piece on a row of its own."""
        hit = self._tree.query(area, predicate="intersects")
        pieces, of = shapely.get_parts(shapely.intersection(self._lines[hit], area), return_index=True)
        lengthy = shapely.get_type_id(pieces) == 1
        pieces, edge = pieces[lengthy], hit[of[lengthy]]
        ends = [
            shapely.line_locate_point(self._lines[edge], shapely.get_point(pieces, end), normalized=True)
            for end in (0, -1)
        ]
        return edge.astype(np.int64), np.minimum(*ends), np.maximum(*ends)

    def _crossed(self, drawn: LineString) -> tuple[Ints, Floats, Floats]:
        """A short barrier wherever the line crosses a road."""
        hit = self._tree.query(drawn, predicate="intersects")
        pieces, of = shapely.get_parts(shapely.intersection(self._lines[hit], drawn), return_index=True)
        points, edge = shapely.point_on_surface(pieces), hit[of].astype(np.int64)
        at = shapely.line_locate_point(self._lines[edge], points, normalized=True)
        wide = BARRIER_M / np.maximum(self.stretches.length_m[edge], BARRIER_M)
        return edge, np.maximum(at - wide, 0.0), np.minimum(at + wide, 1.0)


def ajar(size: int, shuts: Iterable[Shut]) -> Ajar:
    """How far each of `size` stretches is open when all of these are closed."""
    until, after = np.full(size, np.inf), np.full(size, -np.inf)
    for shut in shuts:
        np.minimum.at(until, shut.edge, shut.begin)
        np.maximum.at(after, shut.edge, shut.finish)
    return Ajar(until, after)
