"""Reads what the store knows of persons around a duty: their tracks as arrays, and who was near and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from command_center.ingest.tables import PositionRow
from command_center.patrol.proof.fixes import ACCURACY_M, LONGEST_GAP_S, TRUSTED, Floats
from command_center.patrol.proof.watch import Box, Span

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
# Asked thousands of times an hour, so it is put together once.
TRACK = (
    select(*COLUMNS)
    .where(PositionRow.person_id == bindparam("person_id"))
    .where(PositionRow.at_ms.between(bindparam("since_ms"), bindparam("until_ms")))
    .order_by(PositionRow.at_ms)
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Tracks by person, as (n, 5) rows of `Fix` fields, and when the latest of them had reached us (ms; 0: none)."""

    tracks: Mapping[str, Floats]
    received_ms: int = 0


def gather(db: Session, spans: Mapping[str, Span]) -> Evidence:
    """The tracks of persons, each within a span of event time in seconds and the longest gap around it."""
    tracks, received_ms = dict[str, Floats](), 0
    for person_id, (since_s, until_s) in spans.items():
        track, latest_ms = read_track(db, person_id, since_s - LONGEST_GAP_S, until_s + LONGEST_GAP_S)
        tracks[person_id] = track
        received_ms = max(received_ms, latest_ms)
    return Evidence(tracks, received_ms)


def read_track(db: Session, person_id: str, since_s: float, until_s: float) -> tuple[Floats, int]:
    """(n, 5) rows of `Fix` fields in order of event time, and the latest time of arrival in ms (0: no rows)."""
    span = {"person_id": person_id, "since_ms": round(since_s * 1000.0), "until_ms": round(until_s * 1000.0)}
    found = db.connection().execute(TRACK, span).all()
    if not found:
        return np.empty((0, 5)), 0
    # As plain tuples: numpy reads rows of the engine a hundred times slower.
    rows = np.array([tuple(row) for row in found], dtype=np.float64)
    rows[:, 0] /= 1000.0
    # A driver that gives no error tells nothing, which is not the same as a perfect fix.
    unknown = np.isnan(rows[:, ACCURACY_M])
    rows[unknown, ACCURACY_M] = np.inf
    return rows[:, : TRUSTED + 1], int(rows[:, TRUSTED + 1].max())


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
