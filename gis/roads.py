"""Travel times over a road network: who is nearest to a place by road, and which way they go.

Roads are straight arcs between nodes; a place is snapped to the nearest point of a road, and the leg between
place and road is walked. Knows no turn restrictions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from gis.metric import LocalFrame
from gis.snapping import Snaps, SnapTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WALKING_MPS = 1.4
FIRST_LIMIT_S = 120.0


class BadRoads(ValueError):
    """The arrays do not describe a road network."""


class NoWay(ValueError):
    """No road leads from the one place to the other."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How long one candidate takes to a place: its index in the caller's array, seconds, metres."""

    index: int
    seconds: float
    metres: float


@dataclass(frozen=True, slots=True)
class Route:
    """A way from one place to another; `line_lonlat` is (n, 2) and starts and ends at the places themselves."""

    seconds: float
    metres: float
    line_lonlat: Floats


@dataclass(slots=True)
class RoadGraph:
    """A road network with travel times; immutable once built, safe to share between threads.

    Args:
        node_lonlat: (n, 2) degrees WGS84.
        arc_from, arc_to: (m,) node indices; an arc is one way, so a two-way road is two arcs.
        length_m, speed_mps: (m,) both > 0.
        road_class: (m,) free small integers of the caller, kept for drawing and filters.

    Raises:
        BadRoads: no nodes or arcs, arrays of different lengths, indices out of range, or a length or speed <= 0.
    """

    node_lonlat: Floats
    arc_from: Ints
    arc_to: Ints
    length_m: Floats
    speed_mps: Floats
    road_class: Ints
    walking_mps: float = WALKING_MPS
    _tree: SnapTree = field(init=False, repr=False)
    _by_time: "_Cost" = field(init=False, repr=False)
    _by_length: "_Cost" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._check()
        frame = LocalFrame.around(self.node_lonlat.mean(axis=0))
        node_xy = frame.to_xy(self.node_lonlat)
        ends = np.sort(np.stack([self.arc_from, self.arc_to], axis=1), axis=1)
        edges, edge_of_arc = np.unique(ends, axis=0, return_inverse=True)
        forward = self.arc_from == ends[:, 0]
        self._tree = SnapTree(frame, node_xy, edges)
        seconds = self.length_m / self.speed_mps
        of_arcs = (len(self.node_lonlat), edges, edge_of_arc.reshape(-1), forward)
        self._by_time = _Cost.build(*of_arcs, seconds, self.length_m)
        self._by_length = _Cost.build(*of_arcs, self.length_m, self.length_m)

    def _check(self) -> None:
        self.node_lonlat = np.asarray(self.node_lonlat, dtype=np.float64)
        self.arc_from, self.arc_to = np.asarray(self.arc_from, np.int64), np.asarray(self.arc_to, np.int64)
        self.length_m = np.asarray(self.length_m, dtype=np.float64)
        self.speed_mps = np.asarray(self.speed_mps, dtype=np.float64)
        self.road_class = np.asarray(self.road_class, dtype=np.int64)
        if self.node_lonlat.ndim != 2 or self.node_lonlat.shape[-1] != 2 or len(self.arc_from) == 0:
            raise BadRoads("a road network needs nodes (n, 2) and at least one arc")
        if {len(a) for a in (self.arc_to, self.length_m, self.speed_mps, self.road_class)} != {len(self.arc_from)}:
            raise BadRoads("the arrays of the arcs differ in length")
        if min(self.arc_from.min(), self.arc_to.min()) < 0 or max(self.arc_from.max(), self.arc_to.max()) >= len(
            self.node_lonlat
        ):
            raise BadRoads("an arc names a node that is not there")
        if not ((self.length_m > 0) & (self.speed_mps > 0)).all():
            raise BadRoads("lengths and speeds must be above zero")

    def components(self) -> Ints:
        """(n,) number of the connected part each node lies in (both ways reachable)."""
        return connected_components(self._by_time.reverse, directed=True, connection="strong")[1].astype(np.int64)

    def snap(self, lonlat: ArrayLike) -> Snaps:
        """Find the nearest road of each place; (n, 2) or (2,). Keep the answer when the places stay."""
        return self._tree.snap(np.atleast_2d(np.asarray(lonlat, dtype=np.float64)))

    def travel_times_to(self, place_lonlat: ArrayLike, limit_s: float = np.inf) -> Floats:
        """(n,) seconds from every node to the place, the walk off the road included; inf beyond `limit_s`."""
        field_to = self._by_time.field_to(self.snap(place_lonlat), limit_s)
        seconds: Floats = field_to.cost + field_to.target.off_road_m[0] / self.walking_mps
        return np.where(seconds <= limit_s, seconds, np.inf)

    def nearest(
        self,
        place_lonlat: ArrayLike,
        candidates: ArrayLike | Snaps,
        *,
        speeds_mps: ArrayLike | None = None,
        k: int = 5,
        within_s: float = 7200.0,
    ) -> list[Reach]:
        """The `k` candidates that reach the place first, soonest first.

        Args:
            candidates: (n, 2) lon/lat, or their `snap`.
            speeds_mps: (n,) steady speed of those who do not drive at the speed of the road (on foot, by scooter),
                who then take the shortest way; nan for drivers. None: all drive.
            within_s: candidates that need longer are left out.
        """
        snaps = candidates if isinstance(candidates, Snaps) else self.snap(candidates)
        target = self.snap(place_lonlat)
        own = np.full(len(snaps), np.nan) if speeds_mps is None else np.asarray(speeds_mps, dtype=np.float64)
        drivers, movers = np.flatnonzero(np.isnan(own)), np.flatnonzero(~np.isnan(own))
        found = self._first(self._by_time, target, snaps, drivers, np.ones(len(drivers)), k, within_s)
        found += self._first(self._by_length, target, snaps, movers, own[movers], k, within_s)
        return sorted(found, key=lambda reach: (reach.seconds, reach.index))[:k]

    def times_between(self, places_lonlat: ArrayLike | Snaps, *, speed_mps: float | None = None) -> Floats:
        """(n, n) seconds from each place to each other, walks off the road included; inf where no road leads.

        Args:
            places_lonlat: (n, 2) lon/lat, or their `snap`.
            speed_mps: steady pace of somebody who takes the shortest way; None drives at the speed of the roads.
        """
        snaps = places_lonlat if isinstance(places_lonlat, Snaps) else self.snap(places_lonlat)
        cost = self._by_time if speed_mps is None else self._by_length
        times = np.empty((len(snaps), len(snaps)))
        for column in range(len(snaps)):
            target = snaps.take(np.array([column]))
            on_road_s = cost.field_to(target, np.inf).cost_of(snaps) / (speed_mps or 1.0)
            times[:, column] = on_road_s + (snaps.off_road_m + target.off_road_m[0]) / self.walking_mps
        np.fill_diagonal(times, 0.0)
        return times

    def route(self, from_lonlat: ArrayLike, to_lonlat: ArrayLike, *, speed_mps: float | None = None) -> Route:
        """The fastest way for a driver, or the shortest way at a steady speed.

        Raises:
            NoWay: the two places lie on roads that do not meet.
        """
        start, target = self.snap(from_lonlat), self.snap(to_lonlat)
        cost = self._by_time if speed_mps is None else self._by_length
        field_to = cost.field_to(target, np.inf)
        on_road = field_to.cost_of(start)[0]
        if not np.isfinite(on_road):
            raise NoWay("no road leads there")
        nodes, metres = field_to.trace(start, 0)
        off_m = float(start.off_road_m[0] + target.off_road_m[0])
        line = [np.asarray(from_lonlat, dtype=np.float64), start.lonlat[0], *self.node_lonlat[nodes]]
        line += [target.lonlat[0], np.asarray(to_lonlat, dtype=np.float64)]
        seconds = float(on_road) / (speed_mps or 1.0) + off_m / self.walking_mps
        return Route(seconds, metres + off_m, _without_repeats(np.array(line)))

    def _first(
        self, cost: "_Cost", target: Snaps, snaps: Snaps, who: Ints, speed: Floats, k: int, within_s: float
    ) -> list[Reach]:
        """Search from the place outwards until nobody outside the searched disc can be among the first `k`."""
        if len(who) == 0:
            return []
        mine = snaps.take(who)
        walk_s = (mine.off_road_m + target.off_road_m[0]) / self.walking_mps
        for limit_s in _growing(FIRST_LIMIT_S, within_s):
            field_to = cost.field_to(target, limit_s * float(speed.max()))
            seconds = field_to.cost_of(mine) / speed + walk_s
            order = np.argsort(seconds, kind="stable")[:k]
            if len(order) == k and seconds[order[-1]] <= limit_s:
                break
        return [
            Reach(int(who[i]), float(seconds[i]), field_to.trace(mine, int(i))[1] + float(walk_s[i]) * self.walking_mps)
            for i in order
            if seconds[i] <= within_s
        ]


