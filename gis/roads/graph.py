"""Travel times over a road network for one way of travelling: who is nearest to a place, and which way they go.

A place is snapped to the nearest point of a road, and the leg between place and road is walked. Knows no turn
restrictions.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components, dijkstra

from gis.metric import LocalFrame, distances_m
from gis.roads.cells import Parted
from gis.roads.costs import Costs, Field, Found
from gis.roads.gates import Gates
from gis.roads.overlay import Overlay
from gis.roads.snapping import Ajar, Pieces, Snaps, SnapTree
from gis.roads.stretches import BadRoads, Stretches

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WALKING_MPS = 1.4
FIRST_LIMIT_S = 60.0
# A part of the network with fewer nodes (a car park, a road cut off by the edge of the map) leads nowhere.
LEAST_PART = 50
# Distances in the flat frame and on the ellipsoid differ by less than this.
NEARLY = 0.99
Search = Callable[[float], Found]
# Ways are about this much longer than the straight line.
WINDING = 1.3


class NoWay(ValueError):
    """No road leads from the one place to the other."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How long one candidate takes to a place: its index in the caller's array, seconds, metres."""

    index: int
    seconds: float
    metres: float


@dataclass(frozen=True, slots=True)
class Route:
    """A way from one place to another.

    Attributes:
        line_lonlat: (n, 2), starts and ends at the places themselves.
        passed: the stretches gone along, each with the fractions at which it is entered and left.
    """

    seconds: float
    metres: float
    line_lonlat: Floats
    passed: tuple[tuple[int, float, float], ...]


