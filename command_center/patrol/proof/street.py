"""How much of a street was walked, from positions alone. Pure: any order of the same fixes gives the same answer.

A street is cut into pieces of at most 10 m. A piece is passed when somebody moved at least 25 m past it, close to it
and within 45° of its direction; so neither crossing a street nor standing in it walks it. Between two fixes at most two
minutes apart a person is taken to move straight; where that line leaves the street, the street is not proved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from command_center.patrol.proof.boxes import Box
from command_center.patrol.proof.fixes import AT_S, LAT, LON, LONGEST_GAP_S, Floats, Track, error_m, proving
from command_center.patrol.proof.judge import Verdict
from gis.metric import LocalFrame

Ints = NDArray[np.int64]

PIECE_M = 10.0
# Half a street with its pavements; a receiver that knows itself worse is believed up to MOST_REACH_M, which keeps
# streets apart that run 50 m beside each other.
REACH_M = 15.0
MOST_REACH_M = 25.0
POOR_STREET_M = 50.0
# Shorter moves say little about direction: receivers wander by some metres.
MOVE_M = 25.0
LONGEST_MOVE_S = 900.0
ALONG = float(np.cos(np.radians(45.0)))
# Of somebody who stands, one fix every half a minute is enough; of one who moves, one every few metres.
KEPT_M = 5.0
KEPT_S = 30.0
MOST_PAIRS = 1_000_000


@dataclass(frozen=True)
class Street:
    """A line to be walked, cut into pieces of equal length.

    Attributes:
        line: (lon, lat) WGS84, at least two different places.
    """

    line: tuple[tuple[float, float], ...]

    @cached_property
    def frame(self) -> LocalFrame:
        return LocalFrame.around(np.array(self.line).mean(axis=0))

    @cached_property
    def _corners(self) -> tuple[Floats, Floats]:
        xy = self.frame.to_xy(np.array(self.line))
        return xy, np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])

    @cached_property
    def length_m(self) -> float:
        return float(self._corners[1][-1])

    @cached_property
    def count(self) -> int:
        return max(1, int(np.ceil(self.length_m / PIECE_M)))

    def _at(self, metres: Floats) -> Floats:
        xy, along = self._corners
        return np.stack([np.interp(metres, along, xy[:, 0]), np.interp(metres, along, xy[:, 1])], axis=1)

    @cached_property
    def middle_xy(self) -> Floats:
        """(p, 2) middle of each piece, metres in `frame`."""
        return self._at((np.arange(self.count) + 0.5) * self.length_m / self.count)

    @cached_property
    def direction(self) -> Floats:
        """(p, 2) unit vector from the start of each piece to its end."""
        ends = self._at(np.arange(self.count + 1) * self.length_m / self.count)
        step = np.diff(ends, axis=0)
        unit: Floats = step / np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
        return unit

    @cached_property
    def near(self) -> Box:
        """What lies outside is no part of a move past the street, nor a neighbour of one."""
        corners = self.frame.to_lonlat(self.middle_xy)
        return Box.around_all(corners, MOST_REACH_M + 2.0 * MOVE_M + 5.0 * KEPT_M).widened()

    def distances_m(self, lonlat: Floats) -> Floats:
        """(n,) metres from places (n, 2) to the nearest piece's middle."""
        xy = self.frame.to_xy(lonlat)
        away: Floats = np.hypot(*(xy[:, None, :] - self.middle_xy[None, :, :]).transpose(2, 0, 1)).min(axis=1)
        return away

    def middle_lonlat(self) -> tuple[float, float]:
        """The place half way."""
        lon, lat = self.frame.to_lonlat(self._at(np.array([self.length_m / 2.0]))[0])
        return float(lon), float(lat)


@dataclass(frozen=True, slots=True)
class StreetRequirement:
    """Walk `need_share` of a street within the closed window; there and back where `both_sides`."""

    street: Street
    need_share: float
    both_sides: bool
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Passes:
    """(p,) the earliest moment at which each piece was passed along its direction and against it; inf: never."""

    along_s: Floats
    against_s: Floats

    def both(self, both_sides: bool) -> Floats:
        """When each piece was done."""
        meet = np.maximum if both_sides else np.minimum
        return meet(self.along_s, self.against_s)

    @staticmethod
    def none(count: int) -> "Passes":
        return Passes(np.full(count, np.inf), np.full(count, np.inf))

    def add(self, other: "Passes") -> "Passes":
        """What either of two proves."""
        return Passes(np.minimum(self.along_s, other.along_s), np.minimum(self.against_s, other.against_s))


