"""The search over cells: costs to the gates of each cell are known beforehand, so that a question only looks at gates.

Source: D. Delling, A. Goldberg, T. Pajor, R. Werneck: Customizable Route Planning (SEA 2011), one level of it. What is
known beforehand belongs to one cell alone, so a closure makes anew only the cells that it lies in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.roads.cells import Cells
from gis.roads.costs import Costs
from gis.roads.snapping import Snaps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Inside:
    """The arcs within cells, sorted by the member they come to: each cell's are a graph of its own.

    Attributes:
        first: (n + 1,) where those of each member begin, in the order of `Cells.members`.
        left: (arcs,) which member of the same cell is left; with `by_gates` a gate by its number g and others by g
            more than their place in the cell.
    """

    first: Ints
    left: Small
    cost: Floats
    metres: Floats

    @classmethod
    def of(cls, costs: Costs, cells: Cells) -> "Inside":
        come, left = np.divmod(costs.key, len(cells.number))
        inner = np.flatnonzero(cells.number[come] == cells.number[left])
        member = cells.first[cells.number[come[inner]]] + cells.place[come[inner]]
        order = np.argsort(member, kind="stable")
        arcs = inner[order]
        metres = costs.stretches.length_m[costs.edge[arcs]]
        return cls(
            _begins(member, len(cells.number)), cells.place[left[arcs]].astype(np.int32), costs.cost[arcs], metres
        )

    def by_gates(self, cells: Cells) -> "Inside":
        """Those that come to members that are no gates: what a search among gates has to be told of a cell."""
        owner = np.repeat(np.arange(len(cells.members)), np.diff(self.first))
        begin = cells.first[cells.number[cells.members[owner]]]
        kept = np.flatnonzero(cells.slot[cells.members[owner]] < 0)
        name = cells.names[cells.members[begin + self.left]]
        return Inside(_begins(owner[kept], len(cells.members)), name[kept], self.cost[kept], self.metres[kept])

    def arcs(self, begin: int, end: int) -> tuple[slice, Small]:
        """The arcs that come to members `begin` to `end`, and where each member's begin among them (k + 1,)."""
        first = self.first[begin : end + 1]
        return slice(int(first[0]), int(first[-1])), (first - first[0]).astype(np.int32)

    def graph(self, begin: int, end: int) -> csr_array:
        """The graph of the cell with members `begin` to `end`."""
        arcs, rows = self.arcs(begin, end)
        made: csr_array = csr_array((self.cost[arcs], self.left[arcs], rows), shape=(end - begin, end - begin))
        return made

    def lengths(self, begin: int, end: int) -> Floats:
        """(k, k) metres of the arc to one member (row) from another (column)."""
        table = np.zeros((end - begin, end - begin))
        arcs, rows = self.arcs(begin, end)
        table[np.repeat(np.arange(end - begin), np.diff(rows)), self.left[arcs]] = self.metres[arcs]
        return table


@dataclass(frozen=True, slots=True)
class Overlay:
    """The gates of all cells, joined by what it costs to cross a cell; immutable.

    Attributes:
        to_gate: (n, w) cost from each node to the gates of its cell without leaving it, inf where there is no way.
        to_gate_m: (n, w) metres of that way.
        needed: (g, w) whether this way between two gates is no chain of ways by other gates.
        inside, doors: the arcs within cells, and those that do not come to gates, as a search among gates names them.
        first, left, cost: the graph of gates, searched against the direction of travel.
        metres: of each arc of it, by the number of the gate come to times g plus that of the gate left.
    """

    costs: Costs
    cells: Cells
    inside: Inside
    doors: Inside
    to_gate: Floats
    to_gate_m: NDArray[np.float32]
    needed: Bools
    first: Small
    left: Small
    cost: Floats
    metres: dict[int, float] = field(repr=False)

    @classmethod
    def of(cls, costs: Costs, cells: Cells) -> "Overlay":
        """Make all cells ready: about 0.5 s for 30,000 nodes."""
        shape = (len(cells.number), cells.gates_of.shape[1])
        blank = np.full(shape, np.inf), np.zeros(shape, np.float32), np.zeros((len(cells.gates), shape[1]), bool)
        return cls._of(costs, cells, blank, range(len(cells)))

    def but(self, costs: Costs) -> "Overlay":
        """The same cells with other roads closed: only those are made anew in which anything differs."""
        was, is_ = self.costs.ajar.through(), costs.ajar.through()
        changed = np.flatnonzero(was != is_)
        start, end = (self.cells.number[one[changed]] for one in (costs.stretches.start, costs.stretches.end))
        stale = np.unique(start[start == end])
        copies = self.to_gate.copy(), self.to_gate_m.copy(), self.needed.copy()
        return self._of(costs, self.cells, copies, stale.tolist())

    @classmethod
    def _of(
        cls,
        costs: Costs,
        cells: Cells,
        tables: tuple[Floats, NDArray[np.float32], Bools],
        stale: Iterable[int],
    ) -> "Overlay":
        inside = Inside.of(costs, cells)
        for cell in stale:
            _make_cell(cells, inside, cell, *tables)
        to_gate, to_gate_m, needed = tables
        return cls(
            costs,
            cells,
            inside,
            inside.by_gates(cells),
            to_gate,
            to_gate_m,
            needed,
            *_gate_graph(costs, cells, to_gate, to_gate_m, needed),
        )

    def to_gates(self, snaps: Snaps) -> "Ways":
        """By which gates one leaves the cell of each place on a road, what that costs and how far it is.

        Says nothing of ways that do not leave the cell, nor of those along the stretch itself.
        """
        stretches, cells = self.costs.stretches, self.cells
        by_end, by_start = self.costs.off(snaps)
        end, start = stretches.end[snaps.edge], stretches.start[snaps.edge]
        length = stretches.length_m[snaps.edge]
        end_m, start_m = length * (1.0 - snaps.fraction), length * snaps.fraction
        gates, cost = cells.gates_of[cells.number[end]], self.to_gate[end] + by_end[:, None]
        other = self.to_gate[start] + by_start[:, None]
        metres = np.where(cost <= other, self.to_gate_m[end] + end_m[:, None], self.to_gate_m[start] + start_m[:, None])
        cost = np.minimum(cost, other)
        across = np.flatnonzero(cells.number[end] != cells.number[start])
        if len(across):
            # A stretch between two cells ends at a gate on either side.
            gates[across, :2] = cells.names[np.stack([end[across], start[across]], axis=1)]
            cost[across] = np.inf
            cost[across, :2] = np.stack([by_end[across], by_start[across]], axis=1)
            metres[across, :2] = np.stack([end_m[across], start_m[across]], axis=1)
        return Ways(gates, cost, metres)


