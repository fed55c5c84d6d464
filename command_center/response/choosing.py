"""Choose among all forces for one place: one search over the roads, then the ranking. Pure: no database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest

import numpy as np
from numpy.typing import NDArray

from command_center.response.candidates import MOST_ADVANTAGE_S, MOST_NOT_OFFERED, Force, Lonlat, Ranking, rank
from command_center.response.candidates import Travel as Way
from command_center.response.roll import Roll
from gis.roads import NoWay, Standing, Travel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WITHIN_S = 7200.0
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

    def keep_up(self, ids: Sequence[str], lonlat: Floats) -> None:
        """Snap those who are new or have moved, a few at a time: a question asked meanwhile does not wait long."""
        for begin in range(0, len(ids), AT_ONCE):
            self._standing.stand(ids[begin : begin + AT_ONCE], lonlat[begin : begin + AT_ONCE])

    def ranking(self, roll: Roll, need: Need, *, now: datetime, limit: int) -> Ranking:
        """The best `limit` for a need, or as many as there are, and the nearest of those not to offer.

        The search over the roads goes only as far as it must so that nobody further away can be among them; what is
        said of somebody is put together for those who are named.
        """
        free, handicap_s = roll.unopposed(need.category, now), roll.handicap_s(need.category, need.area)
        look = self._standing.look(need.lonlat, roll.ids, roll.lonlat)
        known = np.isfinite(look.likely_s)
        best = min(limit, int((free & known).sum()))
        rest = min(MOST_NOT_OFFERED, int((known & ~free).sum()))

        def enough_s(seconds: Floats) -> float:
            """Who needs longer than this is not named."""
            by_cost = _smallest(np.where(free, seconds + handicap_s, np.inf), best) + MOST_ADVANTAGE_S
            return max(by_cost, _smallest(np.where(free, np.inf, seconds), rest))

        def sure(seconds: Floats, limit_s: float) -> bool:
            # Where few are not to be offered, those out of reach are named as well.
            return enough_s(seconds) <= limit_s and (
                rest == MOST_NOT_OFFERED or bool((seconds[known] <= limit_s).all())
            )

        times = look.until(enough_s(look.likely_s), WITHIN_S, sure)
        costs = np.where(free & (times.seconds <= WITHIN_S), times.seconds + handicap_s, np.inf)
        offered = _first(costs, best, roll.ids)
        others = times.first(MOST_NOT_OFFERED, ~free, WITHIN_S).tolist()
        far = _first_by_id(np.flatnonzero(~(times.seconds <= WITHIN_S)), MOST_NOT_OFFERED - len(others), roll.ids)
        ways = {roll.ids[one.index]: Way(one.seconds, one.metres) for one in times.reaches([*offered, *others])}
        those = [roll.forces[i] for i in (*offered, *others, *far)]
        return rank(those, ways, category=need.category, area=need.area, now=now)

    def travels(self, forces: Sequence[Force], place: Lonlat) -> dict[str, Way]:
        """The ways of everybody to a place, by person; who is missing cannot get there by road."""
        roll = Roll.of(forces)
        look = self._standing.look(place, roll.ids, roll.lonlat)
        known = np.isfinite(look.likely_s)
        far_s = float(look.likely_s[known].max(initial=0.0))
        times = look.until(far_s, WITHIN_S, lambda seconds, limit_s: bool((seconds[known] <= limit_s).all()))
        there = np.flatnonzero(times.seconds <= WITHIN_S).tolist()
        return {roll.ids[one.index]: Way(one.seconds, one.metres) for one in times.reaches(there)}

    def route(self, force: Force, place: Lonlat) -> list[Lonlat]:
        """The way of one person to the place, for the map; empty where there is none."""
        if force.lonlat is None:
            return []
        try:
            route = self._travel.route(self._profile_of(force.person_id), force.lonlat, place)
        except NoWay:
            return []
        return [(lon, lat) for lon, lat in route.line_lonlat.round(6).tolist()]


def _smallest(values: Floats, k: int) -> float:
    """The `k`th smallest; below all when none is wanted."""
    return float(np.partition(values, k - 1)[k - 1]) if k else -np.inf


def _first(costs: Floats, k: int, ids: Sequence[str]) -> list[int]:
    """Those with the `k` smallest costs that are finite; of equals whose id comes first."""
    near = np.flatnonzero((costs <= _smallest(costs, k)) & np.isfinite(costs)).tolist()
    return nsmallest(k, near, key=lambda i: (costs[i], ids[i]))


def _first_by_id(those: Ints, k: int, ids: Sequence[str]) -> list[int]:
    """As many as are shown besides those whose way is known."""
    return nsmallest(k, those.tolist(), key=ids.__getitem__) if k > 0 else []
