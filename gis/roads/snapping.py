"""Find the nearest road of many places at once: a tree of all straight pieces, and what is open of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.metric import LocalFrame
from gis.roads.stretches import Stretches

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Where the nearest road is closed, open ones are at first looked for so much further away.
AROUND_M = 60.0
# Roads this much further away than the nearest still count for somebody who moves along them.
HEADING_SLACK_M = 25.0
METRES_PER_DEGREE = 0.25


@dataclass(frozen=True, slots=True)
class Snaps:
    """Places on roads, column by column.

    Attributes:
        edge: (n,) number of the stretch; -1 where no road is open.
        fraction: (n,) how far along it, 0 at its start.
        off_road_m: (n,) metres from the place to the road, inf where no road is open.
        xy: (n, 2) the point on the road, in the frame.
    """

    edge: Ints
    fraction: Floats
    off_road_m: Floats
    xy: Floats
    frame: LocalFrame

    def __len__(self) -> int:
        return len(self.edge)

    @classmethod
    def none(cls, frame: LocalFrame) -> "Snaps":
        """Nobody."""
        return cls(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty((0, 2)), frame)

    @classmethod
    def nowhere(cls, count: int, frame: LocalFrame) -> "Snaps":
        """Rows to be filled in."""
        return cls(np.full(count, -1), np.zeros(count), np.full(count, np.inf), np.zeros((count, 2)), frame)

    @property
    def lonlat(self) -> Floats:
        """(n, 2) the point on the road."""
        return self.frame.to_lonlat(self.xy)

    def take(self, rows: Ints) -> "Snaps":
        """Some of them, in this order."""
        return Snaps(self.edge[rows], self.fraction[rows], self.off_road_m[rows], self.xy[rows], self.frame)

    def put(self, rows: Ints, those: "Snaps") -> None:
        """Overwrite some of them."""
        self.edge[rows], self.fraction[rows] = those.edge, those.fraction
        self.off_road_m[rows], self.xy[rows] = those.off_road_m, those.xy

    def and_then(self, more: "Snaps") -> "Snaps":
        """These and others of the same network behind them."""
        return Snaps(
            np.concatenate([self.edge, more.edge]),
            np.concatenate([self.fraction, more.fraction]),
            np.concatenate([self.off_road_m, more.off_road_m]),
            np.concatenate([self.xy, more.xy]),
            self.frame,
        )


@dataclass(frozen=True, slots=True)
class Ajar:
    """How far stretches are open, when something is closed.

    Attributes:
        until: (m,) from the start one gets to this fraction; above 1 where all is open.
        after: (m,) from this fraction on one gets to the end; below 0 where all is open.
    """

    until: Floats
    after: Floats

    @classmethod
    def all_open(cls, size: int) -> "Ajar":
        return cls(np.full(size, np.inf), np.full(size, -np.inf))

    def through(self) -> Bools:
        """(m,) whether one gets from one end to the other."""
        open_: Bools = self.until > self.after
        return open_

    def touches(self, edge: Ints) -> Bools:
        """(k,) whether anything of these stretches is closed."""
        closed: Bools = np.isfinite(self.until[edge]) | np.isfinite(self.after[edge])
        return closed


@dataclass(frozen=True, slots=True)
class Feet:
    """Points of roads near to places, one by one.

    Attributes:
        row: (k,) of the place.
        piece, edge: (k,) straight piece of road, and its stretch.
        away_m: (k,) from the place, inf where nothing of the piece is open.
    """

    row: Ints
    piece: Ints
    edge: Ints
    fraction: Floats
    away_m: Floats
    xy: Floats


@dataclass(frozen=True, slots=True)
class Pieces:
    """The straight pieces of all stretches in a flat frame; those who travel in different ways share them.

    Attributes:
        start, step: (s, 2) where each begins and how it goes on.
        edge: (s,) the stretch.
        low, share: (s,) at which fraction of the stretch it begins, and how much of it it is.
        lines: (s,) the same as shapely geometries.
        extent_m: no two points are further apart.
    """

    frame: LocalFrame
    start: Floats
    step: Floats
    edge: Ints
    low: Floats
    share: Floats
    lines: NDArray[np.object_]
    extent_m: float

    @classmethod
    def of(cls, stretches: Stretches) -> "Pieces":
        """The pieces of a network, in a frame around its middle."""
        frame = LocalFrame.around(stretches.node_lonlat.mean(axis=0))
        xy = frame.to_xy(stretches.shape_lonlat)
        owner = np.repeat(np.arange(len(stretches)), np.diff(stretches.shape_first))
        kept = np.flatnonzero(owner[1:] == owner[:-1])
        start, step, edge = xy[kept], xy[kept + 1] - xy[kept], owner[kept]
        length = np.hypot(*step.T)
        begun = np.cumsum(length) - length
        first = stretches.shape_first[edge] - edge
        scale = 1.0 / np.maximum(np.bincount(edge, length, minlength=len(stretches))[edge], 1e-9)
        lines = shapely.linestrings(np.stack([start, xy[kept + 1]], axis=1))
        low = (begun - begun[first]) * scale
        return cls(frame, start, step, edge, low, length * scale, lines, float(np.hypot(*np.ptp(xy, axis=0))))

    def feet(self, xy: Floats, row: Ints, piece: Ints) -> Feet:
        """The nearest point of each piece (k,) to the place (n, 2) in the row (k,), with everything open."""
        start, step = self.start[piece], self.step[piece]
        along = ((xy[row] - start) * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1e-12)
        within = np.clip(along, 0.0, 1.0)
        fraction = np.clip(self.low[piece] + within * self.share[piece], 0.0, 1.0)
        foot = start + within[:, None] * step
        return Feet(row, piece, self.edge[piece], fraction, np.hypot(*(xy[row] - foot).T), foot)

    def opened(self, feet: Feet, xy: Floats, ajar: Ajar) -> Feet:
        """The same, where feet on a closed part are moved to the nearer open end of it if the piece has one."""
        piece, fraction = feet.piece, feet.fraction
        until, after = ajar.until[feet.edge], ajar.after[feet.edge]
        # An end that is closed is no way in or out, though the node there may be one by another road.
        closed = ((fraction > until) | (until <= 0.0)) & ((fraction < after) | (after >= 1.0))
        low, high = self.low[piece], self.low[piece] + self.share[piece]
        can_low, can_high = (low <= until) & (until > 0.0), (high >= after) & (after < 1.0)
        go_low = can_low & (~can_high | (fraction - until <= after - fraction))
        moved = np.where(closed, np.where(go_low, until, after), fraction)
        within = np.clip((moved - low) / np.maximum(self.share[piece], 1e-12), 0.0, 1.0)
        foot = np.where(closed[:, None], self.start[piece] + within[:, None] * self.step[piece], feet.xy)
        away_m = np.where(closed & ~can_low & ~can_high, np.inf, np.hypot(*(xy[feet.row] - foot).T))
        return Feet(feet.row, piece, feet.edge, np.clip(moved, 0.0, 1.0), away_m, foot)


@dataclass(slots=True)
class SnapTree:
    """Those of the pieces that somebody may use, ready to be asked for the nearest one; the answer is exact.

    Args:
        usable: (m,) stretches that count.
        one_way: (m,) 1 along the line only, -1 against it only, 0 both; for those who move.
    """

    pieces: Pieces
    usable: Bools
    one_way: Ints
    _kept: Ints = field(init=False, repr=False)
    _tree: shapely.STRtree = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._kept = np.flatnonzero(self.usable[self.pieces.edge])
        self._tree = shapely.STRtree(self.pieces.lines[self._kept])

    def snap(self, lonlat: Floats, ajar: Ajar, heading_deg: Floats | None = None) -> Snaps:
        """The nearest open point on a road of each place (n, 2); with a heading, of a road that leads this way.

        Args:
            heading_deg: (n,) clockwise from north, nan for those who stand.
        """
        xy = self.pieces.frame.to_xy(lonlat)
        if heading_deg is None:
            return snap_each(xy, [(self, ajar, np.arange(len(xy)))])
        snaps = Snaps.nowhere(len(xy), self.pieces.frame)
        self._look_around(snaps, xy, np.arange(len(xy)), ajar, heading_deg)
        return snaps

    def nearest(self, xy: Floats, rows: Ints) -> tuple[Ints, Ints]:
        """Of some of the places (n, 2) in the frame the nearest piece, several where they are as near: rows, pieces."""
        near, piece = self._tree.query_nearest(shapely.points(xy[rows]))
        return rows[near], self._kept[piece]

    def around(self, xy: Floats, rows: Ints, reach_m: float, ajar: Ajar) -> Feet:
        """The nearest point of each piece within reach of some of the places (n, 2) in the frame."""
        near, piece = self._tree.query(shapely.points(xy[rows]), predicate="dwithin", distance=reach_m)
        return self.pieces.opened(self.pieces.feet(xy, rows[near], self._kept[piece]), xy, ajar)

    def _look_around(self, snaps: Snaps, xy: Floats, rows: Ints, ajar: Ajar, heading_deg: Floats | None = None) -> None:
        """Find the best of all within reach for some of the places, further and further around."""
        slack_m = 0.0 if heading_deg is None else HEADING_SLACK_M
        reach_m, all_m = AROUND_M, self.pieces.extent_m + float(np.abs(xy).max())
        while len(rows):
            feet = self.around(xy, rows, reach_m, ajar)
            least_m = np.full(len(xy), np.inf)
            np.minimum.at(least_m, feet.row, feet.away_m)
            done = (least_m + slack_m <= reach_m) | (reach_m > 2.0 * all_m)
            score = feet.away_m if heading_deg is None else self._towards(feet, least_m, heading_deg)
            _put_best(snaps, feet, np.where(done[feet.row], score, np.inf))
            rows, reach_m = rows[~done[rows]], reach_m * 4.0

    def _towards(self, feet: Feet, least_m: Floats, heading_deg: Floats) -> Floats:
        """How far away roads count as: further the less they lead where somebody goes."""
        direction_deg = np.degrees(np.arctan2(*self.pieces.step[feet.piece].T))
        turn = np.abs((direction_deg - heading_deg[feet.row] + 180.0) % 360.0 - 180.0)
        way = self.one_way[feet.edge]
        turn = np.where(way == 0, np.minimum(turn, 180.0 - turn), np.where(way > 0, turn, 180.0 - turn))
        far = feet.away_m > least_m[feet.row] + HEADING_SLACK_M
        return feet.away_m + np.where(np.isnan(turn), 0.0, turn * METRES_PER_DEGREE) + np.where(far, np.inf, 0.0)


def snap_each(xy: Floats, trees: Sequence[tuple[SnapTree, Ajar, Ints]]) -> Snaps:
    """The nearest open point on a road of each place (n, 2) in the frame: each of the rows by its own tree."""
    pieces = trees[0][0].pieces
    near = [tree.nearest(xy, rows) for tree, _, rows in trees]
    feet = pieces.feet(xy, *(np.concatenate(column) for column in zip(*near, strict=True)))
    snaps = Snaps.nowhere(len(xy), pieces.frame)
    _put_best(snaps, feet, feet.away_m)
    for (tree, ajar, _), (row, piece) in zip(trees, near, strict=True):
        # A closed road may be as near as the one that was chosen, so all that are as near are looked at.
        doubtful = np.unique(row[ajar.touches(pieces.edge[piece])])
        if len(doubtful):
            snaps.put(doubtful, Snaps.nowhere(len(doubtful), pieces.frame))
            tree._look_around(snaps, xy, doubtful, ajar)
    return snaps


def _put_best(snaps: Snaps, feet: Feet, score: Floats) -> None:
    """Put each place where its score is least; of roads that end at one junction on that with the lowest number."""
    order = np.lexsort((feet.edge, score, feet.row))
    best = order[np.flatnonzero(np.diff(feet.row[order], prepend=-1))]
    best = best[np.isfinite(score[best])]
    row = feet.row[best]
    snaps.edge[row], snaps.fraction[row] = feet.edge[best], feet.fraction[best]
    snaps.off_road_m[row], snaps.xy[row] = feet.away_m[best], feet.xy[best]
