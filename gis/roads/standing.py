"""Where people stand on the roads: each is snapped when he comes or moves, not when somebody asks who is near."""

import threading
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.roads.graph import Arrivals, arrivals
from gis.roads.snapping import Snaps
from gis.roads.travel import Travel

Ints = NDArray[np.int64]
Lonlat = tuple[float, float]

NOWHERE = -1


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
        self._snaps = Snaps.nowhere(1, next(iter(self.travel.graphs.values())).frame)

    def on(self, travel: Travel) -> "Standing":
        """The same people on the same network with other closures; only those whom these concern are snapped anew."""
        made = Standing(travel, self._profile_of)
        with self._lock:
            made._row, made._lonlat, made._by = dict(self._row), list(self._lonlat), self._by.copy()
            made._snaps = self._snaps.take(np.arange(len(self._snaps)))
        touched = [
            np.flatnonzero((made._by == by) & _concerned(made._snaps, self.travel, travel, profile))
            for by, profile in enumerate(self._profiles)
        ]
        made._snap(np.concatenate(touched))
        return made

    def stand(self, ids: Sequence[str], lonlats: Sequence[Lonlat | None]) -> tuple[Snaps, Ints]:
        """Where people stand, snapping those who are new or have moved; and the number of the profile of each.

        Whose place is not known (None) has profile -1 and any stand.
        """
        with self._lock:
            rows = [self._row.get(id, 0) for id in ids]
            kept = self._lonlat
            moved = [i for i, row in enumerate(rows) if kept[row] != lonlats[i]]
            if moved:
                self._move(moved, rows, ids, lonlats)
            at = np.array(rows, np.int64)
            return self._snaps.take(at), self._by[at]

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
        snaps, by = self.stand(ids, lonlats)
        known = np.bincount(group[(group >= 0) & (by >= 0)], minlength=len(ks)).tolist()
        crowds = []
        for number, profile in enumerate(self._profiles):
            who = np.flatnonzero((by == number) & (group >= 0))
            if len(who):
                crowds.append(self.travel.graphs[profile].crowd(place_lonlat, snaps, who))
        return arrivals(crowds, group, [min(k, most) for k, most in zip(ks, known, strict=True)], within_s)

    def _snap(self, rows: Ints) -> None:
        for number, profile in enumerate(self._profiles):
            mine = rows[self._by[rows] == number]
            if len(mine):
                where = np.array([self._lonlat[row] for row in mine])
                self._snaps.put(mine, self.travel.graphs[profile].snap(where))


def _concerned(snaps: Snaps, one: Travel, two: Travel, profile: str) -> NDArray[np.bool_]:
    """(n,) who stands on a stretch that is closed in part now or was, or on none: others stand where they stood."""
    edge = snaps.edge
    closed = [travel.graphs[profile].inwards.ajar.anything()[edge] for travel in (one, two)]
    concerned: NDArray[np.bool_] = closed[0] | closed[1] | (edge < 0)
    return concerned
