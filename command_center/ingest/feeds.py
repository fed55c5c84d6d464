"""Which cameras have a picture, where it comes from, and what is watched for in it."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from command_center.ingest.tables import FeedRow
from command_center.timeline import Transaction
from video.model import FeedSpec
from video.wire import zone_from_json

DEFAULT_SENSITIVITY = 0.5


def set_feeds(tx: Transaction, feeds: Iterable[FeedSpec]) -> None:
    """Let exactly these cameras have a picture from now on.

    What a person has edited of a camera that stays is kept; only its address follows the list.
    """
    wanted = {feed.id: feed for feed in feeds}
    there = {row.camera_id: row for row in tx.session.scalars(select(FeedRow))}
    tx.session.execute(delete(FeedRow).where(FeedRow.camera_id.in_(there.keys() - wanted.keys())))
    for feed in wanted.values():
        row = there.get(feed.id)
        if row is None:
            tx.session.add(row := FeedRow(camera_id=feed.id, edited=False, retention_days=None))
        row.url = feed.url
        if not row.edited:
            write_choices(row, feed)


def write_choices(row: FeedRow, feed: FeedSpec) -> None:
    """What a person may choose of a feed: everything but its address."""
    row.zones = [asdict(zone) for zone in feed.zones]
    row.sensitivity = feed.sensitivity
    row.detectors = sorted(feed.detectors) if feed.detectors is not None else None
    row.pinned = feed.pinned
    row.busy_hours = [list(span) for span in feed.busy_hours]
    row.confirm = feed.confirm


def feeds(session: Session) -> list[FeedSpec]:
    """Every feed, as the monitor wants it."""
    return [feed_of(row) for row in session.scalars(select(FeedRow).order_by(FeedRow.camera_id))]


def feed_of(row: FeedRow) -> FeedSpec:
    """One row as the monitor wants it."""
    detectors = frozenset(row.detectors) if row.detectors is not None else None
    busy_hours = tuple((start, end) for start, end in row.busy_hours)
    zones = tuple(zone_from_json(zone) for zone in row.zones)
    return FeedSpec(row.camera_id, row.url, zones, row.sensitivity, detectors, row.pinned, busy_hours, row.confirm)


def retention(session: Session) -> dict[str, int]:
    """Days that clips are kept, for the cameras that have their own number of days."""
    query = select(FeedRow.camera_id, FeedRow.retention_days).where(FeedRow.retention_days.is_not(None))
    found: Iterable[Any] = session.execute(query)
    return {camera_id: days for camera_id, days in found}
