"""What is known of one camera and of all: settings, signals, hours, candidates. Read only."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from command_center.errors import NotFound
from command_center.ingest.feed_hours import feed_hours
from command_center.ingest.preview import Candidate, judged
from command_center.ingest.tables import FeedRow, SignalRow
from command_center.ingest.traces import traces
from command_center.registry.clocks import LOCAL
from video.model import QUALITY_KINDS, FeedSpec

MOST_SIGNALS = 2_000

__all__ = ["candidates", "feed_hours", "feed_row", "feed_rows", "fires", "signals_of", "trouble_since"]


def feed_row(session: Session, camera_id: str) -> FeedRow:
    """Raises NotFound: the camera has no feed."""
    row = session.get(FeedRow, camera_id)
    if row is None:
        raise NotFound("camera_no_feed", camera=camera_id)
    return row


def feed_rows(session: Session) -> list[FeedRow]:
    return list(session.scalars(select(FeedRow).order_by(FeedRow.camera_id)))


def signals_of(session: Session, camera_id: str, since: datetime, until: datetime) -> list[SignalRow]:
    """Signals of a camera that were on at some time in [since, until), the newest that fit, oldest first."""
    query = (
        select(SignalRow)
        .where(
            SignalRow.camera_id == camera_id,
            SignalRow.started_at < until,
            or_(SignalRow.ended_at.is_(None), SignalRow.ended_at >= since),
        )
        .order_by(SignalRow.started_at.desc())
        .limit(MOST_SIGNALS)
    )
    return list(session.scalars(query))[::-1]


def trouble_since(session: Session) -> Mapping[str, datetime]:
    """Since when something has been wrong with a picture, by camera; the oldest of what is open."""
    query = (
        select(SignalRow.camera_id, SignalRow.started_at)
        .where(SignalRow.ended_at.is_(None), SignalRow.kind.in_(QUALITY_KINDS))
        .order_by(SignalRow.started_at.desc())
    )
    return {camera_id: started_at for camera_id, started_at in session.execute(query)}


def candidates(session: Session, feed: FeedSpec, since: datetime, until: datetime) -> tuple[int, list[Candidate]]:
    """How many traces there are in [since, until), and what remains of them with the settings of `feed`."""
    found = traces(session, feed.id, since, until)
    return len(found), judged(found, feed.zones, feed.detectors, LOCAL)


def fires(found: Collection[Candidate], sensitivity: float) -> int:
    """How many would be told for certain."""
    return sum(one.trace.needs <= sensitivity and not one.possible for one in found)
