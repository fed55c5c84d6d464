"""Tracks as arrays: positions of one person sorted by event time, without repeats and without what proves nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LONGEST_GAP_S = 120.0
# Receivers report 15 to 20 m where they are good; worse than POOR_M a fix proves nothing.
USUAL_ACCURACY_M = 15.0
LEAST_ACCURACY_M = 10.0
MOST_ACCURACY_M = 40.0
POOR_M = 100.0

AT_S, ACCURACY_M, LON, LAT, TRUSTED = range(5)


@dataclass(frozen=True, slots=True, order=True)
class Fix:
    """Where one person was: seconds since 1970, radius of error in metres (inf: not known), degrees WGS84.

    `trusted` is False where ingest found a reason to doubt the device; such a fix proves nothing.
    """

    at_s: float
    accuracy_m: float
    lon: float
    lat: float
    trusted: bool = True


# One person's positions in any order: fixes, or (n, 5) rows of their fields.
Track = Iterable[Fix] | Floats


def table(track: Track) -> Floats:
    """(n, 5) rows of `Fix` fields, in order of time; of two at one moment the more accurate comes first."""
    if isinstance(track, np.ndarray):
        rows = track.reshape(-1, 5)
    else:
        fixes = [(fix.at_s, fix.accuracy_m, fix.lon, fix.lat, float(fix.trusted)) for fix in track]
        rows = np.array(fixes, dtype=np.float64).reshape(-1, 5)
    if len(rows) > 1 and not (np.diff(rows[:, AT_S]) > 0.0).all():
        rows = rows[np.lexsort((rows[:, LAT], rows[:, LON], rows[:, ACCURACY_M], rows[:, AT_S]))]
    return rows


def proving(track: Track, *, poor_m: float = POOR_M, doubted: bool = False) -> Floats:
    """The rows that can prove something: one for each moment, accurate enough, trusted.

    Args:
        track: of one person.
        poor_m: fixes with a larger known error are left out.
        doubted: whether to keep those that are not trusted, too.
    """
    rows = table(track)
    good = (rows[:, ACCURACY_M] <= poor_m) | np.isinf(rows[:, ACCURACY_M])
    if not doubted:
        good &= rows[:, TRUSTED] > 0.0
    rows = rows[good]
    if len(rows) > 1:
        rows = rows[np.concatenate([[True], np.diff(rows[:, AT_S]) > 0.0])]
    return rows


def error_m(rows: Floats, least_m: float = LEAST_ACCURACY_M, most_m: float = MOST_ACCURACY_M) -> Floats:
    """(n,) the error to reckon with in metres: what the receiver says, the usual where it says nothing, bounded."""
    accuracy = rows[:, ACCURACY_M]
    return np.clip(np.where(np.isinf(accuracy), USUAL_ACCURACY_M, accuracy), least_m, most_m)
