"""Simulated movement along roads: rounds, trips to a place and back; a function of time only."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.metric import LocalFrame, distances_m
from gis.roads import NoWay, RoadGraph

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Movement:
    """Where somebody is at an instant; heading None while standing."""

    lonlat: tuple[float, float]
    speed_mps: float
    heading_deg: float | None


@dataclass(frozen=True, slots=True)
class Track:
    """Places and the times at which they are passed, straight and steady in between.

    Attributes:
        at_s: (n,) seconds from the start of the track, not decreasing; equal places in a row are a stop.
        lonlat: (n, 2).
        loops: starts again after its last time; else the mover stays at the end.
    """

    at_s: Floats
    lonlat: Floats
    loops: bool = False

    @property
    def length_s(self) -> float:
        """Time of one round or of the whole trip."""
        return float(self.at_s[-1])

    def movement_at(self, elapsed_s: float) -> Movement:
        """The movement this long after the start."""
        if self.loops and self.length_s > 0.0:
            elapsed_s %= self.length_s
        elapsed_s = max(elapsed_s, 0.0)
        if elapsed_s >= self.length_s:
            return Movement(_point(self.lonlat[-1]), 0.0, None)
        i = int(np.searchsorted(self.at_s, elapsed_s, side="right"))
        start, end = self.lonlat[i - 1], self.lonlat[i]
        duration = float(self.at_s[i] - self.at_s[i - 1])
        east_m, north_m = LocalFrame.around(start).to_xy(end)
        metres = float(np.hypot(east_m, north_m))
        fraction = (elapsed_s - float(self.at_s[i - 1])) / duration
        if metres < 0.05:
            return Movement(_point(start), 0.0, None)
        heading = float(np.degrees(np.arctan2(east_m, north_m)) % 360.0)
        return Movement(_point(start + (end - start) * fraction), metres / duration, heading)


def trip(graph: RoadGraph, from_lonlat: ArrayLike, to_lonlat: ArrayLike, *, speed_mps: float | None = None) -> Track:
    """Go from one place to another and stay; None drives at the speed of the roads (their average over the way).

    Raises:
        NoWay: no road leads there.
    """
    route = graph.route(from_lonlat, to_lonlat, speed_mps=speed_mps)
    steps = distances_m(route.line_lonlat[:-1], route.line_lonlat[1:])
    whole = float(steps.sum())
    share = np.concatenate([[0.0], np.cumsum(steps)]) / whole if whole > 0.0 else np.array([0.0, 1.0])
    return Track(share * max(route.seconds, 0.001), route.line_lonlat)


def patrol(graph: RoadGraph, stops_lonlat: ArrayLike, *, seed: int, speed_mps: float, dwell_s: float = 60.0) -> Track:
    """A round over stops in their order and back to the first, with seeded unevenness of pace and of stay.

    Args:
        stops_lonlat: (n, 2); one stop alone is a post where the mover stands.
        speed_mps: steady pace; each leg is up to 15 % faster or slower.
        dwell_s: how long to stay at each stop, up to half as long again.

    Raises:
        NoWay: a stop cannot be reached from the one before.
    """
    stops = np.atleast_2d(np.asarray(stops_lonlat, dtype=np.float64))
    rng = np.random.default_rng(seed)
    at: list[Floats] = [np.zeros(1)]
    line: list[Floats] = [stops[:1]]
    for start, end in zip(stops, np.roll(stops, -1, axis=0), strict=True):
        now = float(at[-1][-1]) + dwell_s * float(rng.uniform(1.0, 1.5))
        at.append(np.array([now]))
        line.append(start[None])
        if len(stops) == 1:
            break
        leg = trip(graph, start, end, speed_mps=speed_mps * float(rng.uniform(0.85, 1.15)))
        at.append(now + leg.at_s[1:])
        line.append(leg.lonlat[1:])
    return Track(np.concatenate(at), np.concatenate(line), loops=True)


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody who makes rounds and can be sent somewhere. Immutable: each order gives a new walker.

    Attributes:
        round: what the walker does when nobody calls.
        since_s: for each track in `tracks`, the time at which it begins; ascending.
        speed_mps: pace when sent; None drives.
    """

    round: Track
    since_s: tuple[float, ...]
    tracks: tuple[Track, ...]
    speed_mps: float | None

    @classmethod
    def on_round(cls, track: Track, *, begins_s: float = 0.0, speed_mps: float | None = None) -> "Walker":
        """A walker whose round begins at a time; give everybody another time so that they do not move in step."""
        return cls(track, (begins_s,), (track,), speed_mps)

    def position_at(self, at_s: float) -> Movement:
        """Where the walker is; a round that begins later is under way already, so there is no "before"."""
        i = max(bisect_right(self.since_s, at_s) - 1, 0)
        return self.tracks[i].movement_at(at_s - self.since_s[i])

    def sent_to(self, graph: RoadGraph, place_lonlat: ArrayLike, *, at_s: float) -> "Walker":
        """Leave at a time for a place and stay there. Who cannot get there by road stays where they are."""
        return self._then(at_s, self._way(graph, place_lonlat, at_s))

    def back(self, graph: RoadGraph, *, at_s: float) -> "Walker":
        """Go back at a time to the start of the round and take it up again."""
        way = self._way(graph, self.round.lonlat[0], at_s)
        return self._then(at_s, way)._then(at_s + way.length_s, self.round)

    def forget_before(self, at_s: float) -> "Walker":
        """Drop tracks that ended before a time, so that a long run keeps a bounded past."""
        first = max(bisect_right(self.since_s, at_s) - 1, 0)
        return replace(self, since_s=self.since_s[first:], tracks=self.tracks[first:])

    def arrives_s(self) -> float:
        """The time at which the last track ends (for a round: ends its first lap)."""
        return self.since_s[-1] + self.tracks[-1].length_s

    def _way(self, graph: RoadGraph, place_lonlat: ArrayLike, at_s: float) -> Track:
        here = self.position_at(at_s).lonlat
        try:
            return trip(graph, here, place_lonlat, speed_mps=self.speed_mps)
        except NoWay:
            return Track(np.array([0.0, 0.001]), np.array([here, here]))

    def _then(self, at_s: float, track: Track) -> "Walker":
        kept = bisect_right(self.since_s, at_s)
        since, tracks = self.since_s[:kept], self.tracks[:kept]
        return replace(self, since_s=(*since, at_s), tracks=(*tracks, track))


def _point(lonlat: Sequence[float] | Floats) -> tuple[float, float]:
    return float(lonlat[0]), float(lonlat[1])