class RoadGraph:
    """A road network with travel times; immutable once built, safe to share between threads.

    Args:
        node_lonlat: (n, 2) degrees WGS84.
        arc_from, arc_to: (m,) node indices; an arc is straight and one way, so a two-way road is two arcs.
        length_m, speed_mps: (m,) both > 0.
        road_class: (m,) free small integers of the caller.

    Raises:
        BadRoads: no nodes or arcs, arrays of different lengths, indices out of range, or a length or speed <= 0.
    """

    def __init__(
        self,
        node_lonlat: ArrayLike,
        arc_from: ArrayLike,
        arc_to: ArrayLike,
        length_m: ArrayLike,
        speed_mps: ArrayLike,
        road_class: ArrayLike,
        walking_mps: float = WALKING_MPS,
    ) -> None:
        arcs = _checked(node_lonlat, arc_from, arc_to, length_m, speed_mps, road_class)
        self._settle(*_stretches_of_arcs(*arcs), walking_mps)

    @classmethod
    def of(
        cls,
        stretches: Stretches,
        there_mps: Floats,
        back_mps: Floats,
        *,
        walking_mps: float = WALKING_MPS,
        least_part: int = LEAST_PART,
        parted: Parted | None = None,
        pieces: Pieces | None = None,
    ) -> "RoadGraph":
        """The graph of stretches with their bends.

        Args:
            there_mps, back_mps: (m,) speed along each stretch and against it, 0 where forbidden.
            least_part: places are not snapped to parts of the network with fewer nodes than this, unless no part has
                as many.
            parted, pieces: cells and straight pieces of the same stretches, to be shared with other graphs.

        Raises:
            BadRoads: nobody may go anywhere.
        """
        if not ((there_mps > 0) | (back_mps > 0)).any():
            raise BadRoads("no road that this profile may use")
        made = cls.__new__(cls)
        there_s, back_s = _seconds(stretches, there_mps), _seconds(stretches, back_mps)
        made._settle(stretches, there_s, back_s, walking_mps, least_part, parted, pieces)
        return made

    def _settle(
        self,
        stretches: Stretches,
        there_s: Floats,
        back_s: Floats,
        walking_mps: float,
        least_part: int = 0,
        parted: Parted | None = None,
        pieces: Pieces | None = None,
    ) -> None:
        self.stretches, self.walking_mps = stretches, walking_mps
        self._parted, self._open = parted or Parted(stretches), self
        self._by_time = Costs.build(stretches, there_s, back_s)
        there, back = np.isfinite(there_s), np.isfinite(back_s)
        quicker_s = np.minimum(there_s, back_s)
        self.fastest_mps = float((stretches.length_m / quicker_s).max())
        self.usual_mps = float(stretches.length_m[there | back].sum() / quicker_s[there | back].sum())
        usable = (there | back) & self._in_large_part(least_part)
        self._tree = SnapTree(pieces or Pieces.of(stretches), usable, there.astype(np.int64) - back.astype(np.int64))

    def _in_large_part(self, least: int) -> NDArray[np.bool_]:
        """(m,) whether a stretch leads from a part of the network with enough nodes to such a part."""
        part = self.components()
        size = np.bincount(part)
        large = size >= min(least, int(size.max()))
        within: NDArray[np.bool_] = large[part[self.stretches.start]] & large[part[self.stretches.end]]
        return within

    def but(self, ajar: Ajar) -> "RoadGraph":
        """The same network with stretches closed; shares all that does not change. 1 or 2 ms for 60,000 arcs."""
        made = RoadGraph.__new__(RoadGraph)
        made.stretches, made.walking_mps, made._tree = self.stretches, self.walking_mps, self._tree
        made.fastest_mps, made.usual_mps = self.fastest_mps, self.usual_mps
        made._parted, made._open = self._parted, self._open
        made._by_time = self._by_time.but(ajar)
        return made

    @cached_property
    def overlay(self) -> Overlay | None:
        """The gates of the cells; None for a network that is one cell."""
        cells = self._parted.cells
        if len(cells) == 1:
            return None
        usual = None if self._open is self else self._open.overlay
        return Overlay.of(self._by_time, cells) if usual is None else usual.but(self._by_time)

    @cached_property
    def _gates(self) -> Gates | None:
        return None if self.overlay is None else Gates.of([self.overlay])

    def search_to(self, target: Snaps) -> Search:
        """Ready to say how soon everybody is at a place on a road, as far as a limit in seconds."""
        if self._gates is None or target.edge[0] < 0:
            return partial(self._by_time.field_to, target)
        search = self._gates.search_to(target)
        return lambda limit_s: search.within(limit_s)[0]

    @cached_property
    def _by_length(self) -> Costs:
        """The same roads counted in metres, for those at a steady speed."""
        by, length = self._by_time, self.stretches.length_m
        there = np.where(np.isfinite(by.there), length, np.inf)
        return Costs.build(self.stretches, there, np.where(np.isfinite(by.back), length, np.inf)).but(by.ajar)

    @cached_property
    def outwards(self) -> Costs:
        """Searched from a place in the direction of travel: how soon one gets from there to everywhere."""
        by = self._by_time
        return Costs.build(self.stretches, by.back, by.there).but(by.ajar)

    @property
    def inwards(self) -> Costs:
        """Searched from a place against the direction of travel: how soon everybody gets there."""
        return self._by_time

    @property
    def node_lonlat(self) -> Floats:
        """(n, 2) the nodes."""
        return self.stretches.node_lonlat

    @property
    def frame(self) -> LocalFrame:
        """The flat frame in which distances to roads are measured."""
        return self._tree.pieces.frame

    @property
    def tree(self) -> SnapTree:
        """What finds the nearest roads."""
        return self._tree

    def components(self) -> Ints:
        """(n,) number of the connected part each node lies in (both ways reachable)."""
        return connected_components(self._by_time.graph(), directed=True, connection="strong")[1].astype(np.int64)

    def snap(self, lonlat: ArrayLike, heading_deg: ArrayLike | None = None) -> Snaps:
        """Find the nearest open road of each place; (n, 2) or (2,). Keep the answer when the places stay.

        Args:
            heading_deg: where each is going, clockwise from north, nan for those who stand: of two roads about as
                near the one that leads there is chosen.
        """
        places = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
        heading = None if heading_deg is None else np.asarray(heading_deg, dtype=np.float64).reshape(-1)
        return self._tree.snap(places, self._by_time.ajar, heading)

    def travel_times_to(self, place_lonlat: ArrayLike, limit_s: float = np.inf) -> Floats:
        """(n,) seconds from every node to the place, the walk off the road included; inf beyond `limit_s`."""
        field_to = self._by_time.field_to(self.snap(place_lonlat), limit_s)
        seconds: Floats = field_to.cost + field_to.target.off_road_m[0] / self.walking_mps
        return np.where(seconds <= limit_s, seconds, np.inf)

    def travel_times_to_node(self, node: int) -> Floats:
        """(n,) seconds from every node to one of them; inf where no road leads."""
        seconds: Floats = dijkstra(self._by_time.graph(), indices=np.array([node]))[0]
        return seconds

    def nearest(
        self,
        place_lonlat: ArrayLike,
        candidates: ArrayLike | Snaps,
        *,
        speeds_mps: ArrayLike | None = None,
        k: int = 5,
        within_s: float = 7200.0,
    ) -> list[Reach]:
        """The `k` candidates that reach the place first, soonest first.

        Args:
            candidates: (n, 2) lon/lat, or their `snap`.
            speeds_mps: (n,) steady speed of those who do not drive at the speed of the road (on foot, by scooter),
                who then take the shortest way; nan for drivers. None: all drive.
            within_s: candidates that need longer are left out.
        """
        if not isinstance(candidates, Snaps):
            candidates = np.asarray(candidates, dtype=np.float64).reshape(-1, 2)
        own = np.full(len(candidates), np.nan) if speeds_mps is None else np.asarray(speeds_mps, dtype=np.float64)
        drivers, movers = np.flatnonzero(np.isnan(own)), np.flatnonzero(~np.isnan(own))
        crowds = [self._crowd(self._by_time, place_lonlat, candidates, drivers, np.ones(len(drivers)))]
        if len(movers):
            crowds.append(self._crowd(self._by_length, place_lonlat, candidates, movers, own[movers]))
        return first_of(crowds, k, within_s)

    def times_between(self, places_lonlat: ArrayLike | Snaps, *, speed_mps: float | None = None) -> Floats:
        """(n, n) seconds from each place to each other, walks off the road included; inf where no road leads.

        Args:
            places_lonlat: (n, 2) lon/lat, or their `snap`.
            speed_mps: steady pace of somebody who takes the shortest way; None drives at the speed of the roads.
        """
        snaps = places_lonlat if isinstance(places_lonlat, Snaps) else self.snap(places_lonlat)
        costs = self._by_time if speed_mps is None else self._by_length
        times = np.empty((len(snaps), len(snaps)))
        for column in range(len(snaps)):
            target = snaps.take(np.array([column]))
            on_road_s = costs.field_to(target, np.inf).cost_of(snaps) / (speed_mps or 1.0)
            times[:, column] = on_road_s + (snaps.off_road_m + target.off_road_m[0]) / self.walking_mps
        np.fill_diagonal(times, 0.0)
        return times

    def crowd(self, place_lonlat: ArrayLike, candidates: Floats | Snaps, who: Ints) -> "Crowd":
        """Those of the candidates (numbers in `who`) who travel on this graph to a place."""
        return self._crowd(self._by_time, place_lonlat, candidates, who, np.ones(len(who)))

    def _crowd(
        self, costs: Costs, place: ArrayLike, candidates: ArrayLike | Snaps, who: Ints, speed: Floats
    ) -> "Crowd":
        target = self.snap(place)
        if isinstance(candidates, Snaps):
            snaps = candidates.take(who)
            straight_m = np.hypot(*(snaps.xy - target.xy).T) * NEARLY
            return Crowd(self, costs, target, snaps, straight_m, who, speed)
        lonlat = np.asarray(candidates, dtype=np.float64).reshape(-1, 2)[who]
        straight_m = distances_m(lonlat, np.asarray(place, dtype=np.float64)) * NEARLY
        return Crowd(self, costs, target, lonlat, straight_m, who, speed)

    def route(self, from_lonlat: ArrayLike, to_lonlat: ArrayLike, *, speed_mps: float | None = None) -> Route:
        """The fastest way for a driver, or the shortest way at a steady speed.

        Raises:
            NoWay: the two places lie on roads that do not meet.
        """
        start, target = self.snap(from_lonlat), self.snap(to_lonlat)
        costs = self._by_time if speed_mps is None else self._by_length
        field_to = self._field_for(costs, start, target, speed_mps)
        on_road = field_to.cost_of(start)[0]
        if not np.isfinite(on_road):
            raise NoWay("no road leads there")
        passed = field_to.trace(start, 0)
        off_m = float(start.off_road_m[0] + target.off_road_m[0])
        line = [np.asarray(from_lonlat, dtype=np.float64)[None]]
        line += [self.stretches.piece(*part) for part in passed]
        line.append(np.asarray(to_lonlat, dtype=np.float64)[None])
        seconds = float(on_road) / (speed_mps or 1.0) + off_m / self.walking_mps
        metres = (
            sum(abs(finish - begin) * float(self.stretches.length_m[edge]) for edge, begin, finish in passed) + off_m
        )
        return Route(seconds, metres, _without_repeats(np.concatenate(line)), tuple(passed))

    def _field_for(self, costs: Costs, start: Snaps, target: Snaps, speed_mps: float | None) -> Field:
        """Search only as far as the start, whose distance bounds the time from below."""
        limit_s = FIRST_LIMIT_S
        while True:
            field_to = costs.field_to(target, limit_s * (speed_mps or 1.0))
            if float(field_to.cost_of(start)[0]) <= limit_s * (speed_mps or 1.0):
                return field_to
            if limit_s == np.inf:
                return field_to
            limit_s = limit_s * 4.0 if limit_s < 4 * 3600.0 else np.inf


