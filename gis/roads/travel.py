"""The roads for everybody at once: drivers, riders and walkers on one network, with what is closed now."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.metric import LocalFrame
from gis.roads.cells import Parted
from gis.roads.closures import Closure, ClosureFinder, Shut, ajar
from gis.roads.costs import Found
from gis.roads.gates import Gates
from gis.roads.graph import LEAST_PART, NoWay, Reach, RoadGraph, Route, first_of
from gis.roads.network import Network
from gis.roads.profiles import PROFILES
from gis.roads.snapping import Pieces, Snaps, snap_each
from gis.roads.stretches import Stretches

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Detour:
    """Why a way is longer than usual: the closures on the way one would have taken, and what they cost.

    `longer_s` and `longer_m` are infinite when there is no other way.
    """

    closures: tuple[Closure, ...]
    longer_s: float
    longer_m: float


@dataclass(frozen=True)
class Travel:
    """A road network with a graph for each profile; immutable, safe to share between threads.

    Attributes:
        graphs: by profile.
        shut: closures that hold now, as found on the network.
        usual: the same network with nothing closed; None when this is it.
    """

    stretches: Stretches
    graphs: Mapping[str, RoadGraph]
    shut: tuple[Shut, ...] = ()
    usual: "Travel | None" = None

    @classmethod
    def on(cls, network: Network, profiles: Sequence[str] = PROFILES) -> "Travel":
        """The roads of a network.

        Raises:
            BadRoads: one of the profiles may go nowhere.
        """
        return cls.with_speeds(
            network.stretches, {name: (network.there_mps[name], network.back_mps[name]) for name in profiles}
        )

    @classmethod
    def with_speeds(
        cls, stretches: Stretches, speeds_mps: Mapping[str, tuple[Floats, Floats]], *, least_part: int = LEAST_PART
    ) -> "Travel":
        """Stretches with the speeds there and back of each profile."""
        parted, pieces = Parted(stretches), Pieces.of(stretches)
        graphs = {
            name: RoadGraph.of(stretches, there, back, least_part=least_part, parted=parted, pieces=pieces)
            for name, (there, back) in speeds_mps.items()
        }
        return cls(stretches, MappingProxyType(graphs))

    @cached_property
    def _finder(self) -> ClosureFinder:
        return ClosureFinder(self.stretches, next(iter(self.graphs.values())).frame)

    def find(self, closure: Closure) -> Shut:
        """What a drawing closes here. Once for each drawing; it stays right as long as the network does.

        Raises:
            BadClosure: the drawing is no line and no polygon.
        """
        return (self.usual or self)._finder.find(closure)

    def but(self, shuts: Iterable[Shut], at_s: float) -> "Travel":
        """The same roads with those of the closures that hold at a time (seconds since 1970), and no others.

        Asked again for the same, it gives the same object, with all that was worked out for it.
        """
        usual = self.usual or self
        holding = tuple(shut for shut in shuts if any(shut.closure.holds(name, at_s) for name in self.graphs))
        if not holding:
            return usual
        whom = tuple(tuple(shut.closure.holds(name, at_s) for name in self.graphs) for shut in holding)
        for last, stopped in tuple(usual._last):
            if stopped == whom and all(map(operator.is_, last.shut, holding)):
                return last
        made = usual._closed(holding, at_s)
        usual._last[:] = [(made, whom)]
        return made

    def _closed(self, holding: tuple[Shut, ...], at_s: float) -> "Travel":
        graphs = {}
        for name, graph in self.graphs.items():
            mine = [shut for shut in holding if shut.closure.holds(name, at_s)]
            graphs[name] = graph.but(ajar(len(self.stretches), mine)) if mine else graph
        return replace(self, graphs=MappingProxyType(graphs), shut=holding, usual=self)

    def snap(self, lonlat: Floats, by: Ints) -> Snaps:
        """The nearest road of each place (n, 2), for the profile with this number in `graphs` (n,)."""
        rows = [np.flatnonzero(by == number) for number in range(len(self.graphs))]
        each = zip(self.graphs.values(), rows, strict=True)
        trees = [(graph.tree, graph.inwards.ajar, mine) for graph, mine in each if len(mine)]
        return snap_each(self.frame.to_xy(lonlat), trees)

    @property
    def frame(self) -> LocalFrame:
        """The flat frame in which distances to roads are measured."""
        return next(iter(self.graphs.values())).frame

    @cached_property
    def gates(self) -> Gates | None:
        """The gates of all profiles in one graph; None for a network that is one cell."""
        overlays = [graph.overlay for graph in self.graphs.values()]
        cut = [one for one in overlays if one is not None]
        return Gates.of(cut) if len(cut) == len(overlays) else None

    def search_to(self, goals: Snaps) -> Callable[[float], Sequence[Found]]:
        """Ready to say for each profile how soon everybody is at its place on a road, as far as a limit in seconds."""
        if self.gates is not None and (goals.edge >= 0).all():
            return self.gates.search_to(goals).within
        each = [graph.search_to(goals.take(np.array([i]))) for i, graph in enumerate(self.graphs.values())]
        return lambda limit_s: [search(limit_s) for search in each]

    @cached_property
    def _last(self) -> "list[tuple[Travel, tuple[tuple[bool, ...], ...]]]":
        """What `but` made last, and whom each of its closures stops; empty or one."""
        return []

    def make_ready(self) -> None:
        """Work out now what the first question would have to wait for: about a second for 30,000 nodes."""
        _ = self.gates

    def nearest(
        self,
        place_lonlat: ArrayLike,
        candidates_lonlat: ArrayLike,
        profiles: Sequence[str] | NDArray[np.str_],
        *,
        k: int = 5,
        within_s: float = 7200.0,
    ) -> list[Reach]:
        """The `k` candidates that reach the place first, soonest first, each as its profile (n,) travels."""
        lonlat, by = np.asarray(candidates_lonlat, dtype=np.float64).reshape(-1, 2), np.asarray(profiles)
        those = {name: np.flatnonzero(by == name) for name in self.graphs}
        crowds = [self.graphs[name].crowd(place_lonlat, lonlat, who) for name, who in those.items() if len(who)]
        return first_of(crowds, k, within_s)

    def route(self, profile: str, from_lonlat: ArrayLike, to_lonlat: ArrayLike) -> Route:
        """The fastest way of a profile.

        Raises:
            NoWay: there is none.
        """
        return self.graphs[profile].route(from_lonlat, to_lonlat)

    def detour(self, profile: str, from_lonlat: ArrayLike, to_lonlat: ArrayLike) -> Detour | None:
        """Which closures lie on the usual way, and how much longer the way is for them; None when none does."""
        if self.usual is None:
            return None
        try:
            usual = self.usual.route(profile, from_lonlat, to_lonlat)
        except NoWay:
            return None
        on_it = tuple(
            shut.closure for shut in self.shut if profile in shut.closure.profiles and shut.lies_on(usual.passed)
        )
        if not on_it:
            return None
        try:
            now = self.route(profile, from_lonlat, to_lonlat)
        except NoWay:
            return Detour(on_it, np.inf, np.inf)
        return Detour(on_it, now.seconds - usual.seconds, now.metres - usual.metres)
