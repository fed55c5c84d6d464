"""When each place was seen, by feet and by eyes, and for how long it was not although it should have been. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from command_center.patrol.days.presence import Presence
from gis.metric import LocalFrame
from gis.sight import sight

DAY_S = 86_400.0
DAY_MIN = 1440
# Beyond its radius a place is still reached by a receiver that is off as much as usual.
USUAL_ERROR_M = 10.0

Span = tuple[float, float]
Lonlat = tuple[float, float]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spot:
    """A point, or a street as places along it. `windows` are spans of the day in seconds; `gap_s` None: no limit.

    Attributes:
        lonlat: (n, 2) degrees WGS84.
    """

    id: str
    lonlat: Floats
    reach_m: float
    windows: tuple[Span, ...]
    gap_s: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A camera's picture that somebody looked at and could judge, so many seconds after local midnight."""

    camera_id: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Eye:
    """A camera as it stands."""

    id: str
    lonlat: Lonlat
    heading_deg: float
    fov_deg: float
    range_m: float


@dataclass(frozen=True, slots=True)
class Seen:
    """One place over the day, by hour.

    Attributes:
        feet: minutes in which somebody was there.
        eyes: pictures of it that were looked at.
        over_min: minutes for which it had been unseen longer than its gap, within its windows, up to now.
        longest_s: the longest time unseen within its windows, up to now.
    """

    feet: tuple[int, ...]
    eyes: tuple[int, ...]
    over_min: tuple[int, ...]
    longest_s: int


def seen(
    spots: Sequence[Spot],
    *,
    presence: Presence,
    stays: Mapping[str, Sequence[Span]],
    looks: Iterable[Look],
    eyes: Iterable[Eye],
    now_s: float,
) -> dict[str, Seen]:
    """Bring feet and eyes together for every place.

    Args:
        spots: points and streets.
        presence: everybody's minutes of the day.
        stays: what duties prove of a place beyond the minutes, as spans in seconds of the day.
        looks: at pictures.
        eyes: the cameras of the looks.
        now_s: seconds of the day that are past; later ones are nobody's fault.
    """
    if not spots:
        return {}
    feet = _by_feet(spots, presence)
    by_eyes = _by_eyes(spots, list(looks), list(eyes))
    return {
        spot.id: _one(spot, feet[index], stays.get(spot.id, ()), by_eyes[index], now_s)
        for index, spot in enumerate(spots)
    }


def _by_feet(spots: Sequence[Spot], presence: Presence) -> list[Bools]:
    """Minutes of the day in which anybody was at each place."""
    found = [np.zeros(DAY_MIN, dtype=bool) for _ in spots]
    if not len(presence.minute):
        return found
    frame = LocalFrame.around(spots[0].lonlat[0])
    here = frame.to_xy(presence.lonlat)
    order = np.argsort(here[:, 0], kind="stable")
    here, minute = here[order], presence.minute[order]
    places, ends = (
        frame.to_xy(np.concatenate([spot.lonlat for spot in spots])),
        np.cumsum([len(spot.lonlat) for spot in spots]),
    )
    for spot, there, of in zip(spots, found, np.split(places, ends[:-1]), strict=True):
        reach_m = spot.reach_m + USUAL_ERROR_M
        for x, y in of:
            # In a band as wide as the reach few positions are left to be measured: no index pays for itself.
            band = slice(*np.searchsorted(here[:, 0], [x - reach_m, x + reach_m]).tolist())
            near = np.hypot(here[band, 0] - x, here[band, 1] - y) <= reach_m
            there[minute[band][near]] = True
    return found


def _by_eyes(spots: Sequence[Spot], looks: Sequence[Look], eyes: Sequence[Eye]) -> list[list[float]]:
    """Moments at which each place was in a picture that was looked at."""
    moments: list[list[float]] = [[] for _ in spots]
    if not looks or not eyes:
        return moments
    at: dict[str, list[float]] = {}
    for look in looks:
        at.setdefault(look.camera_id, []).append(look.at_s)
    frame = LocalFrame.around(spots[0].lonlat[0])
    lonlat = np.concatenate([spot.lonlat for spot in spots])
    owner = np.repeat(np.arange(len(spots)), [len(spot.lonlat) for spot in spots])
    tree = cKDTree(frame.to_xy(lonlat))
    for eye in eyes:
        near = tree.query_ball_point(frame.to_xy(np.array(eye.lonlat)), eye.range_m)
        shown = {int(owner[row]) for row in near if _sees(eye, lonlat[row])}
        for index in shown:
            moments[index] += at.get(eye.id, [])
    return [sorted(some) for some in moments]


def _sees(eye: Eye, place: Floats) -> bool:
    return sight(eye.lonlat, eye.heading_deg, eye.fov_deg, eye.range_m, place).sees


def _one(spot: Spot, there: Bools, stays: Sequence[Span], eyes: Sequence[float], now_s: float) -> Seen:
    for start_s, end_s in stays:
        there[int(max(0.0, start_s) // 60) : int(min(DAY_S - 1, end_s) // 60) + 1] = True
    moments = np.sort(np.concatenate([np.flatnonzero(there) * 60.0, np.array(eyes, dtype=np.float64)]))
    over = np.zeros(24)
    longest_s = 0.0
    for start_s, end_s in spot.windows:
        edges = unseen(moments, max(0.0, start_s), min(end_s, now_s, DAY_S))
        gaps = np.diff(edges)
        longest_s = max(longest_s, float(gaps.max(initial=0.0)))
        for number in np.flatnonzero(gaps > spot.gap_s).tolist() if spot.gap_s is not None else ():
            _add_hours(over, edges[number] + (spot.gap_s or 0), edges[number + 1])
    feet: list[int] = there.reshape(24, 60).sum(axis=1).tolist()
    return Seen(tuple(feet), _hours(eyes), tuple(np.round(over / 60.0).astype(int).tolist()), round(longest_s))


def unseen(moments: Floats, start_s: float, end_s: float) -> Floats:
    """The start of a span, the moments within it and its end: between two neighbours nothing was seen.

    Args:
        moments: sorted.
        start_s, end_s: of the span; nothing is left of one that ends before it starts.
    """
    if end_s <= start_s:
        return np.empty(0)
    first, last = np.searchsorted(moments, start_s, "right"), np.searchsorted(moments, end_s, "left")
    return np.concatenate([[start_s], moments[first:last], [end_s]])


def _hours(moments: Iterable[float]) -> tuple[int, ...]:
    counts = [0] * 24
    for moment in moments:
        if 0.0 <= moment < DAY_S:
            counts[int(moment // 3600)] += 1
    return tuple(counts)


def _add_hours(seconds: Floats, start_s: float, end_s: float) -> None:
    """Add a span to the hours of the day it lies in."""
    for hour in range(int(start_s // 3600), min(24, int(end_s // 3600) + 1)):
        seconds[hour] += max(0.0, min(end_s, (hour + 1) * 3600.0) - max(start_s, hour * 3600.0))