def judge_street(evidence: Mapping[str, Track], need: StreetRequirement, *, doubted: bool = False) -> Verdict:
    """Decide on the tracks of all who may count, by person; what several walked adds up."""
    found = {person_id: passes(evidence[person_id], need, doubted=doubted) for person_id in sorted(evidence)}
    return conclude(found, need)


def conclude(found: Mapping[str, Passes], need: StreetRequirement) -> Verdict:
    """The verdict on what each person passed."""
    count = need.street.count
    total = Passes.none(count)
    for own in found.values():
        total = total.add(own)
    done_s = total.both(need.both_sides)
    done = np.isfinite(done_s)
    share = float(done.sum()) / count
    walked = _walked(found, total, need, done)
    enough = max(1, int(np.ceil(need.need_share * count - 1e-9)))
    spans = _spans(done)
    if int(done.sum()) < enough:
        return Verdict(None, None, None, share, spans, walked)
    by = min(walked, key=lambda person_id: (-walked[person_id], person_id))
    return Verdict(by, float(np.sort(done_s)[enough - 1]), None, share, spans, walked)


def _walked(
    found: Mapping[str, Passes], total: Passes, need: StreetRequirement, done: NDArray[np.bool_]
) -> dict[str, float]:
    """Share of the street by person: each pass that counts belongs to whoever made it first."""
    first = total.both(False)
    wanted = [(total.along_s, done.copy()), (total.against_s, done.copy())]
    if not need.both_sides:
        wanted = [(total.along_s, done & (total.along_s == first)), (total.against_s, done & (total.along_s != first))]
    of = need.street.count * (2 if need.both_sides else 1)
    shares: dict[str, float] = {}
    for person_id in sorted(found):
        own = 0
        for way_s, (best_s, left) in zip((found[person_id].along_s, found[person_id].against_s), wanted, strict=True):
            mine = left & (way_s == best_s)
            left &= ~mine
            own += int(mine.sum())
        if own:
            shares[person_id] = own / of
    return shares