@dataclass(slots=True)
class Crowd:
    """Candidates who travel alike, on their way to one target. Who is too far away to matter is not looked at.

    Attributes:
        places: (n, 2) where they are, or their snaps.
        straight_m: (n,) no way to the target is shorter than this.
        who: (n,) their numbers in the caller's list.
        speed: (n,) what their costs are divided by to get seconds.
    """

    graph: RoadGraph
    costs: Costs
    target: Snaps
    places: Floats | Snaps
    straight_m: Floats
    who: Ints
    speed: Floats
    _near: Ints = field(init=False, repr=False)
    _snaps: Snaps = field(init=False, repr=False)
    _search: Search | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        self._near, self._snaps = np.empty(0, np.int64), Snaps.none(self.graph.frame)

    @property
    def _steady(self) -> bool:
        return self.costs is not self.graph.inwards

    def likely_s(self) -> Floats:
        """(n,) a guess at their times from the distance, to search far enough at once."""
        guess: Floats = self.straight_m * WINDING / (self.speed if self._steady else self.graph.usual_mps)
        return guess

    def within(self, limit_s: float) -> "_Times | None":
        """The times of all who can make it within a limit; some of them need longer all the same. None: nobody can."""
        self._look_further(limit_s)
        near, snaps = self._near, self._snaps
        if len(near) == 0:
            return None
        if self._search is None:
            self._search = (
                partial(self.costs.field_to, self.target) if self._steady else self.graph.search_to(self.target)
            )
        found = self._search(limit_s * float(self.speed.max()))
        walk_m = snaps.off_road_m + self.target.off_road_m[0]
        seconds = found.cost_of(snaps) / self.speed[near] + walk_m / self.graph.walking_mps
        return _Times(found, snaps, self.who[near], walk_m, seconds)

    def _look_further(self, limit_s: float) -> None:
        fastest = max(float(self.speed.max()) if self._steady else self.graph.fastest_mps, self.graph.walking_mps)
        near = np.flatnonzero(self.straight_m <= limit_s * fastest)
        if len(near) == len(self._near):
            return
        if isinstance(self.places, Snaps):
            self._near, self._snaps = near, self.places.take(near)
        else:
            new = np.setdiff1d(near, self._near, assume_unique=True)
            self._near = np.concatenate([self._near, new])
            self._snaps = self._snaps.and_then(self.graph.snap(self.places[new]))


