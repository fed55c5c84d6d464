"""Why nobody is proved to have been there: absence, silence, poor reception and doubt are different things. Pure."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from command_center.patrol.proof.fixes import ACCURACY_M, AT_S, LAT, LON, MOST_ACCURACY_M, POOR_M, TRUSTED, Floats
from command_center.patrol.proof.judge import Requirement, judge
from command_center.patrol.proof.street import POOR_STREET_M, StreetRequirement, judge_street
from gis.metric import distances_m

Cause = Literal["not_visited", "device_silent", "poor_gps", "suspect", "called_away"]
Need = Requirement | StreetRequirement

# One bad fix is noise; that many say that the receiver could not see the sky.
LEAST_POOR = 3


@dataclass(frozen=True, slots=True)
class Absence:
    """Why nobody was there, as far as can be known.

    Attributes:
        cause: not_visited, device_silent, poor_gps, suspect, or called_away with its case.
        case_id: the case that called the person away.
        detail: how many fixes were poor or doubted (`fixes`) and how poor (`accuracy_m`, the median).
    """

    cause: Cause
    case_id: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def absence_of(person_id: str | None, rows: Floats, need: Need) -> Absence:
    """What the whole track of the assigned person within the window says of his absence.

    Args:
        person_id: who was assigned; None: nobody, and there is nothing to ask of a track.
        rows: (n, 5) fields of `Fix`, of that person.
        need: what was required.
    """
    rows = rows[(rows[:, AT_S] >= need.start_s) & (rows[:, AT_S] <= need.end_s)]
    if person_id is None:
        return Absence("not_visited")
    if not len(rows):
        return Absence("device_silent")
    doubted = int((rows[:, TRUSTED] <= 0.0).sum())
    if doubted and (doubted == len(rows) or _would_do(person_id, rows, need)):
        return Absence("suspect", detail={"fixes": doubted})
    poor = _poor_there(rows, need)
    if len(poor) >= LEAST_POOR and _could_be(person_id, rows, poor, need):
        accuracy_m = round(float(np.median(rows[poor, ACCURACY_M])))
        return Absence("poor_gps", detail={"fixes": len(poor), "accuracy_m": accuracy_m})
    return Absence("not_visited")


def _would_do(person_id: str, rows: Floats, need: Need) -> bool:
    """Whether the duty would be done if every fix were trusted."""
    if isinstance(need, StreetRequirement):
        return judge_street({person_id: rows}, need, doubted=True).visited_by is not None
    return judge({person_id: rows}, need, doubted=True).visited_by is not None


def _poor_there(rows: Floats, need: Need) -> list[int]:
    """Rows whose error is too large to prove anything, yet whose circle of error reaches the place."""
    street = isinstance(need, StreetRequirement)
    limit_m = POOR_STREET_M if street else POOR_M
    poor = np.flatnonzero((rows[:, ACCURACY_M] > limit_m) & np.isfinite(rows[:, ACCURACY_M]))
    places = rows[poor][:, [LON, LAT]]
    if isinstance(need, StreetRequirement):
        away = need.street.distances_m(places)
    else:
        away = distances_m(places, (need.lon, need.lat)) - need.radius_m
    found: list[int] = poor[away <= rows[poor, ACCURACY_M]].tolist()
    return found


def _could_be(person_id: str, rows: Floats, poor: list[int], need: Need) -> bool:
    """Whether the duty may have been done: at a point if the poor fixes had stood on it, on a street if most are."""
    if isinstance(need, StreetRequirement):
        return 2 * len(poor) >= len(rows)
    rows = rows.copy()
    rows[poor, ACCURACY_M] = MOST_ACCURACY_M
    rows[np.ix_(poor, [LON, LAT])] = (need.lon, need.lat)
    return _would_do(person_id, rows, need)
