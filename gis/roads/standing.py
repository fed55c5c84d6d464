"""Where people stand on the roads: each is snapped when he comes or moves, not when somebody asks who is near."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.roads.costs import Found
from gis.roads.gates import GateField
from gis.roads.graph import FIRST_LIMIT_S, WINDING, Reach, growing
from gis.roads.snapping import Snaps
from gis.roads.stood import Stood
from gis.roads.travel import Travel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Searching further than is likely needed costs less than searching again.
LOOSE = 2.0
# People, and the row of each.
NOBODY: tuple[tuple[str, ...], Ints] = (), np.empty(0, np.int64)


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
        self._lonlat = np.full((1, 2), np.nan)
        self._at = Stood.nowhere(1, travel)
        # Whose rows were looked up last. Who asks again and again of the same people asks with the same tuple.
        self._asked = NOBODY

    def on(self, travel: Travel) -> "Standing":
        """The same people on the same network with other closures, all snapped anew."""
        made = Standing(travel, self._profile_of)
        with self._lock:
            made._row, made._lonlat = dict(self._row), self._lonlat.copy()
            made._at = Stood.nowhere(len(self._lonlat), travel)
            made._at.by[:] = self._at.by
        made._snap(np.arange(1, len(made._lonlat)), np.empty((0, 2)))
        return made

    def stand(self, ids: Sequence[str], lonlat: Floats) -> None:
        """Snap those who are new or have moved; (n, 2) where they are, nan where that is not known."""
        self._found(ids, lonlat, np.empty((0, 2)))

    def look(self, place_lonlat: ArrayLike, ids: Sequence[str], lonlat: Floats) -> "Look":
        """Get ready to say how soon each of these people is at a place; (n, 2) where they are, nan if not known."""
        stood, goals = self._found(ids, lonlat, np.asarray(place_lonlat, np.float64).reshape(1, 2))
        return Look(self.travel, stood, goals)

    def _found(self, ids: Sequence[str], lonlat: Floats, place_lonlat: Floats) -> tuple["Stood", Snaps]:
        """Where people stand, and the place on the road of each profile: all are looked for at once."""
        with self._lock:
            known = ~np.isnan(lonlat[:, 0])
            rows = self._rows_of(ids)
            if ((rows == 0) & known).any():
                rows = self._with_new(ids, rows, known)
            rows = np.where(known, rows, 0)
            moved = np.flatnonzero((self._lonlat[rows] != lonlat).any(axis=1) & known)
            self._lonlat[rows[moved]] = lonlat[moved]
            goals = self._snap(np.unique(rows[moved]), place_lonlat)
            return self._at.take(rows), goals

    def _rows_of(self, ids: Sequence[str]) -> Ints:
        """The row of each, 0 of those who are new."""
        if ids is self._asked[0]:
            return self._asked[1]
        rows = np.array([self._row.get(id, 0) for id in ids], np.int64)
        if isinstance(ids, tuple):
            self._asked = ids, rows
        return rows

    def _with_new(self, ids: Sequence[str], rows: Ints, known: NDArray[np.bool_]) -> Ints:
        """The same rows, with one more for each who is new."""
        new = list(dict.fromkeys(ids[i] for i in np.flatnonzero((rows == 0) & known).tolist()))
        self._row.update(zip(new, range(len(self._lonlat), len(self._lonlat) + len(new)), strict=True))
        self._lonlat = np.concatenate([self._lonlat, np.full((len(new), 2), np.nan)])
        more = Stood.nowhere(len(new), self.travel)
        more.by[:] = [self._profiles.index(self._profile_of(id)) for id in new]
        self._at = self._at.and_then(more)
        self._asked = NOBODY
        return self._rows_of(ids)

    def _snap(self, rows: Ints, place_lonlat: Floats) -> Snaps:
        """Snap these rows anew, and the place for each profile; note by which gates people leave their cells."""
        at, profiles = self._at, len(self._profiles)
        lonlat = np.concatenate([self._lonlat[rows], np.repeat(place_lonlat, profiles, axis=0)])
        by = np.concatenate([at.by[rows], np.tile(np.arange(profiles), len(place_lonlat))])
        if len(lonlat) == 0:
            return Snaps.none(at.snaps.frame)
        snaps = self.travel.snap(lonlat, by)
        at.put(rows, snaps.take(np.arange(len(rows))), self.travel)
        return snaps.take(np.arange(len(rows), len(lonlat)))


class Look:
    """How soon each of many is at one place: a search from the place, as far as it has to go.

    Args:
        stood: the people, row by row.
        goals: where the place is on the roads of each profile.
    """

    def __init__(self, travel: Travel, stood: Stood, goals: Snaps) -> None:
        self._stood, self._goals = stood, goals
        graphs = tuple(travel.graphs.values())
        self._search = travel.search_to(goals)
        known, by = stood.by >= 0, stood.by
        self._walk_m = stood.snaps.off_road_m + goals.off_road_m[by]
        walking, usual = np.array([(one.walking_mps, one.usual_mps) for one in graphs]).T
        self._walk_s = np.where(known, self._walk_m / walking[by], np.inf)
        straight_m = np.hypot(*(stood.snaps.xy - goals.xy[by]).T)
        #: (n,) a guess at their seconds from the distance; inf for those whose place is not known.
        self.likely_s: Floats = np.where(known, straight_m * WINDING / usual[by], np.inf)

    def until(self, first_s: float, last_s: float, sure: Callable[[Floats, float], bool]) -> "Times":
        """Search further and further, about to `first_s` at once.

        Args:
            sure: whether the seconds of all (n,) say enough, when those up to a limit are right and those above it too
                large or right.
        """
        for limit_s in growing(LOOSE * max(first_s, FIRST_LIMIT_S), last_s):
            times = self.within(limit_s)
            if limit_s >= last_s or sure(times.seconds, limit_s):
                return times
        raise AssertionError("the last limit is sure")

    def within(self, limit_s: float) -> "Times":
        """The times of all who need no longer than the limit; those of others may be too large."""
        stood, found = self._stood, self._search(limit_s)
        fields = [one for one in found if isinstance(one, GateField)]
        if fields:
            to_goal = np.concatenate([one.cost[: len(one.overlay.cells.gates)] for one in fields])
            road_s: Floats = (stood.off + to_goal[stood.gates]).min(axis=1)
            homes = np.array([one.home for one in fields])[stood.by]
            near = (stood.cell == homes) | (stood.snaps.edge == self._goals.edge[stood.by])
        else:
            road_s, near = np.full(len(stood.by), np.inf), np.ones(len(stood.by), bool)
        for number, one in enumerate(found):
            rows = np.flatnonzero(near & (stood.by == number))
            if len(rows):
                road_s[rows] = one.cost_of(stood.snaps.take(rows))
        return Times(stood, found, near, road_s + self._walk_s, self._walk_m)


@dataclass(frozen=True, slots=True)
class Times:
    """What a search found.

    Attributes:
        near: (n,) who need not pass a gate: all in the place's own cell or on its stretch, or where there are no gates.
        seconds: (n,) of each row, the walks off the road included.
        walk_m: (n,) metres of these walks.
    """

    stood: Stood
    found: Sequence[Found]
    near: NDArray[np.bool_]
    seconds: Floats
    walk_m: Floats

    def first(self, k: int, who: NDArray[np.bool_], within_s: float) -> Ints:
        """The first `k` of some (n,), soonest first, or all there are within the time."""
        rows = np.flatnonzero(who & (self.seconds <= within_s))
        return rows[np.lexsort((rows, self.seconds[rows]))[:k]]

    def reaches(self, rows: Sequence[int]) -> list[Reach]:
        """The ways of some who get there."""
        those = np.asarray(rows, np.int64)
        metres = self.walk_m[those]
        for number, found in enumerate(self.found):
            mine = self.stood.by[those] == number
            near = mine & (self.near[those] | (not isinstance(found, GateField)))
            if near.any():
                metres[near] += found.metres_of(self.stood.snaps.take(those[near]))
            if isinstance(found, GateField) and (mine & ~near).any():
                metres[mine & ~near] += self._by_gates(found, number, those[mine & ~near])
        return [Reach(row, float(self.seconds[row]), float(metre)) for row, metre in zip(rows, metres, strict=True)]

    def _by_gates(self, found: GateField, number: int, rows: Ints) -> Floats:
        """(n,) metres along roads of those who leave their cell, by the best gate of each."""
        gates = self.stood.gates[rows] - number * len(found.overlay.cells.gates)
        best = (self.stood.off[rows] + found.cost[gates]).argmin(axis=1)[:, None]
        onwards = [found.metres_from(gate) for gate in np.take_along_axis(gates, best, 1)[:, 0].tolist()]
        metres: Floats = np.take_along_axis(self.stood.off_m[rows], best, 1)[:, 0] + onwards
        return metres
