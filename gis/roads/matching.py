"""Which roads a GPS track went along.

Source: P. Newson, J. Krumm, Hidden Markov Map Matching Through Noise and Sparseness, ACM GIS 2009.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import dijkstra

from gis.roads.costs import Costs
from gis.roads.graph import RoadGraph
from gis.roads.snapping import Ajar
from gis.roads.stretches import Stretches

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_CANDIDATES = 8
# A way that much longer than the straight distance between two points was not gone between them.
LONGER_M = 1000.0

Passed = tuple[int, float, float]


@dataclass(frozen=True, slots=True)
class Noise:
    """How wrong positions are.

    Attributes:
        sigma_m: standard deviation of a position.
        beta_m: how much the way on roads differs from the straight distance.
        radius_m: roads further away are no candidates.
    """

    sigma_m: float = 15.0
    beta_m: float = 5.0
    radius_m: float = 100.0


@dataclass(frozen=True, slots=True)
class Match:
    """A track on the roads.

    Attributes:
        kept: (k,) which points of the track were used; others lie too close to the one before, or off all roads.
        edge, fraction: (k,) where each of them is.
        runs: the ways gone, one for each part of the track without a break: stretches with the fractions at which
            they are entered and left (falling: against the line).
        breaks: how often no way led from one point to the next.
    """

    kept: Ints
    edge: Ints
    fraction: Floats
    runs: tuple[tuple[Passed, ...], ...]
    breaks: int


@dataclass(frozen=True, slots=True)
class _Places:
    """Candidates of one point of the track."""

    edge: Ints
    fraction: Floats
    away_m: Floats


def match(graph: RoadGraph, track_lonlat: ArrayLike, noise: Noise = Noise()) -> Match:
    """Find the most likely way of a track (n, 2), in the order of time."""
    track = np.asarray(track_lonlat, dtype=np.float64).reshape(-1, 2)
    xy = graph.frame.to_xy(track)
    candidates = {i: _candidates(graph, xy[i], noise) for i in _thinned(xy, 2.0 * noise.sigma_m)}
    rows = [i for i, places in candidates.items() if len(places.edge)]
    ways = _Ways(graph)
    chosen: list[int] = []
    runs, kept = [], []
    for part, picks in _likely_parts(rows, candidates, xy, ways, noise):
        chosen += picks
        kept += part
        runs.append(_joined(part, picks, candidates, ways, xy))
    edge = np.array([candidates[i].edge[j] for i, j in zip(kept, chosen, strict=True)], dtype=np.int64)
    fraction = np.array([candidates[i].fraction[j] for i, j in zip(kept, chosen, strict=True)])
    return Match(np.array(kept, np.int64), edge, fraction, tuple(runs), max(len(runs) - 1, 0))


def _thinned(xy: Floats, apart_m: float) -> list[int]:
    """Points at least so far from the one kept before: nearer ones say more about noise than about the way."""
    kept = [0] if len(xy) else []
    for i in range(1, len(xy)):
        if np.hypot(*(xy[i] - xy[kept[-1]])) >= apart_m:
            kept.append(i)
    return kept


def _candidates(graph: RoadGraph, xy: Floats, noise: Noise) -> _Places:
    """The nearest point of each of the nearest stretches."""
    feet = graph.tree.around(xy[None], np.zeros(1, np.int64), noise.radius_m, graph.inwards.ajar)
    edge, fraction, away = feet.edge, feet.fraction, feet.away_m
    order = np.lexsort((away, edge))
    first = np.ones(len(order), bool)
    first[1:] = edge[order][1:] != edge[order][:-1]
    best = order[first]
    best = best[away[best] <= noise.radius_m]
    best = best[np.argsort(away[best])][:MOST_CANDIDATES]
    return _Places(edge[best], fraction[best], away[best])


def _likely_parts(
    rows: list[int], candidates: dict[int, _Places], xy: Floats, ways: "_Ways", noise: Noise
) -> Iterator[tuple[list[int], list[int]]]:
    """Viterbi: parts of the track without a break, each with the number of the candidate chosen for each point."""
    part: list[int] = []
    before: list[Ints] = []
    score = np.empty(0)
    for row in rows:
        emitted = -0.5 * (candidates[row].away_m / noise.sigma_m) ** 2
        if part:
            straight = float(np.hypot(*(xy[row] - xy[part[-1]])))
            metres = ways.metres(candidates[part[-1]], candidates[row], straight + LONGER_M)
            total = score[:, None] - np.abs(metres - straight) / noise.beta_m
            best = np.argmax(total, axis=0)
            after = total[best, np.arange(len(best))] + emitted
            if np.isfinite(after).any():
                part.append(row)
                before.append(best)
                score = after
                continue
            yield part, _traced(score, before)
        part, before, score = [row], [], emitted
    if part:
        yield part, _traced(score, before)


def _traced(score: Floats, before: list[Ints]) -> list[int]:
    picks = [int(np.argmax(score))]
    for best in reversed(before):
        picks.append(int(best[picks[-1]]))
    return picks[::-1]


def _joined(
    part: list[int], picks: list[int], candidates: dict[int, _Places], ways: "_Ways", xy: Floats
) -> tuple[Passed, ...]:
    """The way through the chosen candidates."""
    passed: list[Passed] = []
    for (i, a), (j, b) in pairwise(zip(part, picks, strict=True)):
        limit = float(np.hypot(*(xy[j] - xy[i]))) + LONGER_M
        for piece in ways.way(candidates[i], a, candidates[j], b, limit):
            _append(passed, piece)
    return tuple(passed)


def _append(passed: list[Passed], piece: Passed) -> None:
    """Go on, in one piece while it is along one stretch in one direction."""
    edge, begin, finish = piece
    if passed and passed[-1][0] == edge and abs(passed[-1][2] - begin) < 1e-9:
        _, first, turned = passed[-1]
        if (turned >= first) == (finish >= begin):
            passed.pop()
            begin = first
    if begin != finish:
        passed.append((edge, begin, finish))


class _Ways:
    """Metres along the roads between candidates of neighbouring points."""

    def __init__(self, graph: RoadGraph) -> None:
        stretches, by = graph.stretches, graph.inwards
        length = stretches.length_m
        self._there = np.where(np.isfinite(by.there), length, np.inf)
        self._back = np.where(np.isfinite(by.back), length, np.inf)
        self._stretches: Stretches = stretches
        self._ajar: Ajar = by.ajar
        self._costs = Costs.build(stretches, self._back, self._there).but(by.ajar)
        self._forward = self._costs.graph()

    def metres(self, left: _Places, come: _Places, limit_m: float) -> Floats:
        """(i, j) metres from each candidate to each of the next point; inf beyond the limit."""
        exits, exit_m = self._exits(left)
        entries, entry_m = self._entries(come)
        nodes, row = np.unique(exits, return_inverse=True)
        cost = dijkstra(self._forward, indices=nodes, limit=limit_m)[row.reshape(exits.shape)]
        by_road = exit_m[:, :, None, None] + cost[:, :, entries] + entry_m[None, None]
        metres: Floats = np.minimum(by_road.min(axis=(1, 3)), self._along(left, come))
        return np.where(metres <= limit_m, metres, np.inf)

    def way(self, left: _Places, a: int, come: _Places, b: int, limit_m: float) -> list[Passed]:
        """The shortest way between two candidates."""
        one, two = _only(left, a), _only(come, b)
        exits, exit_m = self._exits(one)
        entries, entry_m = self._entries(two)
        cost, before = dijkstra(self._forward, indices=exits[0], limit=limit_m, return_predecessors=True)
        total = exit_m[0][:, None] + cost[:, entries[0]] + entry_m[0][None]
        out, into = np.unravel_index(int(np.argmin(total)), total.shape)
        from_edge, to_edge = int(one.edge[0]), int(two.edge[0])
        from_at, to_at = float(one.fraction[0]), float(two.fraction[0])
        if self._along(one, two)[0, 0] <= total[out, into]:
            return [(from_edge, from_at, to_at)]
        pieces: list[Passed] = [(to_edge, 0.0 if into == 0 else 1.0, to_at)]
        node = int(entries[0][into])
        while node != int(exits[0][out]):
            past = int(before[out, node])
            arc = int(np.searchsorted(self._costs.key, past * len(self._stretches.node_lonlat) + node))
            # The graph is searched in the direction of travel: "ahead" is against the line here.
            ends = (1.0, 0.0) if self._costs.ahead[arc] else (0.0, 1.0)
            pieces.append((int(self._costs.edge[arc]), *ends))
            node = past
        return [(from_edge, from_at, 1.0 if out == 0 else 0.0), *reversed(pieces)]

    def _exits(self, places: _Places) -> tuple[Ints, Floats]:
        """(i, 2) the nodes by which each stretch is left, its end and its start, and the metres to them."""
        edge, at = places.edge, places.fraction
        end_m = np.where(at >= self._ajar.after[edge], self._there[edge] * np.maximum(1.0 - at, 1e-9), np.inf)
        start_m = np.where(at <= self._ajar.until[edge], self._back[edge] * np.maximum(at, 1e-9), np.inf)
        nodes = np.stack([self._stretches.end[edge], self._stretches.start[edge]], axis=1)
        return nodes, np.stack([end_m, start_m], axis=1)

    def _entries(self, places: _Places) -> tuple[Ints, Floats]:
        """(j, 2) the nodes by which each stretch is entered, its start and its end, and the metres from them."""
        edge, at = places.edge, places.fraction
        start_m = np.where(at <= self._ajar.until[edge], self._there[edge] * np.maximum(at, 1e-9), np.inf)
        end_m = np.where(at >= self._ajar.after[edge], self._back[edge] * np.maximum(1.0 - at, 1e-9), np.inf)
        nodes = np.stack([self._stretches.start[edge], self._stretches.end[edge]], axis=1)
        return nodes, np.stack([start_m, end_m], axis=1)

    def _along(self, left: _Places, come: _Places) -> Floats:
        """(i, j) metres straight along the stretch that two candidates share."""
        edge = left.edge[:, None]
        low = np.minimum(left.fraction[:, None], come.fraction[None])
        high = np.maximum(left.fraction[:, None], come.fraction[None])
        open_ = (high <= self._ajar.until[edge]) | (low >= self._ajar.after[edge])
        length = np.where(come.fraction[None] >= left.fraction[:, None], self._there[edge], self._back[edge])
        metres: Floats = length * np.maximum(high - low, 1e-9)
        return np.where((edge == come.edge[None]) & open_, metres, np.inf)


def _only(places: _Places, i: int) -> _Places:
    return _Places(places.edge[i : i + 1], places.fraction[i : i + 1], places.away_m[i : i + 1])
