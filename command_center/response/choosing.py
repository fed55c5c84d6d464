"""Choose among all forces for one place: one search over the roads, then the ranking. Pure: no database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from command_center.response.candidates import (
    MOST_ADVANTAGE_S,
    MOST_NOT_OFFERED,
    Force,
    Lonlat,
    NotOffered,
    Ranking,
    nearest_first,
    objections,
    rank,
)
from command_center.response.candidates import Travel as Way
from gis.roads import NoWay, Travel

WITHIN_S = 7200.0
FIRST_LOOK = 24


@dataclass(frozen=True, slots=True)
class Need:
    """Where somebody is needed, and for what: a category of five digits, the area of the case."""

    lonlat: Lonlat
    category: str
    area: str


class Chooser:
    """Ranks forces by the roads they travel; holds no state of its own.

    Args:
        profile_of: how a person travels, by person id: one of `travel.graphs`.
    """

    def __init__(self, travel: Travel, profile_of: Callable[[str], str]) -> None:
        self._travel = travel
        self._profile_of = profile_of

    def ranking(self, forces: Sequence[Force], need: Need, *, now: datetime, limit: int) -> Ranking:
        """The best for a need, at least `limit` if there are so many, and the nearest of those not to offer.

        The search over the roads goes only as far as it must so that nobody further away can be among the best.
        """
        fit, others = list[Force](), list[Force]()
        for force in forces:
            (others if objections(force, need.category, now) else fit).append(force)
        best = self._best(fit, need, now, limit)
        rest = self._not_offered(others, need, now)
        return Ranking(best.offered, nearest_first((*best.not_offered, *rest)))

    def travels(self, forces: Sequence[Force], place: Lonlat, count: int) -> dict[str, Way]:
        """One search from the place for everybody whose position is known; the ways of the `count` nearest."""
        known = [(force.person_id, force.lonlat) for force in forces if force.lonlat is not None]
        if not known:
            return {}
        reached = self._travel.nearest(
            place,
            np.array([lonlat for _, lonlat in known]),
            [self._profile_of(person_id) for person_id, _ in known],
            k=min(count, len(known)),
            within_s=WITHIN_S,
        )
        return {known[reach.index][0]: Way(reach.seconds, reach.metres) for reach in reached}

    def route(self, force: Force, place: Lonlat) -> list[Lonlat]:
        """The way of one person to the place, for the map; empty where there is none."""
        if force.lonlat is None:
            return []
        try:
            route = self._travel.route(self._profile_of(force.person_id), force.lonlat, place)
        except NoWay:
            return []
        return [(lon, lat) for lon, lat in route.line_lonlat.round(6).tolist()]

    def _best(self, fit: Sequence[Force], need: Need, now: datetime, limit: int) -> Ranking:
        """Rank more and more of the nearest until those left out cannot catch up."""
        count = max(FIRST_LOOK, 2 * limit)
        while True:
            travels = self.travels(fit, need.lonlat, count)
            seen = fit if count >= len(fit) else [force for force in fit if force.person_id in travels]
            ranking = rank(seen, travels, category=need.category, area=need.area, now=now)
            farthest_s = max((travel.seconds for travel in travels.values()), default=0.0)
            sure = [one for one in ranking.offered if one.cost_s <= farthest_s - MOST_ADVANTAGE_S]
            if count >= len(fit) or len(sure) >= limit:
                return ranking
            count *= 4

    def _not_offered(self, others: Sequence[Force], need: Need, now: datetime) -> tuple[NotOffered, ...]:
        travels = self.travels(others, need.lonlat, MOST_NOT_OFFERED)
        return rank(others, travels, category=need.category, area="", now=now).not_offered
