"""How soon any of many gets to every place: one search from all of them at once for each way of travelling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.metric import LocalFrame
from gis.roads.costs import Costs
from gis.roads.graph import RoadGraph
from gis.roads.reach import BESIDE_ROAD_M, Parts, lines_of_parts
from gis.roads.snapping import Snaps
from gis.roads.travel import Travel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# An area that is drawn over a whole town needs no finer edge.
COARSE_M = 8.0
# Among the fractions of one stretch there is room for those of no other.
APART = 2.0


@dataclass(frozen=True, slots=True)
class JointlyReached:
    """What some of many reach within a time: the roads, and the ground beside them (lon/lat)."""

    within_s: float
    roads_m: float
    area: shapely.Polygon | shapely.MultiPolygon


class Starters:
    """All who start on one graph, and how soon the first of them is at each node.

    Args:
        graph: on which they travel.
        places_lonlat: (n, 2) where they are, n > 0.
        limit_s: search no further than this.
    """

    def __init__(self, graph: RoadGraph, places_lonlat: ArrayLike, limit_s: float) -> None:
        self._graph = graph
        self._of: Costs = graph.outwards
        snaps = graph.snap(places_lonlat)
        near = np.flatnonzero(snaps.edge >= 0)
        self._from = snaps.take(near)
        self._walk_s = self._from.off_road_m / graph.walking_mps
        self._first_s = self._search(limit_s)

    def _search(self, limit_s: float) -> Floats:
        """(nodes,) seconds until the first is there: from a node added for all of them, with an arc to each."""
        of, snaps = self._of, self._from
        by_start, by_end = self._own(snaps)
        size = len(of.stretches.node_lonlat)
        seconds = np.full(size, np.inf)
        np.minimum.at(seconds, of.stretches.start[snaps.edge], by_start + self._walk_s)
        np.minimum.at(seconds, of.stretches.end[snaps.edge], by_end + self._walk_s)
        near = np.flatnonzero(np.isfinite(seconds))
        roads = of.graph()
        # No way costs nothing, for the search takes an arc of no cost for none.
        added = csr_array(
            (
                np.concatenate([roads.data, np.maximum(seconds[near], 1e-9)]),
                np.concatenate([roads.indices, near.astype(roads.indices.dtype)]),
                np.append(roads.indptr, roads.indptr[-1] + len(near)),
            ),
            shape=(size + 1, size + 1),
        )
        found: Floats = dijkstra(added, indices=np.array([size]), limit=limit_s)[0, :-1]
        return found

    def _own(self, snaps: Snaps) -> tuple[Floats, Floats]:
        """(n,) seconds between each snapped place and the two ends of its stretch, inf where it is closed."""
        of, edge, at = self._of, snaps.edge, snaps.fraction
        with np.errstate(invalid="ignore"):
            by_start = np.where(at <= of.ajar.until[edge], _share(of.there[edge], at), np.inf)
            by_end = np.where(at >= of.ajar.after[edge], _share(of.back[edge], 1.0 - at), np.inf)
        return by_start, by_end

    def seconds_to(self, places_lonlat: ArrayLike) -> Floats:
        """(k,) seconds until the first of them is at each place, the walks off the road included."""
        of, snaps = self._of, self._graph.snap(places_lonlat)
        edge, at = np.maximum(snaps.edge, 0), snaps.fraction
        stretches, ajar = of.stretches, of.ajar
        forth = np.where(
            at <= ajar.until[edge], self._first_s[stretches.start[edge]] + _share(of.back[edge], at), np.inf
        )
        back = np.where(
            at >= ajar.after[edge], self._first_s[stretches.end[edge]] + _share(of.there[edge], 1.0 - at), np.inf
        )
        soonest = np.minimum(np.minimum(forth, back), self._along(edge, at))
        seconds: Floats = np.where(snaps.edge >= 0, soonest + snaps.off_road_m / self._graph.walking_mps, np.inf)
        return seconds

    def _along(self, edge: Ints, at: Floats) -> Floats:
        """(k,) seconds from those who start on the very stretch of a place without leaving it."""
        of, snaps = self._of, self._from
        row, who = np.nonzero(edge[:, None] == snaps.edge[None, :])
        soonest = np.full(len(edge), np.inf)
        on, here, there = edge[row], snaps.fraction[who], at[row]
        step = there - here
        cost = _share(np.where(step >= 0, of.back[on], of.there[on]), np.abs(step)) + self._walk_s[who]
        low, high = np.minimum(here, there), np.maximum(here, there)
        open_between = (high <= of.ajar.until[on]) | (low >= of.ajar.after[on])
        np.minimum.at(soonest, row[open_between], cost[open_between])
        return soonest

    def parts(self, within_s: float) -> Parts:
        """The parts of stretches where one of them is in time, none of them twice."""
        of, size = self._of, len(self._of.stretches)
        number = np.arange(size)
        forth = np.minimum(_gone(within_s - self._first_s[of.stretches.start], of.back), np.minimum(of.ajar.until, 1.0))
        back = _gone(within_s - self._first_s[of.stretches.end], of.there)
        low = np.maximum(1.0 - back, np.maximum(of.ajar.after, 0.0))
        own = self._around(within_s)
        return united(
            Parts(
                np.concatenate([number, number, own.edge]),
                np.concatenate([np.zeros(size), low, own.begin]),
                np.concatenate([forth, np.ones(size), own.finish]),
            )
        )

    def _around(self, within_s: float) -> Parts:
        """The part of each one's own stretch that he reaches without leaving it."""
        of, edge, at = self._of, self._from.edge, self._from.fraction
        left_s = within_s - self._walk_s
        begin, finish = at - _gone(left_s, of.there[edge]), at + _gone(left_s, of.back[edge])
        before = at <= of.ajar.until[edge]
        begin = np.maximum(begin, np.where(before, 0.0, np.maximum(of.ajar.after[edge], 0.0)))
        finish = np.minimum(finish, np.where(before, np.minimum(of.ajar.until[edge], 1.0), 1.0))
        return Parts(edge, begin, finish)