@dataclass(frozen=True, slots=True)
class _Times:
    """What a search found for some of a crowd."""

    field: Found
    snaps: Snaps
    who: Ints
    walk_m: Floats
    seconds: Floats

    def reaches(self, rows: Ints) -> list[Reach]:
        metres = self.field.metres_of(self.snaps.take(rows)) + self.walk_m[rows]
        seconds = self.seconds[rows]
        return [Reach(int(w), float(s), float(m)) for w, s, m in zip(self.who[rows], seconds, metres, strict=True)]


def first_of(crowds: list[Crowd], k: int, within_s: float) -> list[Reach]:
    """The `k` of all crowds who are there first, soonest first.

    Searches from the place outwards until nobody outside the searched disc can be among them.
    """
    crowds = [crowd for crowd in crowds if len(crowd.who)]
    for limit_s in growing(_first_limit_s(crowds, k), within_s) if crowds else ():
        times = [one for one in (crowd.within(limit_s) for crowd in crowds) if one is not None]
        if not times:
            continue
        seconds, who = np.concatenate([one.seconds for one in times]), np.concatenate([one.who for one in times])
        known = np.flatnonzero(seconds <= within_s)
        first = known[np.lexsort((who[known], seconds[known]))][:k]
        if limit_s >= within_s or (len(first) == k and bool((seconds[first] <= limit_s).all())):
            return _reaches(times, who[first])
    return []


