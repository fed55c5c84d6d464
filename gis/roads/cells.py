"""A road network parted into cells of some hundred junctions, with as few roads between the cells as may be."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gis.roads.stretches import Stretches

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CELL_NODES = 160
# A cut may lie this far from the middle, as a share of the nodes, if it cuts fewer roads there.
OFF_MIDDLE = 0.15
DIRECTIONS = np.array([(1.0, 0.0), (0.0, 1.0), (0.7, 0.7), (0.7, -0.7)])


@dataclass(frozen=True, slots=True)
class Cells:
    """Which node lies in which cell. A *gate* is a node from which a stretch leads into another cell.

    Attributes:
        number: (n,) cell of each node.
        members: (n,) nodes, cell by cell; those of cell c are `members[first[c]:first[c + 1]]`.
        first: (c + 1,)
        place: (n,) which of its cell's members a node is.
        gates: (g,) nodes, cell by cell; those of cell c are `gates[gate_first[c]:gate_first[c + 1]]`.
        gate_first: (c + 1,)
        slot: (n,) which of its cell's gates a node is, -1 for those that are none.
        gates_of: (c, w) numbers of gates of each cell, filled up with 0.
        names: (n,) the number of a gate, or the number of gates and the place in its cell: unique in a cell.
    """

    number: Ints
    members: Ints
    first: Ints
    place: Ints
    gates: Ints
    gate_first: Ints
    slot: Ints
    gates_of: Ints
    names: NDArray[np.int32]

    @classmethod
    def of(cls, stretches: Stretches, cell_nodes: int) -> "Cells":
        """Part a network; 0.2 s for 30,000 nodes."""
        size = len(stretches.node_lonlat)
        number = np.zeros(size, np.int64)
        for cell, nodes in enumerate(_parted(stretches, cell_nodes)):
            number[nodes] = cell
        members, first = _grouped(number)
        place = np.empty(size, np.int64)
        place[members] = np.arange(size) - first[number[members]]
        between = number[stretches.start] != number[stretches.end]
        gates = np.unique(np.concatenate([stretches.start[between], stretches.end[between]]))
        order, gate_first = _grouped(number[gates], len(first) - 1)
        gates = gates[order]
        slot = np.full(size, -1)
        slot[gates] = np.arange(len(gates)) - gate_first[number[gates]]
        gates_of = np.zeros((len(first) - 1, int(np.diff(gate_first).max(initial=2))), np.int64)
        gates_of[number[gates], slot[gates]] = np.arange(len(gates))
        names = np.where(slot < 0, len(gates) + place, gate_first[number] + slot).astype(np.int32)
        return cls(number, members, first, place, gates, gate_first, slot, gates_of, names)

    def __len__(self) -> int:
        return len(self.first) - 1


class Parted:
    """The cells of a network, found when they are first asked for: the graphs of all profiles share them."""

    def __init__(self, stretches: Stretches) -> None:
        self._stretches = stretches

    @cached_property
    def cells(self) -> Cells:
        return Cells.of(self._stretches, CELL_NODES)


def _grouped(number: Ints, groups: int | None = None) -> tuple[Ints, Ints]:
    """An order in which equal numbers stand together, and where each number begins."""
    count = np.bincount(number, minlength=groups or 0)
    return np.argsort(number, kind="stable"), np.concatenate([[0], np.cumsum(count)])


def _parted(stretches: Stretches, most: int) -> Iterator[Ints]:
    """Nodes in halves and halves of halves, until none is larger than `most`."""
    lonlat = stretches.node_lonlat
    flat = lonlat * (np.cos(np.radians(lonlat[:, 1].mean())), 1.0)
    waiting = [(np.arange(len(lonlat)), stretches.start, stretches.end)]
    while waiting:
        nodes, start, end = waiting.pop()
        if len(nodes) <= most:
            yield nodes
            continue
        rank, at = min((_cut(flat[nodes] @ way, start, end) for way in DIRECTIONS), key=lambda cut: cut[2])[:2]
        low = rank < at
        fresh = np.where(low, np.cumsum(low), np.cumsum(~low)) - 1
        for side in (low, ~low):
            inner = side[start] & side[end]
            waiting.append((nodes[side], fresh[start[inner]], fresh[end[inner]]))


def _cut(along: Floats, start: Ints, end: Ints) -> tuple[Ints, int, int]:
    """Where to cut across one direction: the rank of each node, how many lie before the cut, how many roads it cuts."""
    count = len(along)
    rank = np.empty(count, np.int64)
    rank[np.argsort(along, kind="stable")] = np.arange(count)
    low, high = np.minimum(rank[start], rank[end]), np.maximum(rank[start], rank[end])
    crossing = np.cumsum(np.bincount(low + 1, minlength=count + 1) - np.bincount(high + 1, minlength=count + 1))
    begin = max(1, int(count * (0.5 - OFF_MIDDLE)))
    finish = max(begin + 1, int(count * (0.5 + OFF_MIDDLE)))
    at = begin + int(np.argmin(crossing[begin:finish]))
    return rank, at, int(crossing[at])
