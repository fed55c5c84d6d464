"""Signals of the video engine become facts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import delete

from command_center.ingest.facts import signal_fact
from command_center.ingest.position import to_ms
from command_center.ingest.queries import open_signals
from command_center.ingest.tables import PositionRow, SignalRow
from command_center.timeline import Transaction

# Tells only that something moves: a measure, not an event. Counted, never stored.
TELEMETRY_KINDS = frozenset({"motion"})

AreaOfCamera = Callable[[str], str | None]


class FeedSignal(Protocol):
    """What the video engine reports of a feed; `box` is (x, y, w, h) in fractions of the picture."""

    @property
    def id(self) -> str: ...
    @property
    def feed_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def score(self) -> float: ...
    @property
    def box(self) -> Sequence[float] | None: ...
    @property
    def detail(self) -> Mapping[str, Any]: ...


class SignalCounts:
    """What was taken, by kind, and what could not be placed; for the metrics."""

    def __init__(self) -> None:
        self.telemetry: Counter[str] = Counter()
        self.unknown_feeds: Counter[str] = Counter()


def take_signal(
    tx: Transaction, signal: FeedSignal, area_of_camera: AreaOfCamera, counts: SignalCounts | None = None
) -> SignalRow | None:
    """Store a signal's start or end and emit `ingest.signal_started` or `ingest.signal_ended`.

    A signal that was told already changes nothing; one whose start was never heard of is told from start to end.

    Args:
        tx: the transaction.
        signal: its `feed_id` is the id of the camera; `ended_at` is None at the start.
        area_of_camera: area code by camera id, None for a camera that the town does not have.
        counts: where telemetry and unknown feeds are counted.

    Returns:
        The row, or None for telemetry and for feeds of no camera.
    """
    if signal.kind in TELEMETRY_KINDS:
        if counts is not None:
            counts.telemetry[signal.kind] += 1
        return None
    row = tx.session.get(SignalRow, signal.id, with_for_update=True)
    if row is None:
        area = area_of_camera(signal.feed_id)
        if area is None:
            if counts is not None:
                counts.unknown_feeds[signal.feed_id] += 1
            return None
        row = _start(tx, signal, area)
    if signal.ended_at is not None and row.ended_at is None:
        row.score, row.detail = signal.score, {**row.detail, **signal.detail}
        _end(tx, row, at=signal.ended_at)
    return row


def end_open_signals(tx: Transaction, *, at: datetime, why: str) -> int:
    """End every signal still open, e.g. those whose end was missed while the hall was down. Returns how many.

    What is still wrong is reported anew by the video engine under a new id.
    """
    rows = open_signals(tx.session)
    for row in rows:
        row.detail = {**row.detail, "ended_because": why}
        _end(tx, row, at=at)
    return len(rows)


def forget_positions(tx: Transaction, *, before: datetime) -> None:
    """Delete what was received before a time: tracks of people are kept no longer than they are needed."""
    tx.session.execute(delete(PositionRow).where(PositionRow.received_ms < to_ms(before)))


def _start(tx: Transaction, signal: FeedSignal, area: str) -> SignalRow:
    row = SignalRow(
        id=signal.id,
        camera_id=signal.feed_id,
        area=area,
        kind=signal.kind,
        started_at=signal.started_at,
        received_at=tx.now,
        ended_at=None,
        score=signal.score,
        box=list(signal.box) if signal.box is not None else None,
        detail=dict(signal.detail),
        version=1,
    )
    tx.session.add(row)
    tx.emit(signal_fact("ingest.signal_started", row, happened_at=row.started_at, received_at=tx.now))
    return row


def _end(tx: Transaction, row: SignalRow, *, at: datetime) -> None:
    row.ended_at = max(at, row.started_at)
    row.version += 1
    tx.emit(signal_fact("ingest.signal_ended", row, happened_at=row.ended_at, received_at=tx.now))
