"""Which cameras have a picture, where it comes from, and what is watched for in it."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from command_center.ingest.tables import FeedRow
from command_center.timeline import Transaction
from video.model import FeedSpec, Zone

DEFAULT_SENSITIVITY = 0.5


def set_feeds(tx: Transaction, feeds: Iterable[FeedSpec]) -> None:
    """Let exactly these cameras have a picture from now on."""
    wanted = {feed.id: feed for feed in feeds}
    tx.session.execute(delete(FeedRow).where(FeedRow.camera_id.not_in(wanted)))
    for feed in wanted.values():
        zones = [{"name": zone.name, "kind": zone.kind, "polygon": zone.polygon} for zone in feed.zones]
        tx.session.merge(FeedRow(camera_id=feed.id, url=feed.url, zones=zones, sensitivity=feed.sensitivity))


def feeds(session: Session) -> list[FeedSpec]:
    """Every feed, as the monitor wants it."""
    return [_feed(row) for row in session.scalars(select(FeedRow).order_by(FeedRow.camera_id))]


def _feed(row: FeedRow) -> FeedSpec:
    zones = (
        Zone(zone["name"], zone["kind"], tuple((float(x), float(y)) for x, y in zone["polygon"])) for zone in row.zones
    )
    return FeedSpec(row.camera_id, row.url, tuple(zones), row.sensitivity)