@dataclass(frozen=True, slots=True)
class _Cost:
    """One way of counting (seconds or metres), as the reversed graph that is searched from the target."""

    reverse: csr_matrix
    there: Floats  # (edges,) cost along the edge as stored, inf where that is forbidden
    back: Floats
    metres: Floats  # (edges,) length
    edges: Ints
    edge_number: dict[tuple[int, int], int]

    @classmethod
    def build(
        cls, size: int, edges: Ints, edge_of_arc: Ints, forward: NDArray[np.bool_], cost: Floats, length_m: Floats
    ) -> "_Cost":
        there, back = np.full(len(edges), np.inf), np.full(len(edges), np.inf)
        np.minimum.at(there, edge_of_arc[forward], cost[forward])
        np.minimum.at(back, edge_of_arc[~forward], cost[~forward])
        metres = np.full(len(edges), np.inf)
        np.minimum.at(metres, edge_of_arc, length_m)
        a, b = edges[:, 0], edges[:, 1]
        go, come = np.isfinite(there), np.isfinite(back)
        rows, columns = np.concatenate([b[go], a[come]]), np.concatenate([a[go], b[come]])
        graph = csr_matrix((np.concatenate([there[go], back[come]]), (rows, columns)), shape=(size, size))
        numbers = {(int(u), int(v)): i for i, (u, v) in enumerate(edges)}
        return cls(graph, there, back, metres, edges, numbers)

    def field_to(self, target: Snaps, limit: float) -> "_Field":
        """Search from the two ends of the target's edge."""
        edge, fraction = int(target.edge[0]), float(target.fraction[0])
        ends = self.edges[edge]
        cost, before = dijkstra(self.reverse, indices=ends, limit=limit, return_predecessors=True)
        by_start = cost[0] + _share(self.there[edge], fraction)
        by_end = cost[1] + _share(self.back[edge], 1.0 - fraction)
        return _Field(self, target, np.minimum(by_start, by_end), by_end < by_start, before)


