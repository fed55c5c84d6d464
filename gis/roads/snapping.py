"""Find the nearest road of many places at once: a KD-tree over points sampled along the lines, then exact feet."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from gis.metric import LocalFrame
from gis.roads.stretches import Stretches

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SAMPLE_EVERY_M = 30.0
LOOK_AT = 8
# Where some of the nearest may not be used by everybody.
LOOK_AT_MORE = 16
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

    @classmethod
    def stacked(cls, those: Sequence["Ajar"], usable: Sequence[Bools]) -> "Ajar":
        """Several one after the other, with what is not usable closed from end to end."""
        until = [np.where(may, one.until, -1.0) for one, may in zip(those, usable, strict=True)]
        after = [np.where(may, one.after, 2.0) for one, may in zip(those, usable, strict=True)]
        return cls(np.concatenate(until), np.concatenate(after))

    def through(self) -> Bools:
        """(m,) whether one gets from one end to the other."""
        open_: Bools = self.until > self.after
        return open_

    def anything(self) -> Bools:
        """(m,) whether anything of a stretch is closed."""
        closed: Bools = np.isfinite(self.until) | np.isfinite(self.after)
        return closed


@dataclass(frozen=True, slots=True)
class Feet:
    """Candidates for each place: rows are places, columns candidates in no order; `away_m` inf where there is none."""

    edge: Ints
    fraction: Floats
    away_m: Floats
    xy: Floats
    direction_deg: Floats


@dataclass(slots=True)
class SnapTree:
    """Stretches, ready to be asked for the nearest one; the answer is exact.

    Args:
        usable: (m,) stretches that count.
        one_way: (m,) 1 along the line only, -1 against it only, 0 both; for those who move.
    """

    frame: LocalFrame
    stretches: Stretches
    usable: Bools
    one_way: Ints
    _start: Floats = field(init=False, repr=False)
    _step: Floats = field(init=False, repr=False)
    _edge: Ints = field(init=False, repr=False)
    _from: Floats = field(init=False, repr=False)
    _share: Floats = field(init=False, repr=False)
    _samples: KDTree = field(init=False, repr=False)
    _segment_of_sample: Ints = field(init=False, repr=False)

    def __post_init__(self) -> None:
        xy = self.frame.to_xy(self.stretches.shape_lonlat)
        owner = np.repeat(np.arange(len(self.stretches)), np.diff(self.stretches.shape_first))
        length = np.hypot(*np.diff(xy, axis=0).T)
        inside = owner[1:] == owner[:-1]
        whole = np.bincount(owner[1:][inside], length[inside], minlength=len(self.stretches))
        begun = np.concatenate([[0.0], np.cumsum(np.where(inside, length, 0.0))])
        kept = np.flatnonzero(inside & self.usable[owner[:-1]])
        self._edge = owner[kept]
        self._start, self._step = xy[kept], xy[kept + 1] - xy[kept]
        scale = 1.0 / np.maximum(whole[self._edge], 1e-9)
        self._from = (begun[kept] - begun[self.stretches.shape_first[self._edge]]) * scale
        self._share = length[kept] * scale
        self._sample(length[kept])

    def _sample(self, length: Floats) -> None:
        count = np.maximum(np.ceil(length / SAMPLE_EVERY_M).astype(np.int64), 1)
        self._segment_of_sample = np.repeat(np.arange(len(count)), count)
        first = np.repeat(np.cumsum(count) - count, count)
        fraction = (np.arange(len(self._segment_of_sample)) - first + 0.5) / np.repeat(count, count)
        on = self._start[self._segment_of_sample] + fraction[:, None] * self._step[self._segment_of_sample]
        self._samples = KDTree(on)

    @property
    def samples(self) -> int:
        """How many samples there are to look at."""
        return len(self._segment_of_sample)

    def snap(self, lonlat: Floats, ajar: Ajar, heading_deg: Floats | None = None, by: Ints | None = None) -> Snaps:
        """The nearest open point on a road of each place (n, 2); with a heading, of a road that leads this way.

        Args:
            heading_deg: (n,) clockwise from north, nan for those who stand.
            by: (n,) which of several stacked one after the other in `ajar` holds for each place.
        """
        xy = self.frame.to_xy(lonlat)
        slack = 0.0 if heading_deg is None else HEADING_SLACK_M
        parts: list[tuple[Ints, Ints, Floats, Floats, Floats]] = []
        rows, looked = np.arange(len(xy)), min(LOOK_AT if by is None else LOOK_AT_MORE, self.samples)
        while len(rows):
            feet, sure_m = self.feet(xy[rows], looked, ajar, None if by is None else by[rows])
            score = feet.away_m + self._against(feet, None if heading_deg is None else heading_deg[rows])
            # Several roads end at the foot of a place that is nearest to a junction.
            least = score <= score.min(axis=1, keepdims=True)
            best = np.argmin(np.where(least, feet.edge, len(self.stretches)), axis=1)
            all_seen = looked == self.samples
            row = np.arange(len(rows))
            done = (feet.away_m.min(axis=1) + slack <= sure_m) | all_seen
            pick = row[done], best[done]
            edge = np.where(np.isfinite(feet.away_m[pick]), feet.edge[pick], -1)
            parts.append((rows[done], edge, feet.fraction[pick], feet.away_m[pick], feet.xy[pick]))
            rows, looked = rows[~done], min(looked * 4, self.samples)
        if not parts:
            return Snaps.none(self.frame)
        order = np.argsort(np.concatenate([part[0] for part in parts]))
        edge, fraction, away, on = (np.concatenate([part[i] for part in parts])[order] for i in range(1, 5))
        return Snaps(edge, fraction, away, on, self.frame)

    def feet(self, xy: Floats, looked: int, ajar: Ajar, by: Ints | None = None) -> tuple[Feet, Floats]:
        """The points nearest to each place on the segments of the `looked` nearest samples.

        Returns:
            The feet, and for each place the distance up to which no road was overlooked.
        """
        reach, near = self._samples.query(xy, k=looked)
        reach, near = np.reshape(reach, (len(xy), looked)), np.reshape(near, (len(xy), looked))
        segment = self._segment_of_sample[near]
        start, step, edge = self._start[segment], self._step[segment], self._edge[segment]
        along = ((xy[:, None] - start) * step).sum(axis=-1) / np.maximum((step**2).sum(axis=-1), 1e-12)
        within = np.clip(along, 0.0, 1.0)
        fraction = self._from[segment] + within * self._share[segment]
        shut = np.zeros(fraction.shape, bool)
        if by is not None:
            row = edge + by[:, None] * len(self.stretches)
            fraction, within, shut = self._opened(segment, fraction, within, ajar, row)
        elif np.isfinite(ajar.until).any():
            fraction, within, shut = self._opened(segment, fraction, within, ajar, edge)
        foot = start + within[..., None] * step
        away = np.hypot(*np.moveaxis(xy[:, None] - foot, -1, 0))
        direction = np.degrees(np.arctan2(step[..., 0], step[..., 1]))
        feet = Feet(edge, np.clip(fraction, 0.0, 1.0), np.where(shut, np.inf, away), foot, direction)
        return feet, reach[:, -1] - SAMPLE_EVERY_M / 2.0

    def _opened(
        self, segment: Ints, fraction: Floats, within: Floats, ajar: Ajar, row: Ints
    ) -> tuple[Floats, Floats, Bools]:
        """Move feet that lie on a closed part to the nearer open end of it, where the segment has one."""
        until, after = ajar.until[row], ajar.after[row]
        # An end that is closed is no way in or out, though the node there may be one by another road.
        closed = ((fraction > until) | (until <= 0.0)) & ((fraction < after) | (after >= 1.0))
        low, high = self._from[segment], self._from[segment] + self._share[segment]
        can_low, can_high = (low <= until) & (until > 0.0), (high >= after) & (after < 1.0)
        go_low = can_low & (~can_high | (fraction - until <= after - fraction))
        moved = np.where(closed, np.where(go_low, until, after), fraction)
        inside = np.clip((moved - low) / np.maximum(self._share[segment], 1e-12), 0.0, 1.0)
        return moved, np.where(closed, inside, within), closed & ~can_low & ~can_high

    def _against(self, feet: Feet, heading_deg: Floats | None) -> Floats:
        """Metres to add because a road does not lead where somebody goes."""
        if heading_deg is None:
            return np.zeros(feet.away_m.shape)
        turn = np.abs((feet.direction_deg - heading_deg[:, None] + 180.0) % 360.0 - 180.0)
        way = self.one_way[feet.edge]
        turn = np.where(way == 0, np.minimum(turn, 180.0 - turn), np.where(way > 0, turn, 180.0 - turn))
        far = feet.away_m > feet.away_m.min(axis=1, keepdims=True) + HEADING_SLACK_M
        return np.where(np.isnan(turn), 0.0, turn * METRES_PER_DEGREE) + np.where(far, np.inf, 0.0)