def _reaches(times: Sequence[_Times], wanted: Ints) -> list[Reach]:
    found = dict[int, Reach]()
    for one in times:
        rows = np.flatnonzero(np.isin(one.who, wanted))
        if len(rows):
            found.update({reach.index: reach for reach in one.reaches(rows)})
    return [found[number] for number in wanted.tolist()]


def _first_limit_s(crowds: list[Crowd], k: int) -> float:
    """How far to search first: about as long as the last of those wanted will take."""
    likely = np.concatenate([crowd.likely_s() for crowd in crowds])
    return max(FIRST_LIMIT_S, float(np.partition(likely, k - 1)[k - 1])) if 0 < k <= len(likely) else FIRST_LIMIT_S


def _checked(*columns: ArrayLike) -> tuple[Floats, Ints, Ints, Floats, Floats]:
    node_lonlat = np.asarray(columns[0], dtype=np.float64)
    arc_from, arc_to, road_class = (np.asarray(columns[i], np.int64) for i in (1, 2, 5))
    length_m, speed_mps = (np.asarray(columns[i], dtype=np.float64) for i in (3, 4))
    if node_lonlat.ndim != 2 or node_lonlat.shape[-1] != 2 or len(arc_from) == 0:
        raise BadRoads("a road network needs nodes (n, 2) and at least one arc")
    if {len(column) for column in (arc_to, length_m, speed_mps, road_class)} != {len(arc_from)}:
        raise BadRoads("the arrays of the arcs differ in length")
    if min(arc_from.min(), arc_to.min()) < 0 or max(arc_from.max(), arc_to.max()) >= len(node_lonlat):
        raise BadRoads("an arc names a node that is not there")
    if not ((length_m > 0) & (speed_mps > 0)).all():
        raise BadRoads("lengths and speeds must be above zero")
    return node_lonlat, arc_from, arc_to, length_m, speed_mps


def _stretches_of_arcs(
    node_lonlat: Floats, arc_from: Ints, arc_to: Ints, length_m: Floats, speed_mps: Floats
) -> tuple[Stretches, Floats, Floats]:
    """Straight stretches, each pair of nodes once, with the seconds there and back."""
    ends = np.sort(np.stack([arc_from, arc_to], axis=1), axis=1)
    edges, edge = np.unique(ends, axis=0, return_inverse=True)
    edge, forward = edge.reshape(-1), arc_from == ends[:, 0]
    seconds = length_m / speed_mps
    there, back, metres = (np.full(len(edges), np.inf) for _ in range(3))
    np.minimum.at(there, edge[forward], seconds[forward])
    np.minimum.at(back, edge[~forward], seconds[~forward])
    np.minimum.at(metres, edge, length_m)
    return Stretches.straight(node_lonlat, edges[:, 0], edges[:, 1], metres), there, back


def _seconds(stretches: Stretches, speed_mps: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        seconds: Floats = np.where(speed_mps > 0, stretches.length_m / speed_mps, np.inf)
    return seconds


def growing(first: float, last: float) -> Iterator[float]:
    limit = min(first, last)
    while limit < last:
        yield limit
        limit *= 2.0
    yield last


def _without_repeats(line: Floats) -> Floats:
    keep = np.concatenate([[True], (np.abs(np.diff(line, axis=0)) > 1e-9).any(axis=1)])
    return line[keep] if keep.sum() > 1 else line[:2]