@dataclass(frozen=True, slots=True)
class _Field:
    """Cost from every node to one target, and the next node on the way there."""

    of: _Cost
    target: Snaps
    cost: Floats
    by_end: NDArray[np.bool_]  # which end of the target's edge the best way comes in by
    before: NDArray[np.int32]

    def _ways(self, snaps: Snaps) -> Floats:
        """(3, n) cost by the edge's end, by its start, and straight along the edge when it is the target's own."""
        there, back = self.of.there[snaps.edge], self.of.back[snaps.edge]
        ends = self.of.edges[snaps.edge]
        ahead = _shares(there, 1.0 - snaps.fraction) + self.cost[ends[:, 1]]
        behind = _shares(back, snaps.fraction) + self.cost[ends[:, 0]]
        step = self.target.fraction[0] - snaps.fraction
        along = np.where(step >= 0, _shares(there, np.abs(step)), _shares(back, np.abs(step)))
        return np.stack([ahead, behind, np.where(snaps.edge == self.target.edge[0], along, np.inf)])

    def cost_of(self, snaps: Snaps) -> Floats:
        """(n,) cost from each snapped place to the target, along roads only."""
        best: Floats = self._ways(snaps).min(axis=0)
        return best

    def trace(self, snaps: Snaps, i: int) -> tuple[list[int], float]:
        """Nodes passed by snapped place `i` on its best way, and the metres along the road."""
        one = snaps.take(np.array([i]))
        way = int(np.argmin(self._ways(one)[:, 0]))
        edge, fraction = int(one.edge[0]), float(one.fraction[0])
        length = float(self.of.metres[edge])
        if way == 2:
            return [], abs(float(self.target.fraction[0]) - fraction) * length
        node = int(self.of.edges[edge][1 - way])
        metres = length * (1.0 - fraction if way == 0 else fraction)
        nodes = [node]
        row = int(self.by_end[node])
        while (after := int(self.before[row, node])) >= 0:
            metres += float(self.of.metres[self.of.edge_number[min(node, after), max(node, after)]])
            node = after
            nodes.append(node)
        goal = int(self.target.edge[0])
        last = float(self.target.fraction[0])
        return nodes, metres + float(self.of.metres[goal]) * (last if row == 0 else 1.0 - last)


def _share(cost: float, fraction: float) -> float:
    return cost * fraction if np.isfinite(cost) else np.inf


def _shares(cost: Floats, fraction: Floats) -> Floats:
    """`cost * fraction`, where a forbidden direction stays forbidden even over no distance."""
    shares: Floats = cost * np.maximum(fraction, 1e-12)  # infinity times zero would be no number
    return shares


def _growing(first: float, last: float) -> Iterator[float]:
    limit = min(first, last)
    while limit < last:
        yield limit
        limit *= 2.0
    yield last


def _without_repeats(line: Floats) -> Floats:
    keep = np.concatenate([[True], (np.abs(np.diff(line, axis=0)) > 1e-9).any(axis=1)])
    return line[keep] if keep.sum() > 1 else line[:2]
