"""Stored positions and signals, read only."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from command_center.ingest.position import Flag, Position, from_ms, to_ms
from command_center.ingest.tables import DeviceStateRow, PositionRow, SignalRow

COLUMNS = (
    PositionRow.person_id,
    PositionRow.at_ms,
    PositionRow.received_ms,
    PositionRow.lon,
    PositionRow.lat,
    PositionRow.speed_mps,
    PositionRow.heading_deg,
    PositionRow.accuracy_m,
    PositionRow.flags,
)


def track(db: Session, person_id: str, *, since: datetime, until: datetime, flagged: bool = False) -> list[Position]:
    """Positions of one person in [since, until], in order of event time.

    Args:
        db: a session.
        person_id: of the town.
        since: begin, closed.
        until: end, closed.
        flagged: also those that prove nothing; each says why in its `flags`.
    """
    query = (
        select(*COLUMNS)
        .where(PositionRow.person_id == person_id, PositionRow.at_ms.between(to_ms(since), to_ms(until)))
        .order_by(PositionRow.at_ms)
    )
    if not flagged:
        query = query.where(PositionRow.flags == 0)
    return [_position(row) for row in db.execute(query)]


def received_since(db: Session, since: datetime) -> Iterator[Position]:
    """Positions of everybody that reached us at or after a time, in order of arrival, streamed."""
    query = select(*COLUMNS).where(PositionRow.received_ms >= to_ms(since)).order_by(PositionRow.received_ms)
    for row in db.execute(query.execution_options(yield_per=5_000)):
        yield _position(row)


def latest_positions(db: Session) -> list[Position]:
    """The latest stored position of every person, jumps left out."""
    newest = (
        select(PositionRow.person_id, func.max(PositionRow.at_ms).label("at_ms"))
        .where(PositionRow.flags.bitwise_and(int(Flag.impossible_speed)) == 0)
        .group_by(PositionRow.person_id)
        .subquery()
    )
    same = (PositionRow.person_id == newest.c.person_id) & (PositionRow.at_ms == newest.c.at_ms)
    return [_position(row) for row in db.execute(select(*COLUMNS).join(newest, same))]


def open_signals(db: Session) -> list[SignalRow]:
    """Signals that have not ended, the oldest first."""
    return list(db.scalars(select(SignalRow).where(SignalRow.ended_at.is_(None)).order_by(SignalRow.started_at)))


def device_states(db: Session) -> list[DeviceStateRow]:
    """How every device that was ever heard of was last."""
    return list(db.scalars(select(DeviceStateRow)))


def _position(row: Row[str, int, int, float, float, float | None, float | None, float | None, int]) -> Position:
    person_id, at_ms, received_ms, lon, lat, speed_mps, heading_deg, accuracy_m, flags = row
    at, received_at = from_ms(at_ms), from_ms(received_ms)
    return Position(person_id, at, received_at, lon, lat, speed_mps, heading_deg, accuracy_m, Flag(flags))
