"""Choose among all forces for one place: one search over the roads, then the ranking. Pure: no database."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest

import numpy as np
from numpy.typing import NDArray

from command_center.response.candidates import (
    MOST_ADVANTAGE_S,
    MOST_NOT_OFFERED,
    Force,
    Lonlat,
    Ranking,
    cost_s,
    rank,
    unopposed,
)
from command_center.response.candidates import Travel as Way
from gis.roads import Arrivals, NoWay, Standing, Travel

Ints = NDArray[np.int64]

WITHIN_S = 7200.0
FIRST_LOOK = 48
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Need:
    """Where somebody is needed, and for what: a category of five digits, the area of the case."""

    lonlat: Lonlat
    category: str
    area: str


class Chooser:
    """Ranks forces by the roads they travel; keeps where each stands on the roads until he moves.

    Args:
        travel: the roads as they are now.
        profile_of: how a person travels, by person id: one of `travel.graphs`.
    """

    def __init__(self, travel: Travel, profile_of: Callable[[str], str]) -> None:
        self._take(Standing(travel, profile_of), profile_of)

    def _take(self, standing: Standing, profile_of: Callable[[str], str]) -> None:
        self._standing, self._travel, self._profile_of = standing, standing.travel, profile_of

    def on(self, travel: Travel) -> "Chooser":
        """The same on other roads, as `travel.but` makes them: who stands where is taken along. Itself on its own."""
        if travel is self._travel:
            return self
        made = Chooser.__new__(Chooser)
        made._take(self._standing.on(travel), self._profile_of)
        return made

    def keep_up(self, ids: Sequence[str], lonlats: Sequence[Lonlat]) -> None:
        """Snap those who are new or have moved, a few at a time: a question asked meanwhile does not wait long."""
        for begin in range(0, len(ids), AT_ONCE):
            self._standing.stand(ids[begin : begin + AT_ONCE], lonlats[begin : begin + AT_ONCE])

    def ranking(self, forces: Sequence[Force], need: Need, *, now: datetime, limit: int) -> Ranking:
        """The best `limit` for a need, or as many as there are, and the nearest of those not to offer.

        The search over the roads goes only as far as it must so that nobody further away can be among the best; what
        is said of somebody is put together for those who are named.
        """
        free = unopposed(forces, need.category, now)
        group, count, fit = 1 - np.array(free, np.int64), max(FIRST_LOOK, 2 * limit), sum(free)
        while True:
            found = self._arrivals(forces, group, [count, MOST_NOT_OFFERED], need.lonlat)
            near = found.groups[0]
            costs = sorted(
                (cost_s(forces[i], seconds, need.category, need.area), forces[i].person_id, i) for i, seconds in near
            )
            sure_s = near[-1][1] - MOST_ADVANTAGE_S if near else 0.0
            if count >= fit or sum(cost <= sure_s for cost, _, _ in costs) >= limit:
                break
            count *= 4
        best, far = [i for _, _, i in costs[:limit]], [i for i, _ in found.groups[1]]
        out_of_reach = set(np.flatnonzero(group == 0).tolist()) - {i for i, _ in near} if count >= fit else set()
        opposed = set(np.flatnonzero(group == 1).tolist()) - set(far)
        unknown = _first_by_id(forces, opposed | out_of_reach, MOST_NOT_OFFERED - len(far))
        ways = self._ways(forces, found, [*best, *far])
        return rank([forces[i] for i in (*best, *far, *unknown)], ways, category=need.category, area=need.area, now=now)

    def travels(self, forces: Sequence[Force], place: Lonlat, count: int) -> dict[str, Way]:
        """One search from the place for everybody whose position is known; the ways of the `count` nearest."""
        found = self._arrivals(forces, np.zeros(len(forces), np.int64), [count], place)
        return self._ways(forces, found, [i for i, _ in found.groups[0]])

    def _arrivals(self, forces: Sequence[Force], group: Ints, counts: Sequence[int], place: Lonlat) -> Arrivals:
        ids, lonlats = [force.person_id for force in forces], [force.lonlat for force in forces]
        return self._standing.first_of_each(place, ids, lonlats, group, counts, within_s=WITHIN_S)

    @staticmethod
    def _ways(forces: Sequence[Force], found: Arrivals, those: Sequence[int]) -> dict[str, Way]:
        return {forces[one.index].person_id: Way(one.seconds, one.metres) for one in found.reaches(those)}

    def route(self, force: Force, place: Lonlat) -> list[Lonlat]:
        """The way of one person to the place, for the map; empty where there is none."""
        if force.lonlat is None:
            return []
        try:
            route = self._travel.route(self._profile_of(force.person_id), force.lonlat, place)
        except NoWay:
            return []
        return [(lon, lat) for lon, lat in route.line_lonlat.round(6).tolist()]


def _first_by_id(forces: Sequence[Force], those: Iterable[int], most: int) -> list[int]:
    """As many as are shown besides those whose way is known."""
    return nsmallest(most, those, key=lambda i: forces[i].person_id) if most > 0 else []
