"""Reads what the store knows of persons around a duty: their tracks as arrays, and who was near and when."""

from collections.abc import Iterable

import numpy as np
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from command_center.ingest.tables import PositionRow
from command_center.patrol.proof.boxes import Box
from command_center.patrol.proof.fixes import ACCURACY_M, AT_S, TRUSTED, Floats
from command_center.patrol.proof.watch import Span

# A position that ingest has a reason to doubt proves nothing.
TRUST = PositionRow.flags == 0
COLUMNS = (
    PositionRow.at_ms,
    PositionRow.accuracy_m,
    PositionRow.lon,
    PositionRow.lat,
    TRUST.label("trusted"),
    PositionRow.received_ms,
)
# Asked often, so it is put together once.
TRACK = (
    select(*COLUMNS)
    .where(PositionRow.person_id == bindparam("person_id"))
    .where(PositionRow.at_ms.between(bindparam("since_ms"), bindparam("until_ms")))
    .order_by(PositionRow.at_ms)
)


def load_track(db: Session, person_id: str, since_ms: int, until_ms: int) -> Floats:
    """(n, 6) fields of `Fix` and the time of arrival in ms of what is stored of a person, in order of event time."""
    found = db.connection().execute(TRACK, {"person_id": person_id, "since_ms": since_ms, "until_ms": until_ms}).all()
    if not found:
        return np.empty((0, TRUSTED + 2))
    # As plain tuples: numpy reads rows of the engine a hundred times slower.
    rows = np.array([tuple(row) for row in found], dtype=np.float64)
    rows[:, AT_S] /= 1000.0
    # A driver that gives no error tells nothing, which is not the same as a perfect fix.
    unknown = np.isnan(rows[:, ACCURACY_M])
    rows[unknown, ACCURACY_M] = np.inf
    return rows


def spans_within(db: Session, persons: Iterable[str], box: Box, since_s: float, until_s: float) -> dict[str, Span]:
    """First and last time (seconds) of each person within a box of degrees, in a closed span of event time."""
    query = (
        select(PositionRow.person_id, func.min(PositionRow.at_ms), func.max(PositionRow.at_ms))
        .where(PositionRow.person_id.in_(list(persons)))
        .where(PositionRow.at_ms.between(round(since_s * 1000.0), round(until_s * 1000.0)))
        .where(PositionRow.lon.between(box.west, box.east), PositionRow.lat.between(box.south, box.north))
        .group_by(PositionRow.person_id)
    )
    return {person_id: (first / 1000.0, last / 1000.0) for person_id, first, last in db.execute(query)}
