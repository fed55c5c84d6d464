"""One road network for all who travel: stretches with class, name and speeds, and the report of how it was read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from gis.metric import distances_m
from gis.roads.profiles import CLASSES, PROFILES, uses
from gis.roads.stretches import BadRoads, Stretches

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KMH = 1.0 / 3.6
SAME_PLACE_M = 0.01


class BadRoadFile(ValueError):
    """The file cannot be read as roads; the text says why."""


@dataclass(frozen=True, slots=True)
class Way:
    """A road as a file has it: its number there, the numbers of its points, its tags in OpenStreetMap's words."""

    id: int
    points: Ints
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What became of every road of a file.

    Attributes:
        read: ways that say they are a road.
        used: ways that became stretches.
        left_out: number of ways by reason; `read` is `used` plus these.
        cut: used ways of which some points are not in the file (at the edge of an extract).
        left_out_ids: the ways by reason.
    """

    read: int
    used: int
    left_out: Mapping[str, int]
    cut: int
    left_out_ids: Mapping[str, tuple[int, ...]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Network:
    """Roads as they are, for all profiles together.

    Attributes:
        node_id: (n,) number of each node in the file.
        way_id: (m,) number of the way each stretch is part of.
        road_class: (m,) index into `profiles.CLASSES`.
        name: (m,) index into `names`; `names[0]` is "".
        there_mps, back_mps: by profile (m,) speed along the stretch and against it, 0 where forbidden.
    """

    stretches: Stretches
    node_id: Ints
    way_id: Ints
    road_class: Ints
    name: Ints
    names: tuple[str, ...]
    there_mps: Mapping[str, Floats]
    back_mps: Mapping[str, Floats]
    report: ReadReport

    def __len__(self) -> int:
        return len(self.stretches)

    def arcs(self, profile: str) -> int:
        """How many one-way arcs a profile has."""
        return int((self.there_mps[profile] > 0).sum() + (self.back_mps[profile] > 0).sum())


def build(
    ways: Iterable[Way],
    lonlat_of: Callable[[Ints], Floats],
    *,
    contract: bool = True,
    within: Polygon | MultiPolygon | None = None,
) -> Network:
    """Cut ways at their junctions.

    Args:
        lonlat_of: (k, 2) positions of points (k,), nan for points that are not known.
        within: lon/lat; ways that do not touch it are left out.
        contract: False makes every point a node, which answers the same and is larger.

    Raises:
        BadRoads: no way can be used.
    """
    builder = _Builder()
    for way in ways:
        builder.take(way)
    return builder.network(lonlat_of, contract, within)


class _Builder:
    """Collects ways that somebody may use, then makes one network of them."""

    def __init__(self) -> None:
        self._ways: dict[int, tuple[Way, dict[str, tuple[float, float]]]] = {}
        self._left_out: dict[str, list[int]] = {}
        self._outside: list[int] = []

    def take(self, way: Way) -> None:
        reason = self._objection(way)
        if reason is not None:
            self._left_out.setdefault(reason, []).append(way.id)

    def _objection(self, way: Way) -> str | None:
        """Why a way is no road to travel on; None when it was taken."""
        kind = way.tags.get("highway", "")
        if kind not in CLASSES:
            return f"highway={kind}"
        if len(way.points) < 2:
            return "one point only"
        use = uses(way.tags)
        if not any(one.any for one in use.values()):
            return "closed to all"
        speeds = {profile: (one.there_kmh * KMH, one.back_kmh * KMH) for profile, one in use.items()}
        self._ways[way.id] = way, speeds
        return None

    def network(
        self, lonlat_of: Callable[[Ints], Floats], contract: bool, within: Polygon | MultiPolygon | None
    ) -> Network:
        ways = [way for way, _ in self._ways.values()]
        if not ways:
            raise BadRoads("no road that anybody may use")
        points = np.concatenate([way.points for way in ways])
        owner = np.repeat(np.arange(len(ways)), [len(way.points) for way in ways])
        ids, number = np.unique(points, return_inverse=True)
        lonlat = lonlat_of(ids)
        number, owner, lonlat, ids, cut = _known(number.reshape(-1), owner, lonlat, ids)
        outside = _outside(number, owner, lonlat, within)
        self._outside = [ways[i].id for i in outside.tolist()]
        inside = ~np.isin(owner, outside)
        number, owner, cut = number[inside], owner[inside], np.setdiff1d(cut, outside)
        first, last = _pieces(number, owner, contract)
        if len(first) == 0:
            raise BadRoads("no road has two points whose position is known")
        stretches, node_id = _stretches(number, lonlat, ids, first, last)
        return self._described(stretches, node_id, owner[first], ways, len(cut))

    def _described(self, stretches: Stretches, node_id: Ints, way: Ints, ways: Sequence[Way], cut: int) -> Network:
        used = np.unique(way)
        unseen = [i for i in np.setdiff1d(np.arange(len(ways)), used).tolist() if ways[i].id not in set(self._outside)]
        left_out = {reason: tuple(ids) for reason, ids in self._left_out.items()}
        if self._outside:
            left_out["outside"] = tuple(self._outside)
        if unseen:
            left_out["position unknown"] = tuple(ways[i].id for i in unseen)
        names = {"": 0}
        name = np.array([names.setdefault(_name(one.tags), len(names)) for one in ways])
        kind = np.array([CLASSES.index(one.tags["highway"]) for one in ways])
        speeds = np.array([[self._ways[one.id][1][profile] for profile in PROFILES] for one in ways])
        counts = {reason: len(those) for reason, those in left_out.items()}
        read = len(ways) + sum(len(ids) for ids in self._left_out.values())
        return Network(
            stretches,
            node_id,
            np.array([one.id for one in ways])[way],
            kind[way],
            name[way],
            tuple(names),
            {profile: speeds[way, i, 0] for i, profile in enumerate(PROFILES)},
            {profile: speeds[way, i, 1] for i, profile in enumerate(PROFILES)},
            ReadReport(read, len(used), counts, cut, left_out),
        )


def _name(tags: Mapping[str, str]) -> str:
    return tags.get("name") or tags.get("ref") or ""


def _outside(number: Ints, owner: Ints, lonlat: Floats, within: Polygon | MultiPolygon | None) -> Ints:
    """Which ways do not touch an area; those without a line are not among them."""
    if within is None:
        return np.empty(0, np.int64)
    known = number >= 0
    number, owner = number[known], owner[known]
    lined = np.bincount(owner, minlength=int(owner.max(initial=-1)) + 1)[owner] > 1
    ways, row = np.unique(owner[lined], return_inverse=True)
    lines = shapely.linestrings(lonlat[number[lined]], indices=row.reshape(-1))
    shapely.prepare(within)
    outside: Ints = ways[~shapely.intersects(within, lines)]
    return outside


def _known(number: Ints, owner: Ints, lonlat: Floats, ids: Ints) -> tuple[Ints, Ints, Floats, Ints, Ints]:
    """Put a gap (-1) where a point is not in the file, drop repeats; also which ways have missing points."""
    missing = np.isnan(lonlat[:, 0]) | np.isnan(lonlat[:, 1])
    cut = np.unique(owner[missing[number]])
    number = np.where(missing[number], -1, number)
    repeats = np.concatenate([[False], (number[1:] == number[:-1]) & (owner[1:] == owner[:-1])])
    return number[~repeats], owner[~repeats], lonlat, ids, cut


def _pieces(number: Ints, owner: Ints, contract: bool) -> tuple[Ints, Ints]:
    """First and last position (both included) of each stretch in the list of points."""
    count = np.bincount(number[number >= 0], minlength=int(number.max()) + 1 if len(number) else 0)
    joined = np.zeros(len(number), bool)
    joined[:-1] = (owner[:-1] == owner[1:]) & (number[:-1] >= 0) & (number[1:] >= 0)
    begins = joined.copy()
    begins[1:] &= ~joined[:-1]
    ends = np.zeros(len(number), bool)
    ends[1:] = joined[:-1]
    ends &= ~joined
    node = begins | ends | ((number >= 0) & (count[number] > 1)) | (not contract)
    on = np.flatnonzero(node & (joined | np.concatenate([[False], joined[:-1]])))
    first, last = on[:-1], on[1:]
    # Two nodes in a row belong together when every step between them is one along the way.
    steps = np.concatenate([[0], np.cumsum(joined)])
    whole = (steps[last] - steps[first]) == (last - first)
    return first[whole], last[whole]


def _stretches(number: Ints, lonlat: Floats, ids: Ints, first: Ints, last: Ints) -> tuple[Stretches, Ints]:
    """The lines of all stretches, and the number of each node in the file."""
    count = last - first + 1
    index = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count) + np.arange(int(count.sum()))
    shape = lonlat[number[index]]
    step = np.zeros(len(shape))
    step[1:] = distances_m(shape[:-1], shape[1:])
    begin = np.concatenate([[0], np.cumsum(count)])
    step[begin[:-1]] = 0.0
    length = np.maximum(np.add.reduceat(step, begin[:-1]), SAME_PLACE_M)
    nodes, ends = np.unique(number[np.concatenate([first, last])], return_inverse=True)
    start, end = np.split(ends.reshape(-1).astype(np.int64), 2)
    return Stretches(lonlat[nodes], start, end, length, shape, begin), ids[nodes]
