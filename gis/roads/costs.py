"""One way of counting a road network, in seconds or metres, and the search from one place outwards."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.roads.snapping import Ajar, Snaps
from gis.roads.stretches import Stretches

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Small = NDArray[np.int32]

NEARLY_NOTHING = 1e-9
NOWHERE = -9999
# Ways off a stretch, as rows of `Field._ways`.
BY_END, BY_START, STRAIGHT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Costs:
    """The graph that is searched from a place against the direction of travel; immutable.

    Attributes:
        there, back: (m,) cost along each stretch and against it, inf where that is forbidden.
        ajar: how far the stretches are open.
        every: all arcs sorted by (node come to, node left, cost), closed ones too: what a rebuild starts from.
    """

    stretches: Stretches
    there: Floats
    back: Floats
    ajar: Ajar
    every: tuple[Ints, Floats, Small, NDArray[np.bool_]]
    key: Ints  # (arcs,) node come to * nodes + node left, ascending, each once
    first: Small  # (n + 2,) rows of the graph, the last one for the place itself
    left: Small
    cost: Floats
    edge: Small  # (arcs,) the stretch
    ahead: NDArray[np.bool_]  # (arcs,) along it

    @classmethod
    def build(cls, stretches: Stretches, there: Floats, back: Floats) -> "Costs":
        """The graph with everything open."""
        size = len(stretches.node_lonlat)
        go, come = np.flatnonzero(np.isfinite(there)), np.flatnonzero(np.isfinite(back))
        edge = np.concatenate([go, come])
        ahead = np.arange(len(edge)) < len(go)
        cost = np.concatenate([there[go], back[come]])
        start, end = stretches.start[edge], stretches.end[edge]
        key = np.where(ahead, end * size + start, start * size + end)
        order = np.lexsort((cost, key))
        every = key[order], cost[order], edge[order].astype(np.int32), ahead[order]
        return cls._of(stretches, there, back, Ajar.all_open(len(stretches)), every)

    def but(self, ajar: Ajar) -> "Costs":
        """The same with stretches closed."""
        return self._of(self.stretches, self.there, self.back, ajar, self.every)

    @classmethod
    def _of(
        cls,
        stretches: Stretches,
        there: Floats,
        back: Floats,
        ajar: Ajar,
        every: tuple[Ints, Floats, Small, NDArray[np.bool_]],
    ) -> "Costs":
        through = ajar.through()
        key, cost, edge, ahead = every
        if not through.all():
            kept = through[edge]
            key, cost, edge, ahead = key[kept], cost[kept], edge[kept], ahead[kept]
        best = np.ones(len(key), bool)
        best[1:] = key[1:] != key[:-1]
        key, cost, edge, ahead = key[best], cost[best], edge[best], ahead[best]
        size = len(stretches.node_lonlat)
        row, left = np.divmod(key, size)
        first = np.zeros(size + 2, np.int32)
        np.cumsum(np.bincount(row, minlength=size), out=first[1:-1])
        first[-1] = first[-2] + 2
        return cls(stretches, there, back, ajar, every, key, first, left.astype(np.int32), cost, edge, ahead)

    def graph(self) -> csr_array:
        """(n, n) cost from the column's node to the row's."""
        size = len(self.stretches.node_lonlat)
        made: csr_array = csr_array((self.cost, self.left, self.first[:-1]), shape=(size, size))
        return made

    def off(self, snaps: Snaps) -> tuple[Floats, Floats]:
        """(n,) cost from places on roads to the end of their stretch, and to its start; inf where that is not open."""
        edge, at = snaps.edge, snaps.fraction
        by_end = np.where(at >= self.ajar.after[edge], _shares(self.there[edge], 1.0 - at), np.inf)
        by_start = np.where(at <= self.ajar.until[edge], _shares(self.back[edge], at), np.inf)
        nowhere = edge < 0
        return np.where(nowhere, np.inf, by_end), np.where(nowhere, np.inf, by_start)

    def last_of(self, target: Snaps) -> tuple[Floats, Small]:
        """(2,) cost of the last part of the way, by the start of the target's stretch and by its end; these nodes."""
        edge, fraction = int(target.edge[0]), float(target.fraction[0])
        until, after = self.ajar.until[edge], self.ajar.after[edge]
        by_start = self.there[edge] * max(fraction, NEARLY_NOTHING) if fraction <= until else np.inf
        by_end = self.back[edge] * max(1.0 - fraction, NEARLY_NOTHING) if fraction >= after else np.inf
        ends = np.array([self.stretches.start[edge], self.stretches.end[edge]], np.int32)
        return np.array([by_start, by_end]), ends

    def field_to(self, target: Snaps, limit: float) -> "Field":
        """Search from a place on a road, as far as `limit`."""
        size = len(self.stretches.node_lonlat)
        if target.edge[0] < 0:
            return Field(self, target, np.full(size, np.inf), np.full(size, NOWHERE, np.int32))
        last, ends = self.last_of(target)
        graph = csr_array(
            (np.concatenate([self.cost, last]), np.concatenate([self.left, ends]), self.first),
            shape=(size + 1, size + 1),
        )
        cost, before = dijkstra(graph, indices=np.array([size]), limit=limit, return_predecessors=True)
        return Field(self, target, cost[0, :-1], before[0, :-1])