def passes(track: Track, need: StreetRequirement, *, doubted: bool = False) -> Passes:
    """Which pieces one person passed within the window, and when first."""
    street = need.street
    rows = proving(track, poor_m=POOR_STREET_M, doubted=doubted)
    found = Passes.none(street.count)
    kept = _around(rows, street)
    if len(kept) < 2:
        return found
    at_s, xy, error, run = _thinned(rows[kept], np.diff(kept) > 1, street)
    start, end = _moves(at_s, xy, run)
    near = _near(street, xy[start], xy[end])
    start, end = start[near], end[near]
    step = max(1, MOST_PAIRS // street.count)
    for first in range(0, len(start), step):
        some = slice(first, first + step)
        found = found.add(_passed(need, at_s, xy, error, start[some], end[some]))
    return found


def _around(rows: Floats, street: Street) -> Ints:
    """Numbers of the fixes from which a move past the street can begin or end, each with its neighbours.

    A move ends with the first fix MOVE_M away, so all fixes before that one are near where it began: a move near the
    street ends with a stretch near it, and began at most LONGEST_MOVE_S earlier.
    """
    ends_s = rows[1:, AT_S][street.near.met(rows)]
    if not len(ends_s):
        return np.empty(0, dtype=np.int64)
    following = np.minimum(np.searchsorted(ends_s, rows[:, AT_S]), len(ends_s) - 1)
    ahead_s = ends_s[following] - rows[:, AT_S]
    kept = (ahead_s >= 0.0) & (ahead_s <= LONGEST_MOVE_S)
    kept[1:] |= kept[:-1].copy()
    kept[:-1] |= kept[1:].copy()
    return np.flatnonzero(kept)


def _thinned(rows: Floats, parted: NDArray[np.bool_], street: Street) -> tuple[Floats, Floats, Floats, Ints]:
    """Times, metres, errors and the number of the unbroken run, of the fixes that tell something new.

    Args:
        rows: of one person.
        parted: (n - 1,) whether fixes between two were left out.
        street: in whose metres.
    """
    at_s = rows[:, AT_S]
    run = np.concatenate([[0], np.cumsum((np.diff(at_s) > LONGEST_GAP_S) | parted)])
    xy = street.frame.to_xy(rows[:, [LON, LAT]])
    cell = np.stack([np.floor(xy[:, 0] / KEPT_M), np.floor(xy[:, 1] / KEPT_M), np.floor(at_s / KEPT_S), run], axis=1)
    new = (np.diff(cell, axis=0) != 0.0).any(axis=1)
    # The last fix in a cell is kept as well as the first: a move begins where a stay ends.
    keep = np.concatenate([[True], new]) | np.concatenate([new, [True]])
    return at_s[keep], xy[keep], error_m(rows[keep], REACH_M, MOST_REACH_M), run[keep]


def _moves(at_s: Floats, xy: Floats, run: Ints) -> tuple[Ints, Ints]:
    """From each fix to the first later one that is MOVE_M away, over unbroken fixes and not over too long a time.

    That is farther than any error that is believed, MOST_REACH_M.
    """
    east, north = np.ascontiguousarray(xy.T)
    starts, ends = [], []
    active = np.arange(len(at_s))
    for ahead in range(1, len(at_s)):
        active = active[: np.searchsorted(active, len(at_s) - ahead)]
        later = active + ahead
        going = (run[later] == run[active]) & (at_s[later] - at_s[active] <= LONGEST_MOVE_S)
        if not going.all():
            active, later = active[going], later[going]
        if not len(active):
            break
        far = (east[later] - east[active]) ** 2 + (north[later] - north[active]) ** 2 >= MOVE_M**2
        starts.append(active[far])
        ends.append(later[far])
        active = active[~far]
    nothing = np.empty(0, dtype=np.int64)
    return np.concatenate([nothing, *starts]), np.concatenate([nothing, *ends])


def _near(street: Street, start_xy: Floats, end_xy: Floats) -> NDArray[np.bool_]:
    """Which moves come near the street's bounding box at all."""
    low, high = street.middle_xy.min(axis=0) - MOST_REACH_M, street.middle_xy.max(axis=0) + MOST_REACH_M
    meets = (np.maximum(start_xy, end_xy) >= low) & (np.minimum(start_xy, end_xy) <= high)
    return np.asarray(meets.all(axis=1))


def _passed(need: StreetRequirement, at_s: Floats, xy: Floats, error: Floats, start: Ints, end: Ints) -> Passes:
    """What some moves pass; (m, p) arrays."""
    street = need.street
    step = xy[end] - xy[start]
    length = np.hypot(step[:, 0], step[:, 1])
    unit = step / length[:, None]
    offset = street.middle_xy[None, :, :] - xy[start][:, None, :]
    ahead = (offset * unit[:, None, :]).sum(axis=2)
    aside = np.abs(offset[:, :, 0] * unit[:, None, 1] - offset[:, :, 1] * unit[:, None, 0])
    # Not as a product of matrices, whose last digit depends on how many moves are looked at together.
    turn = unit[:, None, 0] * street.direction[None, :, 0] + unit[:, None, 1] * street.direction[None, :, 1]
    half = street.length_m / street.count / 2.0
    reach = np.maximum(error[start], error[end])[:, None]
    close = (aside <= reach) & (ahead >= -half) & (ahead <= length[:, None] + half)
    begins, lasts = at_s[start][:, None], (at_s[end] - at_s[start])[:, None]
    fraction = np.clip(ahead / length[:, None], 0.0, 1.0)
    # Over a long slow move with stops nobody knows when a piece was passed; at its end it was.
    when = begins + np.where(lasts <= LONGEST_GAP_S, fraction, 1.0) * lasts
    close &= (when >= need.start_s) & (when <= need.end_s)
    return Passes(
        np.where(close & (turn >= ALONG), when, np.inf).min(axis=0, initial=np.inf),
        np.where(close & (turn <= -ALONG), when, np.inf).min(axis=0, initial=np.inf),
    )


def _spans(done: NDArray[np.bool_]) -> tuple[tuple[float, float], ...]:
    """Runs of done pieces as (from, to) in shares of the length, rounded to one part in 10,000."""
    edges = np.diff(np.concatenate([[0], done.astype(np.int8), [0]]))
    count = len(done)
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return tuple((round(float(a) / count, 4), round(float(b) / count, 4)) for a, b in zip(firsts, lasts, strict=True))
