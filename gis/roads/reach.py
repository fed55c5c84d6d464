"""How far one gets from a place in so many seconds, as an area that says nothing of what lies between roads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.roads.costs import Costs, Field
from gis.roads.graph import RoadGraph
from gis.roads.stretches import Stretches

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BESIDE_ROAD_M = 30.0
TOLERANCE_M = 3.0


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of stretches: numbers (k,), and from which fraction to which."""

    edge: Ints
    begin: Floats
    finish: Floats


@dataclass(frozen=True, slots=True)
class Reached:
    """What is reached within a time: the roads themselves and the ground beside them (lon/lat, holes between roads)."""

    within_s: float
    roads_m: float
    area: shapely.Polygon | shapely.MultiPolygon


def reached(
    graph: RoadGraph, place_lonlat: ArrayLike, within_s: Sequence[float], *, from_place: bool = True
) -> list[Reached]:
    """What is reached from a place (or from where one reaches it) within each of some times.

    The area is the reached stretches of road with 30 m on either side. A field between roads is not in it, and a road
    on the far bank of a river only when a bridge leads there in time.

    Args:
        within_s: seconds, as for the rings of one, three and five minutes.
        from_place: False asks from where the place is reached, which differs where streets are one way.
    """
    costs = graph.outwards if from_place else graph.inwards
    snap = graph.snap(place_lonlat)
    walk_s = float(snap.off_road_m[0]) / graph.walking_mps
    found = costs.field_to(snap, max(within_s))
    place = np.concatenate([np.asarray(place_lonlat, dtype=np.float64).reshape(1, 2), snap.lonlat])
    return [_reached(graph, reached_parts(found, seconds - walk_s), seconds, place) for seconds in within_s]


def reached_parts(found: Field, left_s: float) -> Parts:
    """Parts of stretches within so many seconds on the road, none of them twice."""
    of, size = found.of, len(found.of.stretches)
    if left_s <= 0.0 or found.target.edge[0] < 0:
        return Parts(np.empty(0, np.int64), np.empty(0), np.empty(0))
    with np.errstate(invalid="ignore", divide="ignore"):
        forth = (left_s - found.cost[of.stretches.start]) / of.back
        back = (left_s - found.cost[of.stretches.end]) / of.there
    forth, back = np.minimum(_sane(forth), np.minimum(of.ajar.until, 1.0)), _sane(back)
    low = np.maximum(1.0 - back, np.maximum(of.ajar.after, 0.0))
    number = np.arange(size)
    whole = (forth > 0) & (low < 1) & (forth >= low)
    goal = int(found.target.edge[0])
    own = _united([(0.0, float(forth[goal])), (float(low[goal]), 1.0), _around_target(of, found, left_s)])
    whole[goal] = False
    first, last = (forth > 0) & ~whole & (number != goal), (low < 1) & ~whole & (number != goal)
    return Parts(
        np.concatenate([number[whole], number[first], number[last], np.full(len(own), goal)]),
        np.concatenate([np.zeros(int(whole.sum() + first.sum())), low[last], [begin for begin, _ in own]]),
        np.concatenate([np.ones(int(whole.sum())), forth[first], np.ones(int(last.sum())), [end for _, end in own]]),
    )


def _around_target(of: Costs, found: Field, left_s: float) -> tuple[float, float]:
    """The part of the target's own stretch that is reached without leaving it."""
    goal, at = int(found.target.edge[0]), float(found.target.fraction[0])
    begin = max(at - left_s / of.there[goal], 0.0)
    finish = min(at + left_s / of.back[goal], 1.0)
    if at <= of.ajar.until[goal]:
        return begin, min(finish, float(of.ajar.until[goal]))
    return max(begin, float(of.ajar.after[goal])), finish


def _united(parts: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same parts of one stretch without overlap, empty ones left out."""
    united: list[tuple[float, float]] = []
    for begin, finish in sorted(part for part in parts if part[1] > part[0]):
        if united and begin <= united[-1][1]:
            united[-1] = united[-1][0], max(finish, united[-1][1])
        else:
            united.append((begin, finish))
    return united


def _sane(share: Floats) -> Floats:
    """Shares of stretches gone, within [0, 1]; what is not a number is not gone at all."""
    gone: Floats = np.clip(np.nan_to_num(share, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
    return gone


def _reached(graph: RoadGraph, parts: Parts, within_s: float, place_lonlat: Floats) -> Reached:
    stretches = graph.stretches
    metres = float(((parts.finish - parts.begin) * stretches.length_m[parts.edge]).sum())
    lines = lines_of_parts(stretches, parts)
    if len(parts.edge):
        lines.append(shapely.LineString(place_lonlat))
    flat = shapely.simplify(shapely.transform(np.array(lines, dtype=object), graph.frame.to_xy), TOLERANCE_M)
    # Strip by strip, then all together: many times faster than one buffer of everything.
    strips = shapely.buffer(flat, BESIDE_ROAD_M, quad_segs=2)
    area = shapely.simplify(shapely.union_all(strips), TOLERANCE_M)
    return Reached(within_s, metres, shapely.transform(area, graph.frame.to_lonlat))


def lines_of_parts(stretches: Stretches, parts: Parts) -> list[shapely.LineString]:
    """The lines of some parts in lon/lat, those of whole stretches first."""
    whole = (parts.begin == 0.0) & (parts.finish == 1.0)
    lines = list(stretches.lines_of(parts.edge[whole])) if whole.any() else []
    for edge, begin, finish in zip(parts.edge[~whole], parts.begin[~whole], parts.finish[~whole], strict=True):
        lines.append(shapely.LineString(stretches.piece(int(edge), float(begin), float(finish))))
    return lines