@dataclass(frozen=True, slots=True)
class Found(ABC):
    """What a search from a target found: cost and metres from anywhere to it."""

    of: Costs
    target: Snaps

    @abstractmethod
    def cost_at(self, nodes: Ints) -> Floats:
        """(n,) cost from nodes to the target; right up to the limit of the search, larger than it beyond."""

    @abstractmethod
    def metres_at(self, nodes: Ints) -> Floats:
        """(n,) metres from nodes that reach the target."""

    def _ways(self, snaps: Snaps) -> Floats:
        """(3, n) cost by the stretch's end, by its start, and straight along it when it is the target's own."""
        of, edge, at = self.of, snaps.edge, snaps.fraction
        by_end, by_start = of.off(snaps)
        from_ends = self.cost_at(np.concatenate([of.stretches.end[edge], of.stretches.start[edge]]))
        goal = self.target.fraction[0]
        step = goal - at
        along = np.where(step >= 0, _shares(of.there[edge], np.abs(step)), _shares(of.back[edge], np.abs(step)))
        low, high = np.minimum(at, goal), np.maximum(at, goal)
        open_ = (high <= of.ajar.until[edge]) | (low >= of.ajar.after[edge])
        same = (edge == self.target.edge[0]) & (edge >= 0) & open_
        ways: Floats = np.stack(
            [by_end + from_ends[: len(edge)], by_start + from_ends[len(edge) :], np.where(same, along, np.inf)]
        )
        return ways

    def cost_of(self, snaps: Snaps) -> Floats:
        """(n,) cost from each snapped place to the target, along roads only."""
        best: Floats = self._ways(snaps).min(axis=0)
        return best

    def metres_of(self, snaps: Snaps) -> Floats:
        """(n,) metres along the road of the best way of each; all must reach the target."""
        stretches, edge, at = self.of.stretches, snaps.edge, snaps.fraction
        way = np.argmin(self._ways(snaps), axis=0)
        length = stretches.length_m[edge]
        metres: Floats = length * np.choose(way, [1.0 - at, at, np.abs(self.target.fraction[0] - at)])
        off = np.flatnonzero(way != STRAIGHT)
        metres[off] += self.metres_at(np.where(way == BY_END, stretches.end[edge], stretches.start[edge])[off])
        return metres

    def _exit(self, edge: int, way: int) -> int:
        return int(self.of.stretches.end[edge] if way == BY_END else self.of.stretches.start[edge])

    def _entered(self, node: int) -> float:
        """The fraction at which the target's stretch is entered from the last node before it."""
        goal, of = int(self.target.edge[0]), self.of
        starts, ends = of.stretches.start[goal] == node, of.stretches.end[goal] == node
        by_start, by_end = of.last_of(self.target)[0]
        return 0.0 if starts and (not ends or by_start <= by_end) else 1.0

    def last_metres(self, node: int) -> float:
        """Metres from the last node before the target to the target."""
        share = abs(float(self.target.fraction[0]) - self._entered(node))
        return float(self.of.stretches.length_m[int(self.target.edge[0])]) * share


@dataclass(frozen=True, slots=True)
class Field(Found):
    """Cost from every node to one target, and the next node on the way there.

    `after` is the number of nodes where the target itself comes next.
    """

    cost: Floats
    after: Small

    def cost_at(self, nodes: Ints) -> Floats:
        return self.cost[nodes]

    def metres_at(self, nodes: Ints) -> Floats:
        known: dict[int, float] = {}
        return np.array([self._metres_from(int(node), known) for node in nodes])

    def _metres_from(self, node: int, known: dict[int, float]) -> float:
        """Metres from a node to the target, remembering those of the nodes on the way."""
        length = self.of.stretches.length_m
        return along(
            node, self.after, len(self.cost), known,
            step=lambda node, after: float(length[self.of.edge[self._arc(after, node)]]), last=self.last_metres,
        )  # fmt: skip

    def trace(self, snaps: Snaps, i: int) -> list[tuple[int, float, float]]:
        """The way of snapped place `i` as (stretch, from fraction, to fraction) one after the other."""
        one = snaps.take(np.array([i]))
        way = int(np.argmin(self._ways(one)[:, 0]))
        edge, at = int(one.edge[0]), float(one.fraction[0])
        if way == STRAIGHT:
            return [(edge, at, float(self.target.fraction[0]))]
        passed = [(edge, at, 1.0 if way == BY_END else 0.0)]
        node = self._exit(edge, way)
        while (after := int(self.after[node])) != len(self.cost):
            arc = self._arc(after, node)
            passed.append((int(self.of.edge[arc]), *((0.0, 1.0) if self.of.ahead[arc] else (1.0, 0.0))))
            node = after
        passed.append((int(self.target.edge[0]), self._entered(node), float(self.target.fraction[0])))
        return passed

    def _arc(self, to: int, left: int) -> int:
        """Number of the arc between two nodes."""
        for arc in range(int(self.of.first[to]), int(self.of.first[to + 1])):
            if self.of.left[arc] == left:
                return arc
        raise LookupError("no arc between these nodes")


def _shares(cost: Floats, fraction: Floats) -> Floats:
    """`cost * fraction`, where a forbidden direction stays forbidden even over no distance."""
    shares: Floats = cost * np.maximum(fraction, NEARLY_NOTHING)  # infinity times zero would be no number
    return shares


def along(
    start: int,
    after: Small,
    home: int,
    known: dict[int, float],
    *,
    step: Callable[[int, int], float],
    last: Callable[[int], float],
) -> float:
    """Metres on the way from a place of a search to its target.

    Args:
        after: of each place the next one on its way; `home` where that is the target itself.
        known: metres that were found before; those of all places on this way are added.
        step, last: metres from a place to the next, and from the last one to the target.
    """
    chain = list[tuple[int, float]]()
    while start not in known:
        then = int(after[start])
        if then == home:
            known[start] = last(start)
            break
        chain.append((start, step(start, then)))
        start = then
    metres = known[start]
    for place, length in reversed(chain):
        metres += length
        known[place] = metres
    return metres