@dataclass(frozen=True, slots=True)
class Ways:
    """By which gates (k, w) places are left, what that costs and how many metres it is; inf where there is no way."""

    gates: Ints
    cost: Floats
    metres: Floats


def _begins(number: Ints, count: int) -> Ints:
    """(count + 1,) where each number begins in the sorted list."""
    return np.concatenate([[0], np.cumsum(np.bincount(number, minlength=count))])


def _make_cell(
    cells: Cells, inside: Inside, cell: int, to_gate: Floats, to_gate_m: NDArray[np.float32], needed: Bools
) -> None:
    """Fill in one cell's rows of the tables."""
    begin, end = int(cells.first[cell]), int(cells.first[cell + 1])
    gates = slice(int(cells.gate_first[cell]), int(cells.gate_first[cell + 1]))
    members, at = cells.members[begin:end], cells.place[cells.gates[gates]]
    if len(at) == 0:
        return
    cost, after = dijkstra(inside.graph(begin, end), indices=at, return_predecessors=True)
    to_gate[members, : len(at)] = cost.T
    to_gate_m[members, : len(at)] = _metres(after, inside.lengths(begin, end)).T
    between = cost[:, at].T
    np.fill_diagonal(between, np.inf)
    detour = (between[:, :, None] + between[None, :, :]).min(axis=1)
    needed[gates] = False
    needed[gates, : len(at)] = np.isfinite(between) & (between < detour)


def _metres(after: Small, lengths: Floats) -> Floats:
    """(g, k) metres of the ways that `after` (g, k) describes, each step twice as far as the one before."""
    nodes = np.arange(after.shape[1])
    ended = after < 0
    step = np.where(ended, nodes, after)
    metres = np.where(ended, 0.0, lengths[step, nodes])
    while True:
        beyond = np.take_along_axis(step, step, axis=1)
        if np.array_equal(beyond, step):
            return metres
        metres = metres + np.take_along_axis(metres, step, axis=1)
        step = beyond


def _gate_graph(
    costs: Costs, cells: Cells, to_gate: Floats, to_gate_m: NDArray[np.float32], needed: Bools
) -> tuple[Small, Small, Floats, dict[int, float]]:
    """The graph of the gates: ways through cells, and the arcs from one cell to another."""
    count = len(cells.gates)
    leaving, slot = np.nonzero(needed)
    node = cells.gates[leaving]
    come, left = np.divmod(costs.key, len(cells.number))
    arcs = np.flatnonzero(cells.number[come] != cells.number[left])
    row = np.concatenate([cells.gates_of[cells.number[node], slot], cells.names[come[arcs]]])
    column = np.concatenate([leaving, cells.names[left[arcs]]])
    cost = np.concatenate([to_gate[node, slot], costs.cost[arcs]])
    metres = np.concatenate([to_gate_m[node, slot], costs.stretches.length_m[costs.edge[arcs]]])
    key = row * count + column
    order = np.argsort(key)
    named = dict(zip(key.tolist(), metres.tolist(), strict=True))
    return _begins(row, count).astype(np.int32), column[order].astype(np.int32), cost[order], named
