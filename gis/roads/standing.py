"""Where people stand on the roads: each is snapped when he comes or moves, not when somebody asks who is near."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.roads.costs import Found
from gis.roads.graph import (
    WINDING,
    Arrivals,
    Reach,
    RoadGraph,
    arrivals,
    first_limit_s,
    growing,
    sure_firsts,
)
from gis.roads.overlay import GateField
from gis.roads.snapping import Snaps
from gis.roads.travel import Travel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Lonlat = tuple[float, float]

NOWHERE, BETWEEN = -1, -2
# Searching further than is likely needed costs less than searching again.
LOOSE = 2.0


class Standing:
    """The last known place of each person, on the road by which the person travels; safe to share between threads.

    Args:
        travel: the roads as they are now.
        profile_of: how a person travels, by id, one of `travel.graphs`; asked when somebody comes.
    """

    def __init__(self, travel: Travel, profile_of: Callable[[str], str]) -> None:
        self.travel = travel
        self._profile_of = profile_of
        self._profiles = tuple(travel.graphs)
        self._lock = threading.Lock()
        # Row 0 is everybody's whose place is not known.
        self._row: dict[str, int] = {}
        self._lonlat: list[Lonlat | None] = [None]
        self._by = np.array([NOWHERE])
        graph = next(iter(self.travel.graphs.values()))
        self._snaps = Snaps.nowhere(1, graph.frame)
        width = graph.overlay.cells.gates_of.shape[1] if graph.overlay else 0
        self._gates, self._off = np.empty((0, width), np.int64), np.empty((0, width))
        self._cell = np.empty(0, np.int64)
        self._widen(1)

    def _widen(self, rows: int) -> None:
        """Make room for more people."""
        more = rows, self._gates.shape[1]
        self._gates = np.concatenate([self._gates, np.zeros(more, np.int64)])
        self._off = np.concatenate([self._off, np.full(more, np.inf)])
        self._cell = np.concatenate([self._cell, np.full(rows, BETWEEN)])

    def on(self, travel: Travel) -> "Standing":
        """The same people on the same network with other closures, all snapped anew."""
        made = Standing(travel, self._profile_of)
        with self._lock:
            made._row, made._lonlat, made._by = dict(self._row), list(self._lonlat), self._by.copy()
            made._snaps = Snaps.nowhere(len(self._by), self._snaps.frame)
        made._widen(len(made._by) - 1)
        made._snap(np.arange(1, len(made._by)))
        return made

    def stand(self, ids: Sequence[str], lonlats: Sequence[Lonlat | None]) -> "Stood":
        """Where people stand, snapping those who are new or have moved."""
        with self._lock:
            rows = [self._row.get(id, 0) for id in ids]
            kept = self._lonlat
            moved = [i for i, row in enumerate(rows) if kept[row] != lonlats[i]]
            if moved:
                self._move(moved, rows, ids, lonlats)
            at = np.array(rows, np.int64)
            gates = self._gates[at] if self._gates.shape[1] else None
            return Stood(self._snaps.take(at), self._by[at], gates, self._off[at], self._cell[at])

    def _move(
        self, moved: Sequence[int], rows: list[int], ids: Sequence[str], lonlats: Sequence[Lonlat | None]
    ) -> None:
        """Give those who moved their rows and snap them."""
        new: list[str] = []
        for i in moved:
            lonlat = lonlats[i]
            if lonlat is not None and not rows[i]:
                rows[i] = self._row.setdefault(ids[i], len(self._lonlat))
                if rows[i] == len(self._lonlat):
                    self._lonlat.append(None)
                    new.append(ids[i])
            if lonlat is None:
                rows[i] = 0
            else:
                self._lonlat[rows[i]] = lonlat
        if new:
            by = [self._profiles.index(self._profile_of(id)) for id in new]
            self._by = np.concatenate([self._by, np.array(by, np.int64)])
            self._snaps = self._snaps.and_then(Snaps.nowhere(len(new), self._snaps.frame))
            self._widen(len(new))
        self._snap(np.array(sorted({rows[i] for i in moved} - {0}), np.int64))

    def first_of_each(
        self,
        place_lonlat: ArrayLike,
        ids: Sequence[str],
        lonlats: Sequence[Lonlat | None],
        group: Ints,
        ks: Sequence[int],
        *,
        within_s: float,
    ) -> Arrivals:
        """Who of these people is first at a place: `ks[g]` of each group g, or all there are, found by one search."""
        stood = self.stand(ids, lonlats)
        known = np.bincount(group[(group >= 0) & (stood.by >= 0)], minlength=len(ks)).tolist()
        ks = [min(k, most) for k, most in zip(ks, known, strict=True)]
        graphs = tuple(self.travel.graphs.values())
        goals = self.travel.snap(
            np.tile(np.asarray(place_lonlat, np.float64), (len(graphs), 1)), np.arange(len(graphs))
        )
        if stood.gates is None or (goals.edge < 0).any():
            crowds = [graph.crowd(place_lonlat, stood.snaps, np.flatnonzero((stood.by == number) & (group >= 0)))
                      for number, graph in enumerate(graphs)]  # fmt: skip
            return arrivals(crowds, group, ks, within_s)
        return _Question(graphs, stood, goals).answer(group, ks, within_s)

    def _snap(self, rows: Ints) -> None:
        """Snap these rows anew, and note by which gates they leave their cells."""
        if len(rows) == 0:
            return
        by, snaps = self._by[rows], self._snaps
        snaps.put(rows, self.travel.snap(np.array([self._lonlat[row] for row in rows.tolist()]), by))
        for number, graph in enumerate(self.travel.graphs.values()):
            mine = rows[by == number]
            if graph.overlay is None or len(mine) == 0:
                continue
            cells = graph.overlay.cells
            gates, off = graph.overlay.to_gates(snaps.take(mine))
            self._gates[mine], self._off[mine] = gates + number * len(cells.gates), off
            ends = [
                cells.number[end[snaps.edge[mine]]] for end in (self.travel.stretches.start, self.travel.stretches.end)
            ]
            self._cell[mine] = np.where(ends[0] == ends[1], ends[0], BETWEEN)


@dataclass(frozen=True, slots=True)
class Stood:
    """People as they stand, row by row.

    Attributes:
        by: (n,) number of the profile, -1 for whose place is not known.
        gates, off: (n, w) by which gates they leave their cell and what that costs; gates of profile p have p times
            the number of gates added. None where the network is one cell.
        cell: (n,) cell of the stretch, -2 on one between two.
    """

    snaps: Snaps
    by: Ints
    gates: Ints | None
    off: Floats
    cell: Ints


@dataclass(frozen=True, slots=True)
class _Question:
    """Who is soon at one place, asked of all profiles at once."""

    graphs: Sequence[RoadGraph]
    stood: Stood
    goals: Snaps

    def answer(self, group: Ints, ks: Sequence[int], within_s: float) -> Arrivals:
        goals = [self.goals.take(np.array([number])) for number in range(len(self.graphs))]
        searches = [graph.search_to(goal) for graph, goal in zip(self.graphs, goals, strict=True)]
        everybody = np.arange(len(group))
        walk_m = self.stood.snaps.off_road_m + self.goals.off_road_m[self.stood.by]
        walk_s = walk_m / np.array([graph.walking_mps for graph in self.graphs])[self.stood.by]
        for limit_s in growing(LOOSE * first_limit_s(self._likely_s(), group, ks), within_s):
            found = [search(limit_s) for search in searches]
            seconds = np.where(self.stood.by >= 0, self._road_s(found) + walk_s, np.inf)
            firsts = sure_firsts(seconds, everybody, group, ks, limit_s, within_s)
            if firsts is not None:
                return Arrivals(firsts, partial(self._reaches, found, seconds, walk_m))
        raise AssertionError("the last limit is sure")

    def _likely_s(self) -> Floats:
        """(n,) a guess at their times from the distance."""
        straight_m = np.hypot(*(self.stood.snaps.xy - self.goals.xy[self.stood.by]).T)
        guess = straight_m * WINDING / np.array([graph.usual_mps for graph in self.graphs])[self.stood.by]
        return np.where(self.stood.by >= 0, guess, np.inf)

    def _road_s(self, found: Sequence[Found]) -> Floats:
        """(n,) seconds on the road."""
        fields = [one for one in found if isinstance(one, GateField)]
        to_goal = np.concatenate([one.cost[: len(one.overlay.cells.gates)] for one in fields])
        assert self.stood.gates is not None
        seconds: Floats = (self.stood.off + to_goal[self.stood.gates]).min(axis=1)
        for number, field in enumerate(fields):
            # Who stands in the goal's own cell or on its stretch need not pass a gate.
            near = (self.stood.cell == field.home) | (self.stood.snaps.edge == self.goals.edge[number])
            rows = np.flatnonzero(near & (self.stood.by == number))
            if len(rows):
                seconds[rows] = field.cost_of(self.stood.snaps.take(rows))
        return seconds

    def _reaches(self, found: Sequence[Found], seconds: Floats, walk_m: Floats, numbers: Sequence[int]) -> list[Reach]:
        """The ways of some."""
        rows = np.array(numbers, np.int64)
        metres = walk_m[rows]
        for number, field in enumerate(found):
            mine = np.flatnonzero(self.stood.by[rows] == number)
            if len(mine):
                metres[mine] += field.metres_of(self.stood.snaps.take(rows[mine]))
        return [Reach(*one) for one in zip(numbers, seconds[rows].tolist(), metres.tolist(), strict=True)]