def starters(travel: Travel, places_lonlat: ArrayLike, profiles: Sequence[str], limit_s: float) -> list[Starters]:
    """Those at `places_lonlat` (n, 2), each travelling as its profile (n,)."""
    lonlat = np.asarray(places_lonlat, dtype=np.float64).reshape(-1, 2)
    by = np.asarray(profiles, dtype=str)
    rows: Mapping[str, Ints] = {name: np.flatnonzero(by == name) for name in travel.graphs}
    return [Starters(travel.graphs[name], lonlat[who], limit_s) for name, who in rows.items() if len(who)]


def soonest_to(groups: Sequence[Starters], places_lonlat: ArrayLike) -> Floats:
    """(k,) seconds until the first of all groups is at each place; inf beyond their limit."""
    places = np.asarray(places_lonlat, dtype=np.float64).reshape(-1, 2)
    soonest: Floats = np.full(len(places), np.inf)
    for group in groups:
        soonest = np.minimum(soonest, group.seconds_to(places))
    return soonest


def reached_jointly(travel: Travel, groups: Sequence[Starters], within_s: Sequence[float]) -> list[JointlyReached]:
    """What the groups reach together within each of some times, ascending, none longer than their limit."""
    frame, made = next(iter(travel.graphs.values())).frame, list[JointlyReached]()
    ground: shapely.Geometry = shapely.Polygon()
    known: set[tuple[int, float, float]] = set()
    for seconds in within_s:
        parts = _together([group.parts(seconds) for group in groups])
        # What was reached before is ground already: only what has grown is added to it.
        rows = list(zip(parts.edge.tolist(), parts.begin.tolist(), parts.finish.tolist(), strict=True))
        grown = np.array([row not in known for row in rows], bool)
        known.update(rows)
        if grown.any():
            new = Parts(parts.edge[grown], parts.begin[grown], parts.finish[grown])
            ground = shapely.union(ground, _beside(lines_of_parts(travel.stretches, new), frame))
        metres = float(((parts.finish - parts.begin) * travel.stretches.length_m[parts.edge]).sum())
        area = shapely.transform(shapely.simplify(ground, COARSE_M), frame.to_lonlat)
        made.append(JointlyReached(seconds, metres, area))
    return made


def _together(each: Sequence[Parts]) -> Parts:
    nothing = Parts(np.empty(0, np.int64), np.empty(0), np.empty(0))
    every = (nothing, *each)
    return united(Parts(*(np.concatenate([getattr(one, name) for one in every]) for name in Parts.__slots__)))


def _beside(lines: Sequence[shapely.LineString], frame: LocalFrame) -> shapely.Geometry:
    """The ground beside roads, in the frame. Strip by strip, then all together: faster than one buffer of all."""
    roads = shapely.transform(shapely.multilinestrings(lines), frame.to_xy)
    merged = shapely.simplify(shapely.get_parts(shapely.line_merge(roads)), COARSE_M)
    return shapely.union_all(shapely.buffer(merged, BESIDE_ROAD_M, quad_segs=2))


def united(parts: Parts) -> Parts:
    """The same parts of stretches without overlap, empty ones left out, by stretch."""
    lengthy = parts.finish > parts.begin
    shift = parts.edge[lengthy] * APART
    begin, finish = parts.begin[lengthy] + shift, parts.finish[lengthy] + shift
    order = np.argsort(begin, kind="stable")
    begin, finish = begin[order], np.maximum.accumulate(finish[order])
    if not len(begin):
        return Parts(np.empty(0, np.int64), begin, finish)
    first = np.flatnonzero(np.append(True, begin[1:] > finish[:-1]))
    last = np.append(first[1:], len(begin)) - 1
    edge = (begin[first] // APART).astype(np.int64)
    return Parts(edge, np.clip(begin[first] - edge * APART, 0, 1), np.clip(finish[last] - edge * APART, 0, 1))


def _share(cost: Floats, fraction: Floats) -> Floats:
    """`cost * fraction`, where a forbidden direction stays forbidden even over no distance."""
    return np.asarray(cost * np.maximum(fraction, 1e-9), dtype=np.float64)


def _gone(left_s: Floats, cost_s: Floats) -> Floats:
    """Share of each stretch gone along in the time left, in [0, 1]; none where it is forbidden or the time is over."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(np.isfinite(cost_s) & (left_s > 0.0), left_s / cost_s, 0.0)
    gone: Floats = np.clip(np.nan_to_num(share, nan=0.0), 0.0, 1.0)
    return gone
