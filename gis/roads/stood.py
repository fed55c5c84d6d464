"""How people stand on the roads, row by row, and by which gates each leaves the cell."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.roads.snapping import Snaps
from gis.roads.travel import Travel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOWHERE, BETWEEN = -1, -2


@dataclass(slots=True)
class Stood:
    """People as they stand.

    Attributes:
        by: (n,) number of the profile, -1 for whose place is not known.
        gates: (n, w) by which gates they leave their cell; those of profile p have p times the number of gates added.
            No columns where the network is one cell.
        off, off_m: (n, w) what it costs to get to each, and how many metres that is.
        cell: (n,) cell of the stretch, -2 on one between two.
    """

    snaps: Snaps
    by: Ints
    gates: Ints
    off: Floats
    off_m: Floats
    cell: Ints

    @classmethod
    def nowhere(cls, count: int, travel: Travel) -> "Stood":
        """Rows to be filled in."""
        joint = travel.gates
        shape = count, joint.overlays[0].cells.gates_of.shape[1] if joint else 0
        return cls(
            Snaps.nowhere(count, travel.frame),
            np.full(count, NOWHERE),
            np.zeros(shape, np.int64),
            np.full(shape, np.inf),
            np.zeros(shape),
            np.full(count, BETWEEN),
        )

    def take(self, rows: Ints) -> "Stood":
        """A copy of some of them, in this order."""
        return Stood(
            self.snaps.take(rows), self.by[rows], self.gates[rows], self.off[rows], self.off_m[rows], self.cell[rows]
        )

    def and_then(self, more: "Stood") -> "Stood":
        """These and others behind them."""
        return Stood(
            self.snaps.and_then(more.snaps),
            np.concatenate([self.by, more.by]),
            np.concatenate([self.gates, more.gates]),
            np.concatenate([self.off, more.off]),
            np.concatenate([self.off_m, more.off_m]),
            np.concatenate([self.cell, more.cell]),
        )

    def put(self, rows: Ints, snaps: Snaps, travel: Travel) -> None:
        """Some of them now stand elsewhere."""
        self.snaps.put(rows, snaps)
        if travel.gates is None:
            return
        for number, overlay in enumerate(travel.gates.overlays):
            those = np.flatnonzero(self.by[rows] == number)
            mine, cells = rows[those], overlay.cells
            if len(mine) == 0:
                continue
            ways = overlay.to_gates(snaps.take(those))
            self.gates[mine] = ways.gates + number * len(cells.gates)
            self.off[mine], self.off_m[mine] = ways.cost, ways.metres
            edge = snaps.edge[those]
            end, start = cells.number[travel.stretches.end[edge]], cells.number[travel.stretches.start[edge]]
            self.cell[mine] = np.where(end == start, end, BETWEEN)
