"""The search over cells: costs to the gates of each cell are known beforehand, so that a question only looks at gates.

Source: D. Delling, A. Goldberg, T. Pajor, R. Werneck: Customizable Route Planning (SEA 2011), one level of it. What is
known beforehand belongs to one cell alone, so a closure makes anew only the cells that it lies in.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.roads.cells import Cells
from gis.roads.costs import NOWHERE, Costs, Found
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
        blank: a graph without arcs of as many rows as a search needs at most.
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
    blank: csr_array = field(repr=False)

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
        rows = len(cells.gates) + int(np.diff(cells.first).max()) + 1
        return cls(
            costs,
            cells,
            inside,
            inside.by_gates(cells),
            to_gate,
            to_gate_m,
            needed,
            *_gate_graph(costs, cells, to_gate, to_gate_m, needed),
            csr_array((rows, rows)),
        )

    def to_gates(self, snaps: Snaps) -> tuple[Ints, Floats]:
        """By which gates one leaves the cell of each place on a road, and what that costs: (k, w) numbers and costs.

        Says nothing of ways that do not leave the cell, nor of those along the stretch itself.
        """
        stretches, cells = self.costs.stretches, self.cells
        by_end, by_start = self.costs.off(snaps)
        end, start = stretches.end[snaps.edge], stretches.start[snaps.edge]
        gates = cells.gates_of[cells.number[end]]
        cost = self.to_gate[end] + by_end[:, None]
        other = self.to_gate[start] + by_start[:, None]
        across = np.flatnonzero(cells.number[end] != cells.number[start])
        cost = np.minimum(cost, other)
        # A stretch between two cells ends at a gate on either side.
        gates[across, :2] = cells.names[np.stack([end[across], start[across]], axis=1)]
        cost[across] = np.inf
        cost[across, :2] = np.stack([by_end[across], by_start[across]], axis=1)
        return gates, cost

    def search_to(self, target: Snaps) -> "GateSearch":
        """Get ready to search from a place on a road: among gates, and the members of its cell.

        A stretch between two cells ends at two gates, so that no members are needed there.
        """
        cells, count = self.cells, len(self.cells.gates)
        last, ends = self.costs.last_of(target)
        one, other = cells.number[ends].tolist()
        home = one if one == other else NOWHERE
        begin, end = cells.first[home : home + 2].tolist() if home != NOWHERE else (0, 0)
        arcs, rows = self.doors.arcs(begin, end)
        cost = np.concatenate([self.cost, self.doors.cost[arcs], last])
        left = np.concatenate([self.left, self.doors.left[arcs], cells.names[ends]])
        first = np.full(self.blank.shape[0] + 1, len(cost) - len(last), np.int32)
        first[: count + 1] = self.first
        first[count + 1 : count + 1 + end - begin] = rows[1:] + self.first[-1]
        first[-1] = len(cost)
        # The arrays are as they should be: to have them looked through again would take longer than the search.
        graph = copy(self.blank)
        graph.data, graph.indices, graph.indptr = cost, left, first
        return GateSearch(self, target, home, graph)


@dataclass(frozen=True, slots=True)
class GateSearch:
    """A search from one target over the gates, to be repeated with other limits.

    Attributes:
        home: the target's cell, -1 where it lies between two.
        graph: rows are all gates, the members of the target's cell, room for more, and last the target itself.
    """

    overlay: Overlay
    target: Snaps
    home: int
    graph: csr_array

    def within(self, limit: float) -> "GateField":
        """Search as far as a limit."""
        itself = self.graph.shape[0] - 1
        cost, before = dijkstra(self.graph, indices=np.array([itself]), limit=limit, return_predecessors=True)
        return GateField(self.overlay.costs, self.target, self.overlay, self.home, cost[0], before[0])


@dataclass(frozen=True, slots=True)
class GateField(Found):
    """Cost from every gate to one target; from other nodes on demand. What costs more than the limit may be too high.

    Attributes:
        home: as in `GateSearch`.
        cost, after: of each row there the cost, and the next row on its way.
    """

    overlay: Overlay
    home: int
    cost: Floats
    after: Small
    _known: dict[int, float] = field(default_factory=dict, repr=False)

    def cost_at(self, nodes: Ints) -> Floats:
        cells = self.overlay.cells
        cell = cells.number[nodes]
        cost: Floats = (self.overlay.to_gate[nodes] + self.cost[cells.gates_of[cell]]).min(axis=1)
        near = np.flatnonzero(cell == self.home)
        cost[near] = np.minimum(cost[near], self.cost[cells.names[nodes[near]]])
        return cost

    def metres_at(self, nodes: Ints) -> Floats:
        steps = [(node, self._row_of(node)) for node in nodes.tolist()]
        return np.array([self._to_gate(node, row) + self._metres_from(row) for node, row in steps])

    def _row_of(self, node: int) -> int:
        """By which row the way of a node leads: a gate of its cell, or its own."""
        cells = self.overlay.cells
        cell, own = int(cells.number[node]), int(cells.names[node])
        gates = cells.gates_of[cell]
        by_gate = self.overlay.to_gate[node] + self.cost[gates]
        slot = int(np.argmin(by_gate))
        return own if cell == self.home and self.cost[own] < by_gate[slot] else int(gates[slot])

    def _to_gate(self, node: int, row: int) -> float:
        """Metres from a node to a gate of its cell; none to its own row."""
        cells = self.overlay.cells
        if row >= len(cells.gates):
            return 0.0
        return float(self.overlay.to_gate_m[node, row - cells.gate_first[cells.number[node]]])

    def _metres_from(self, row: int) -> float:
        """Metres from a row to the target, remembering those of the rows on the way."""
        known, chain, itself = self._known, [], len(self.cost) - 1
        while row not in known:
            after = int(self.after[row])
            if after == itself:
                known[row] = self.last_metres(self._node(row))
                break
            chain.append((row, self._step(row, after)))
            row = after
        metres = known[row]
        for one, step in reversed(chain):
            metres += step
            known[one] = metres
        return metres

    def _step(self, row: int, after: int) -> float:
        """Metres from one row to the next."""
        doors, cells = self.overlay.doors, self.overlay.cells
        inside = after - len(cells.gates)
        if inside < 0:
            step = self.overlay.metres.get(after * len(cells.gates) + row)
            return self._to_gate(self._node(row), after) if step is None else step
        member = int(cells.first[self.home]) + inside
        arcs = range(int(doors.first[member]), int(doors.first[member + 1]))
        return float(doors.metres[next(arc for arc in arcs if doors.left[arc] == row)])

    def _node(self, row: int) -> int:
        cells = self.overlay.cells
        inside = row - len(cells.gates)
        return int(cells.gates[row] if inside < 0 else cells.members[cells.first[self.home] + inside])


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
