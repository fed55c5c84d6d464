"""How long somebody was at a point, from positions alone. Pure: any order of the same fixes gives the same answer.

Between two fixes at most two minutes apart a person is taken to move straight and evenly. A stay begins and ends inside
the radius and survives excursions beyond it that are no longer than the receiver's own error.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.metric import LocalFrame

Floats = NDArray[np.float64]

LONGEST_GAP_S = 120.0
# Receivers report 15 to 20 m where they are good; worse than POOR_M a fix proves nothing.
USUAL_ACCURACY_M = 15.0
LEAST_ACCURACY_M = 10.0
MOST_ACCURACY_M = 40.0
POOR_M = 100.0


@dataclass(frozen=True, slots=True, order=True)
class Fix:
    """Where one person was: seconds since 1970, degrees WGS84, radius of error in metres (inf: not known)."""

    at_s: float
    accuracy_m: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Requirement:
    """Be within `radius_m` of a place for `dwell_s` without a break, in the closed window [start_s, end_s]."""

    lon: float
    lat: float
    radius_m: float
    dwell_s: float
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Stay:
    """One unbroken stay, from the first to the last moment within the radius."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who met the requirement first and when, or None; and the longest stay of that person, else of anybody."""

    visited_by: str | None
    visited_at_s: float | None
    stay: Stay | None

    @property
    def dwell_s(self) -> int:
        """Whole seconds of the longest stay."""
        return int(self.stay.length_s + 1e-6) if self.stay else 0


def judge(evidence: Mapping[str, Iterable[Fix]], requirement: Requirement) -> Verdict:
    """Decide on the tracks of all who may have been there, by person."""
    best: tuple[float, str, Stay] | None = None
    longest: Stay | None = None
    for person_id in sorted(evidence):
        found = stays(evidence[person_id], requirement)
        if not found:
            continue
        own = max(found, key=lambda stay: (stay.length_s, -stay.start_s))
        if longest is None or own.length_s > longest.length_s:
            longest = own
        enough = next((stay for stay in found if stay.length_s >= requirement.dwell_s - 1e-6), None)
        if enough is not None and (best is None or enough.start_s < best[0]):
            best = (enough.start_s, person_id, own)
    if best is None:
        return Verdict(None, None, longest)
    return Verdict(best[1], best[0] + requirement.dwell_s, best[2])


def stays(fixes: Iterable[Fix], requirement: Requirement) -> list[Stay]:
    """All stays of one person within the window, in order of time."""
    at_s, xy, accuracy_m = _arrays(fixes, requirement)
    if not len(at_s):
        return []
    spans = _touches(at_s, xy, accuracy_m, requirement)
    found: list[Stay] = []
    run_end, first, last = -np.inf, np.inf, -np.inf
    for outer_start, outer_end, inner_start, inner_end in spans:
        if outer_start > run_end + 1e-6:
            if first <= last:
                found.append(Stay(first, last))
            first, last = np.inf, -np.inf
        run_end = max(run_end, outer_end)
        if inner_start <= inner_end:
            first, last = min(first, inner_start), max(last, inner_end)
    if first <= last:
        found.append(Stay(first, last))
    return found


def _arrays(fixes: Iterable[Fix], requirement: Requirement) -> tuple[Floats, Floats, Floats]:
    """Times, metres from the point and errors, in order of time, without poor fixes and repeats."""
    kept: list[Fix] = []
    for fix in sorted(fixes):
        if (fix.accuracy_m <= POOR_M or fix.accuracy_m == np.inf) and (not kept or fix.at_s > kept[-1].at_s):
            kept.append(fix)
    at_s = np.array([fix.at_s for fix in kept])
    if not kept:
        return at_s, np.empty((0, 2)), at_s
    accuracy_m = np.array([fix.accuracy_m for fix in kept])
    accuracy_m[np.isinf(accuracy_m)] = USUAL_ACCURACY_M
    frame = LocalFrame(requirement.lon, requirement.lat)
    xy = frame.to_xy(np.array([(fix.lon, fix.lat) for fix in kept]))
    return at_s, xy, np.clip(accuracy_m, LEAST_ACCURACY_M, MOST_ACCURACY_M)


def _touches(at_s: Floats, xy: Floats, accuracy_m: Floats, requirement: Requirement) -> list[list[float]]:
    """Rows of (outer start, outer end, inner start, inner end), by start; an inner start after its end means none.

    One row for each stretch between two fixes and one for each fix alone, so that a lone fix counts too.
    """
    alone = np.zeros_like(at_s)
    stretch = np.diff(at_s) <= LONGEST_GAP_S
    begin = np.concatenate([at_s, at_s[:-1][stretch]])
    length = np.concatenate([alone, np.diff(at_s)[stretch]])
    start_xy = np.concatenate([xy, xy[:-1][stretch]])
    step_xy = np.concatenate([np.zeros_like(xy), np.diff(xy, axis=0)[stretch]])
    slack_m = np.concatenate([accuracy_m, np.maximum(accuracy_m[:-1], accuracy_m[1:])[stretch]])
    rows = []
    for radius_m in (requirement.radius_m + slack_m, np.full_like(slack_m, requirement.radius_m)):
        touches, enter, leave = _crossing(start_xy, step_xy, radius_m)
        rows.append(np.maximum(np.where(touches, begin + enter * length, np.inf), requirement.start_s))
        rows.append(np.minimum(np.where(touches, begin + leave * length, -np.inf), requirement.end_s))
    table = np.stack(rows, axis=1)
    table = table[table[:, 0] <= table[:, 1]]
    ordered: list[list[float]] = table[np.lexsort((table[:, 1], table[:, 0]))].tolist()
    return ordered


def _crossing(start_xy: Floats, step_xy: Floats, radius_m: Floats) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Whether each straight step touches a disc around the origin, and from which fraction of it to which."""
    a = np.sum(step_xy * step_xy, axis=1)
    b = np.sum(start_xy * step_xy, axis=1)
    c = np.sum(start_xy * start_xy, axis=1) - radius_m**2
    root = b * b - a * c
    moves = a > 1e-9
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.maximum(root, 0.0))
        enter = np.where(moves, (-b - spread) / a, 0.0)
        leave = np.where(moves, (-b + spread) / a, 1.0)
    inside = np.where(moves, (root >= 0.0) & (enter <= 1.0) & (leave >= 0.0), c <= 0.0)
    return inside, np.clip(enter, 0.0, 1.0), np.clip(leave, 0.0, 1.0)
