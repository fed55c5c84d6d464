"""Travel times between all places of a plan, by pace; whole seconds, rounded up."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gis.planning.needs import Lonlat, Needs, Visit
from gis.roads import RoadGraph

Ints = NDArray[np.int64]

# Stands for "no way leads there": longer than any shift, short enough to be added up.
NEVER_S = 1_000_000


@dataclass(slots=True)
class Travel:
    """Seconds between places at every pace that the teams have.

    Attributes:
        places: lon/lat, each once.
        seconds: for each pace (None: drives at the speed of the roads) an (n, n) array, from row to column.
    """

    places: tuple[Lonlat, ...]
    seconds: dict[float | None, Ints]
    _number: dict[Lonlat, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._number = {place: number for number, place in enumerate(self.places)}

    def number(self, place: Lonlat) -> int:
        return self._number[place]

    def knows(self, place: Lonlat) -> bool:
        return place in self._number

    def between(self, start: Lonlat, end: Lonlat, speed_mps: float | None) -> int:
        """Seconds from one place to another."""
        return int(self.seconds[speed_mps][self._number[start], self._number[end]])


def travel_of(graph: RoadGraph, needs: Needs, visits: Iterable[Visit], extra: Iterable[Lonlat] = ()) -> Travel:
    """Ask the roads for all places of the teams and visits."""
    wanted = [team.base for team in needs.teams]
    for visit in visits:
        wanted += [visit.first, visit.last]
    places = tuple(dict.fromkeys([*wanted, *extra]))
    return travel_between(graph, places, {team.speed_mps for team in needs.teams})


def travel_between(graph: RoadGraph, places: tuple[Lonlat, ...], speeds_mps: Iterable[float | None]) -> Travel:
    """Ask the roads for all pairs of these places."""
    found: dict[float | None, Ints] = {}
    for speed in speeds_mps:
        times = graph.times_between(places, speed_mps=speed)
        found[speed] = np.where(np.isfinite(times), np.ceil(times), NEVER_S).astype(np.int64)
    return Travel(places, found)
