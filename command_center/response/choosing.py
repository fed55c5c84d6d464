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
        against = [objections(force, need.category, now) for force in forces]
        fit = [force for force, reasons in zip(forces, against, strict=True) if not reasons]
        others = [(force, reasons) for force, reasons in zip(forces, against, strict=True) if reasons]
        count = max(FIRST_LOOK, 2 * limit)
        near, far = self._travels((fit, count), ([force for force, _ in others], MOST_NOT_OFFERED), place=need.lonlat)
        best = self._best(fit, near, need, now, limit, count)
        rest = (NotOffered(force, reasons, far.get(force.person_id)) for force, reasons in others)
        return Ranking(best.offered, nearest_first((*best.not_offered, *rest)))

    def travels(self, forces: Sequence[Force], place: Lonlat, count: int) -> dict[str, Way]:
        """One search from the place for everybody whose position is known; the ways of the `count` nearest."""
        return self._travels((forces, count), place=place)[0]

    def _travels(self, *groups: tuple[Sequence[Force], int], place: Lonlat) -> list[dict[str, Way]]:
        """The same for several groups at once, each with its own count."""
        known = [
            (force.person_id, force.lonlat) for forces, _ in groups for force in forces if force.lonlat is not None
        ]
        sizes = [sum(force.lonlat is not None for force in forces) for forces, _ in groups]
        if not known:
            return [{} for _ in groups]
        reached = self._travel.nearest_of_each(
            place,
            np.array([lonlat for _, lonlat in known]),
            [self._profile_of(person_id) for person_id, _ in known],
            np.repeat(np.arange(len(groups)), sizes),
            [min(count, size) for (_, count), size in zip(groups, sizes, strict=True)],
            within_s=WITHIN_S,
        )
        return [{known[one.index][0]: Way(one.seconds, one.metres) for one in first} for first in reached]

    def route(self, force: Force, place: Lonlat) -> list[Lonlat]:
        """The way of one person to the place, for the map; empty where there is none."""
        if force.lonlat is None:
            return []
        try:
            route = self._travel.route(self._profile_of(force.person_id), force.lonlat, place)
        except NoWay:
            return []
        return [(lon, lat) for lon, lat in route.line_lonlat.round(6).tolist()]

    def _best(
        self, fit: Sequence[Force], travels: dict[str, Way], need: Need, now: datetime, limit: int, count: int
    ) -> Ranking:
        """Rank more and more of the nearest until those left out cannot catch up."""
        while True:
            seen = fit if count >= len(fit) else [force for force in fit if force.person_id in travels]
            ranking = rank(seen, travels, category=need.category, area=need.area, now=now)
            farthest_s = max((travel.seconds for travel in travels.values()), default=0.0)
            sure = [one for one in ranking.offered if one.cost_s <= farthest_s - MOST_ADVANTAGE_S]
            if count >= len(fit) or len(sure) >= limit:
                return ranking
            count *= 4
            travels = self.travels(fit, need.lonlat, count)
