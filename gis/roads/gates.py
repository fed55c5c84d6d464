"""The search among the gates of the cells, for all ways of travelling at once."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.roads.costs import NOWHERE, Found, along
from gis.roads.overlay import Overlay
from gis.roads.snapping import Snaps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Small = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Gates:
    """The gate graphs of several overlays of the same cells, one after the other in one graph.

    Attributes:
        rows: of each overlay: all gates, room for the members of one cell, and last the target.
        left: of each overlay the nodes that its arcs leave, as rows of the joint graph.
        arcs: (rows of all,) how many arcs come to each gate, none to the other rows.
        blank: a graph of all rows without arcs.
    """

    overlays: tuple[Overlay, ...]
    rows: int
    left: tuple[Small, ...]
    arcs: Small
    blank: csr_array = field(repr=False)

    @classmethod
    def of(cls, overlays: Sequence[Overlay]) -> "Gates":
        cells = overlays[0].cells
        rows = len(cells.gates) + int(np.diff(cells.first).max()) + 1
        arcs = np.zeros((len(overlays), rows), np.int32)
        for number, one in enumerate(overlays):
            arcs[number, : len(cells.gates)] = np.diff(one.first)
        left = tuple(one.left + np.int32(number * rows) for number, one in enumerate(overlays))
        return cls(tuple(overlays), rows, left, arcs.reshape(-1), csr_array((arcs.size, arcs.size)))

    def search_to(self, targets: Snaps) -> "GateSearch":
        """Get ready to search from one place on a road for each overlay: among gates, and the members of its cell.

        A stretch between two cells ends at two gates, so that no members are needed there.
        """
        cells, arcs = self.overlays[0].cells, self.arcs.copy()
        cost, left, homes = list[Floats](), list[Small](), list[int]()
        for number, one in enumerate(self.overlays):
            last, ends = one.costs.last_of(targets.take(np.array([number])))
            cell, other = cells.number[ends].tolist()
            home = cell if cell == other else NOWHERE
            begin, end = cells.first[home : home + 2].tolist() if home != NOWHERE else (0, 0)
            doors, begins = one.doors.arcs(begin, end)
            row = np.int32(number * self.rows)
            cost += [one.cost, one.doors.cost[doors], last]
            left += [self.left[number], one.doors.left[doors] + row, cells.names[ends] + row]
            members = int(row) + len(cells.gates)
            arcs[members : members + end - begin] = np.diff(begins)
            arcs[row + self.rows - 1] = len(last)
            homes.append(home)
        # The arrays are as they should be: to have them looked through again would take longer than the search.
        graph = copy(self.blank)
        graph.data, graph.indices = np.concatenate(cost), np.concatenate(left)
        graph.indptr = np.concatenate([[0], np.cumsum(arcs)]).astype(np.int32)
        return GateSearch(self, targets, homes, graph)


@dataclass(frozen=True, slots=True)
class GateSearch:
    """A search from one target of each overlay, to be repeated with other limits.

    Attributes:
        homes: of each overlay the target's cell, -1 where it lies between two.
    """

    gates: Gates
    targets: Snaps
    homes: Sequence[int]
    graph: csr_array

    def within(self, limit: float) -> "list[GateField]":
        """Search as far as a limit: what was found for each overlay."""
        overlays, rows = self.gates.overlays, self.gates.rows
        starts = np.arange(1, len(overlays) + 1) * rows - 1
        cost, before, _ = dijkstra(self.graph, indices=starts, limit=limit, return_predecessors=True, min_only=True)
        return [
            GateField(
                one.costs,
                self.targets.take(np.array([number])),
                one,
                self.homes[number],
                cost[number * rows : (number + 1) * rows],
                before[number * rows : (number + 1) * rows] - number * rows,
            )
            for number, one in enumerate(overlays)
        ]


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
        return np.array([self._to_gate(node, row) + self.metres_from(row) for node, row in steps])

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

    def metres_from(self, row: int) -> float:
        """Metres from a row to the target, remembering those of the rows on the way."""
        return along(
            row, self.after, len(self.cost) - 1, self._known, step=self._step,
            last=lambda row: self.last_metres(self._node(row)),
        )  # fmt: skip

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
