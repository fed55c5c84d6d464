"""A made-up day of patrols on a lattice of streets, and the same day in order or as phones bring it: late and doubled.

The ground truth is not needed: the law is that both ways of arriving end in the same ledger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from command_center.ingest.position import Position
from gis.metric import LocalFrame

Floats = NDArray[np.float64]

# Midnight in the town.
MIDNIGHT = datetime(2026, 8, 22, 16, 0, tzinfo=UTC)
FRAME = LocalFrame(119.4, 34.1)
BLOCK_M = 200.0
LATE_SHARE = 0.2
LATE_MOST_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Size:
    """How large a day is; `start_h` is the hour of the day at which patrols begin."""

    patrollers: int
    hours: float
    points: int
    lines: int
    blocks: int = 30
    start_h: float = 0.0
    every_s: float = 1.0
    point_windows: int = 6
    line_windows: int = 4
    window_min: float = 60.0
    dwell_s: int = 180

    def patroller(self, number: int) -> str:
        return f"p{number:04}"


@dataclass(frozen=True, slots=True)
class PlannedPoint:
    id: str
    lonlat: tuple[float, float]
    windows: list[dict[str, str]]
    person_id: str | None
    dwell_s: int


@dataclass(frozen=True, slots=True)
class PlannedLine:
    id: str
    corners: list[tuple[float, float]]
    windows: list[dict[str, str]]
    person_id: str | None
    both_sides: bool


@dataclass(frozen=True)
class Day:
    """The plan, and (n, 5) rows of (person, second of the day, lon, lat, accuracy) in order of time."""

    size: Size
    points: list[PlannedPoint]
    lines: list[PlannedLine]
    fixes: Floats

    @property
    def persons(self) -> list[str]:
        return [self.size.patroller(number) for number in range(self.size.patrollers)]

    def in_order(self) -> "Arrivals":
        """Each position the moment it was taken."""
        return Arrivals(self, np.arange(len(self.fixes)), self.fixes[:, 1])

    def as_phones_bring_it(self, seed: int, late_most_s: float = LATE_MOST_S) -> "Arrivals":
        """A fifth of the positions late by up to an hour, a fifth twice, and so out of order."""
        rng = np.random.default_rng(seed)
        count = len(self.fixes)
        late = np.where(rng.random(count) < LATE_SHARE, rng.random(count) * late_most_s, 0.0)
        again = np.flatnonzero(rng.random(count) < LATE_SHARE)
        index = np.concatenate([np.arange(count), again])
        arrives = np.concatenate([self.fixes[:, 1] + late, self.fixes[again, 1] + rng.random(len(again)) * late_most_s])
        order = np.argsort(arrives, kind="stable")
        return Arrivals(self, index[order], arrives[order])


@dataclass(frozen=True)
class Arrivals:
    """Positions by the second of the day at which they arrive."""

    day: Day
    index: NDArray[np.int64]
    arrives_s: Floats

    def __len__(self) -> int:
        return len(self.index)

    def batches(self, step_s: float) -> Iterator[tuple[datetime, list[Position]]]:
        """What arrives in each step of time, with the end of the step; the hours after the last are left out."""
        first = self.day.size.start_h * 3_600.0
        steps = int(np.ceil((float(self.arrives_s[-1]) - first) / step_s)) + 1 if len(self) else 0
        edges = np.searchsorted(self.arrives_s, first + step_s * np.arange(1, steps + 1), side="right")
        begin = 0
        for step, end in enumerate(edges.tolist(), start=1):
            yield MIDNIGHT + timedelta(seconds=first + step * step_s), self._positions(begin, end)
            begin = end

    def _positions(self, begin: int, end: int) -> list[Position]:
        rows = self.day.fixes[self.index[begin:end]].tolist()
        arrived = self.arrives_s[begin:end].tolist()
        name = self.day.size.patroller
        return [
            Position(
                name(int(person)),
                MIDNIGHT + timedelta(seconds=at_s),
                MIDNIGHT + timedelta(seconds=arrives_s),
                lon,
                lat,
                accuracy_m=accuracy,
            )
            for (person, at_s, lon, lat, accuracy), arrives_s in zip(rows, arrived, strict=True)
        ]


def make_day(size: Size, seed: int) -> Day:
    """The same day for the same seed."""
    rng = np.random.default_rng(seed)
    points = [_point(size, rng, number) for number in range(size.points)]
    lines = [_line(size, rng, number) for number in range(size.lines)]
    targets: list[list[tuple[float, float]]] = [[_xy(point.lonlat)] for point in points]
    targets += [[_xy(corner) for corner in line.corners] for line in lines]
    tracks = [_track(size, rng, person, targets, len(points)) for person in range(size.patrollers)]
    fixes = np.concatenate(tracks)
    return Day(size, points, lines, fixes[np.lexsort((fixes[:, 0], fixes[:, 1]))])


def _point(size: Size, rng: np.random.Generator, number: int) -> PlannedPoint:
    node = rng.integers(0, size.blocks + 1, 2) * BLOCK_M
    return PlannedPoint(
        f"point{number:03}",
        _lonlat(float(node[0]) + float(rng.uniform(0, BLOCK_M)), float(node[1])),
        _windows(size, rng, size.point_windows, size.window_min),
        _assigned(size, rng),
        int(rng.choice([0, size.dwell_s, 2 * size.dwell_s])),
    )


def _line(size: Size, rng: np.random.Generator, number: int) -> PlannedLine:
    """A street of a few blocks with one corner."""
    east, north = (rng.integers(0, size.blocks, 2) * BLOCK_M).tolist()
    across, up = (rng.integers(1, 4, 2) * BLOCK_M).tolist()
    corners = [(east, north), (east + across, north), (east + across, north + up)]
    return PlannedLine(
        f"line{number:03}",
        [_lonlat(*corner) for corner in corners],
        _windows(size, rng, size.line_windows, 2.0 * size.window_min),
        _assigned(size, rng),
        bool(rng.random() < 0.2),
    )


def _windows(size: Size, rng: np.random.Generator, count: int, length_min: float) -> list[dict[str, str]]:
    """Windows spread over the hours of the day, each beginning somewhere in its share of them."""
    share_min = size.hours * 60.0 / count
    length = min(length_min, share_min - 2.0)
    starts = [size.start_h * 60.0 + share_min * i + rng.uniform(1.0, share_min - length) for i in range(count)]
    return [{"start": _clock(start), "end": _clock(start + length)} for start in starts]


def _clock(minutes: float) -> str:
    whole = min(int(minutes), 24 * 60 - 1)
    return f"{whole // 60:02}:{whole % 60:02}:00"


def _assigned(size: Size, rng: np.random.Generator) -> str | None:
    return size.patroller(int(rng.integers(0, size.patrollers))) if rng.random() < 0.7 else None


def _track(
    size: Size, rng: np.random.Generator, person: int, targets: list[list[tuple[float, float]]], points: int
) -> Floats:
    """One person's fixes: from target to target along the streets, staying at points, walking lines."""
    mps = 1.4 if rng.random() < 0.7 else 4.0
    end_s = size.hours * 3_600.0
    here = (float(rng.integers(0, size.blocks + 1) * BLOCK_M), float(rng.integers(0, size.blocks + 1) * BLOCK_M))
    times, xs, ys = [0.0], [here[0]], [here[1]]

    def go(east: float, north: float) -> None:
        times.append(times[-1] + max(1e-3, float(np.hypot(east - xs[-1], north - ys[-1])) / mps))
        xs.append(east)
        ys.append(north)

    while times[-1] < end_s:
        away = [abs(way[0][0] - xs[-1]) + abs(way[0][1] - ys[-1]) for way in targets]
        choice = int(rng.choice(np.argsort(away)[: max(3, len(targets) // 8)]))
        way = targets[choice]
        go(way[0][0], ys[-1])
        for corner in way:
            go(*corner)
        if choice < points or rng.random() < 0.1:
            times.append(times[-1] + float(rng.uniform(30.0, 3.0 * size.dwell_s)))
            xs.append(xs[-1])
            ys.append(ys[-1])
        elif rng.random() < 0.3:
            for corner in way[::-1]:
                go(*corner)
    return _received(size, rng, person, np.array(times), np.array(xs), np.array(ys))


def _received(size: Size, rng: np.random.Generator, person: int, times: Floats, xs: Floats, ys: Floats) -> Floats:
    """What the phone makes of it: an error that wanders, spells of poor reception, spells of silence."""
    at_s = np.arange(float(rng.uniform(0, size.every_s)), size.hours * 3_600.0, size.every_s)
    at_s = np.floor(at_s * 1_000.0) / 1_000.0
    accuracy = rng.choice([5.0, 8.0, 12.0, 20.0]) + np.zeros_like(at_s)
    kept = np.ones(len(at_s), dtype=bool)
    for _ in range(max(1, int(size.hours))):
        begin = rng.uniform(0, size.hours * 3_600.0)
        spell = (at_s >= begin) & (at_s < begin + rng.uniform(60.0, 900.0))
        if rng.random() < 0.5:
            kept &= ~spell
        else:
            accuracy[spell] = 180.0
    memory = 0.95
    wander = lfilter([np.sqrt(1.0 - memory**2)], [1.0, -memory], rng.normal(0.0, 1.0, (2, len(at_s))), axis=1)
    error_m = np.minimum(accuracy, 60.0) / 2.5
    xy = np.stack([np.interp(at_s, times, xs) + wander[0] * error_m, np.interp(at_s, times, ys) + wander[1] * error_m])
    lonlat = FRAME.to_lonlat(xy.T)
    second = size.start_h * 3_600.0 + at_s
    rows = np.stack([np.full(len(at_s), float(person)), second, lonlat[:, 0], lonlat[:, 1], accuracy], axis=1)
    return rows[kept]


def _lonlat(east_m: float, north_m: float) -> tuple[float, float]:
    lon, lat = FRAME.to_lonlat([east_m, north_m])
    return float(lon), float(lat)


def _xy(lonlat: tuple[float, float]) -> tuple[float, float]:
    east, north = FRAME.to_xy(lonlat)
    return float(east), float(north)
