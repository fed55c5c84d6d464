"""What cameras would have told at other settings: kept some days, so that a person can try a setting on what has been.

A town of 1447 cameras makes about 20 a second, so they are stored in batches and kept out of the log.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from command_center.ingest.tables import TraceRow
from command_center.timeline import Transaction
from video.model import SignalKind, Trace

# About three hours of a town: one deletion holds the writers up for a second at most.
SWEPT_AT_ONCE = 200_000


def store(tx: Transaction, traces: Sequence[Trace]) -> None:
    """Keep traces that are over."""
    if traces:
        tx.session.execute(insert(TraceRow), [_row(trace) for trace in traces])


def traces(session: Session, camera_id: str, since: datetime, until: datetime, *, limit: int = 20_000) -> list[Trace]:
    """Traces of one camera that began in [since, until), oldest first."""
    query = (
        select(TraceRow)
        .where(TraceRow.camera_id == camera_id, TraceRow.started_at >= since, TraceRow.started_at < until)
        .order_by(TraceRow.started_at)
        .limit(limit)
    )
    return [_trace(row) for row in session.scalars(query)]


def forget(tx: Transaction, *, before: datetime, limit: int = SWEPT_AT_ONCE) -> int:
    """Delete traces that ended before a time, the oldest first, about `limit` at most; returns how many went."""
    oldest = select(TraceRow.ended_at).where(TraceRow.ended_at < before).order_by(TraceRow.ended_at)
    next_one = tx.session.scalar(oldest.offset(limit).limit(1))
    gone = tx.session.execute(delete(TraceRow).where(TraceRow.ended_at < (next_one or before)))
    return int(getattr(gone, "rowcount", 0))


def _row(trace: Trace) -> dict[str, Any]:
    return {
        "camera_id": trace.feed_id,
        "kind": trace.kind,
        "started_at": trace.started_at,
        "ended_at": trace.ended_at,
        "needs": trace.needs,
        "score": trace.score,
        "box": list(trace.box) if trace.box is not None else None,
        "zone": trace.zone,
    }


def _trace(row: TraceRow) -> Trace:
    box = None if row.box is None else (row.box[0], row.box[1], row.box[2], row.box[3])
    kind = cast(SignalKind, row.kind)
    return Trace(row.camera_id, kind, row.started_at, row.ended_at, row.needs, row.score, box, row.zone)
