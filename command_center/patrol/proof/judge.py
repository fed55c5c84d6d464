"""How long somebody was at a point, from positions alone. Pure: any order of the same fixes gives the same answer.

Between two fixes at most two minutes apart a person is taken to move straight and evenly. A stay begins and ends inside
the radius and survives excursions beyond it that are no longer than the receiver's own error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from command_center.patrol.proof.boxes import Box
from command_center.patrol.proof.fixes import (
    AT_S,
    LAT,
    LON,
    LONGEST_GAP_S,
    MOST_ACCURACY_M,
    Fix,
    Floats,
    Track,
    error_m,
    proving,
)
from gis.metric import LocalFrame

__all__ = ["Fix", "Requirement", "Stay", "Verdict", "credit", "judge", "stays"]


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
    """Who met the requirement first and when, or None; and how far it was met.

    Attributes:
        visited_by: who is credited; of a street the one who walked most of it.
        visited_at_s: when the requirement was met.
        stay: the longest stay of that person, else of anybody; of a street None.
        share: part of a street that is proved, 0 to 1; of a point None.
        done: the proved parts of a street as (from, to) in shares of its length.
        walked: share of a street by person, of whoever passed a piece first.
    """

    visited_by: str | None
    visited_at_s: float | None
    stay: Stay | None
    share: float | None = None
    done: tuple[tuple[float, float], ...] = ()
    walked: Mapping[str, float] | None = None

    @property
    def dwell_s(self) -> int:
        """Whole seconds of the longest stay."""
        return int(self.stay.length_s + 1e-6) if self.stay else 0


def judge(evidence: Mapping[str, Track], requirement: Requirement, *, doubted: bool = False) -> Verdict:
    """Decide on the tracks of all who may have been there, by person; `doubted` counts untrusted fixes too."""
    found = {person_id: stays(track, requirement, doubted=doubted) for person_id, track in evidence.items()}
    return credit(found, requirement)


def credit(found: Mapping[str, Sequence[Stay]], requirement: Requirement) -> Verdict:
    """The verdict on the stays of each person, who is credited first and who stayed longest."""
    best: tuple[float, str, Stay] | None = None
    longest: Stay | None = None
    for person_id in sorted(found):
        own_stays = found[person_id]
        if not own_stays:
            continue
        own = max(own_stays, key=lambda stay: (stay.length_s, -stay.start_s))
        if longest is None or own.length_s > longest.length_s:
            longest = own
        enough = next((stay for stay in own_stays if stay.length_s >= requirement.dwell_s - 1e-6), None)
        if enough is not None and (best is None or enough.start_s < best[0]):
            best = (enough.start_s, person_id, own)
    if best is None:
        return Verdict(None, None, longest)
    return Verdict(best[1], best[0] + requirement.dwell_s, best[2])


def stays(track: Track, requirement: Requirement, *, doubted: bool = False) -> list[Stay]:
    """All stays of one person within the window, in order of time."""
    rows = proving(track, doubted=doubted)
    if not len(rows):
        return []
    spans = _touches(rows, requirement)
    if not len(spans):
        return []
    reached = np.maximum.accumulate(spans[:, 1])
    runs = np.concatenate([[0], np.flatnonzero(spans[1:, 0] > reached[:-1] + 1e-6) + 1])
    inside = spans[:, 2] <= spans[:, 3]
    first = np.minimum.reduceat(np.where(inside, spans[:, 2], np.inf), runs)
    last = np.maximum.reduceat(np.where(inside, spans[:, 3], -np.inf), runs)
    return [Stay(float(start), float(end)) for start, end in zip(first, last, strict=True) if start <= end]


def _touches(rows: Floats, requirement: Requirement) -> Floats:
    """Rows of (outer start, outer end, inner start, inner end), by start; an inner start after its end means none.

    One row for each stretch between two fixes and one for each fix alone, so that a lone fix counts too. What is
    plainly elsewhere is passed over: mostly a track is.
    """
    reach_m = requirement.radius_m + MOST_ACCURACY_M
    box = Box.around(requirement.lon, requirement.lat, reach_m).widened()
    stretches = np.flatnonzero((np.diff(rows[:, AT_S]) <= LONGEST_GAP_S) & box.met(rows))
    alone = np.flatnonzero(box.holds(rows))
    start, end = rows[np.concatenate([alone, stretches])], rows[np.concatenate([alone, stretches + 1])]
    begin, length = start[:, AT_S], end[:, AT_S] - start[:, AT_S]
    frame = LocalFrame(requirement.lon, requirement.lat)
    start_xy = frame.to_xy(start[:, [LON, LAT]])
    step_xy = frame.to_xy(end[:, [LON, LAT]]) - start_xy
    slack_m = np.maximum(error_m(start), error_m(end))
    columns = []
    for radius_m in (requirement.radius_m + slack_m, np.full_like(slack_m, requirement.radius_m)):
        touches, enter, leave = _crossing(start_xy, step_xy, radius_m)
        columns.append(np.maximum(np.where(touches, begin + enter * length, np.inf), requirement.start_s))
        columns.append(np.minimum(np.where(touches, begin + leave * length, -np.inf), requirement.end_s))
    spans = np.stack(columns, axis=1)
    spans = spans[spans[:, 0] <= spans[:, 1]]
    return spans[np.lexsort((spans[:, 1], spans[:, 0]))]


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
