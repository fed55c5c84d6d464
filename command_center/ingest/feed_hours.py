"""How each camera was watched, hour by hour: the health history of a camera page."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from command_center.ingest.tables import FeedHourRow
from command_center.timeline import Transaction
from video.model import HealthReport

INSERTS: dict[str, Callable[..., Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
SUMS = ("online_s", "lost_s", "trouble_s", "looks")
# A longer pause between two reports is a hall that stood still: nobody knows how the cameras were meanwhile.
LONGEST_STEP_S = 10.0


@dataclass(slots=True)
class FeedHour:
    """A part of an hour of one camera, to be added to what is known of that hour.

    Seconds online with nothing wrong in the picture, lost (or not yet opened), and online with something wrong;
    `looks` pictures judged, and the worst age of a look, where the monitor tells them.
    """

    camera_id: str
    hour: datetime
    online_s: float = 0.0
    lost_s: float = 0.0
    trouble_s: float = 0.0
    looks: int = 0
    age_worst_s: float = 0.0


class FeedHours:
    """Adds up the monitor's reports in memory; `take` hands over what has come together since the last time."""

    def __init__(self) -> None:
        self._hours: dict[tuple[str, datetime], FeedHour] = {}
        self._last: datetime | None = None

    def add(self, report: HealthReport, now: datetime) -> None:
        """Count the time since the last report for the state each feed is in now."""
        step_s = 0.0 if self._last is None else (now - self._last).total_seconds()
        self._last = now
        if not 0 < step_s <= LONGEST_STEP_S:
            return
        hour = now.replace(minute=0, second=0, microsecond=0)
        for feed_id, state in report.states.items():
            self._count(self._at(feed_id, hour), state, step_s)

    def add_looks(self, feed_id: str, now: datetime, looks: int, age_worst_s: float) -> None:
        """Count pictures of a feed that were judged, and the worst age it had meanwhile."""
        part = self._at(feed_id, now.replace(minute=0, second=0, microsecond=0))
        part.looks += looks
        part.age_worst_s = max(part.age_worst_s, age_worst_s)

    def take(self) -> list[FeedHour]:
        """What has come together; begins anew."""
        parts, self._hours = list(self._hours.values()), {}
        return parts

    def _at(self, feed_id: str, hour: datetime) -> FeedHour:
        return self._hours.setdefault((feed_id, hour), FeedHour(feed_id, hour))

    @staticmethod
    def _count(part: FeedHour, state: str, step_s: float) -> None:
        if state == "online":
            part.online_s += step_s
        elif state in ("lost", "opening", "quarantined", "signal_loss"):
            part.lost_s += step_s
        else:
            part.trouble_s += step_s


def store(tx: Transaction, parts: Sequence[FeedHour]) -> None:
    """Add parts of hours to what is known of them."""
    if not parts:
        return
    # The bare table: a fleet's rows every few seconds need nothing of what rows of classes get.
    table = FeedHourRow.__table__
    insert = INSERTS[tx.session.get_bind().dialect.name](table)
    new, old = insert.excluded, table.c
    changed: dict[str, Any] = {name: old[name] + new[name] for name in SUMS}
    worst = case((new["age_worst_s"] > old["age_worst_s"], new["age_worst_s"]), else_=old["age_worst_s"])
    write = insert.on_conflict_do_update(index_elements=["camera_id", "hour"], set_={**changed, "age_worst_s": worst})
    tx.session.execute(write, list(_rows(parts)))


def _rows(parts: Iterable[FeedHour]) -> Iterable[dict[str, Any]]:
    for part in parts:
        yield {name: getattr(part, name) for name in ("camera_id", "hour", *SUMS, "age_worst_s")}


def feed_hours(session: Session, camera_id: str, since: datetime, until: datetime) -> list[FeedHour]:
    """The hours of one camera that began in [since, until), oldest first; hours nobody watched are missing."""
    query = (
        select(FeedHourRow)
        .where(FeedHourRow.camera_id == camera_id, FeedHourRow.hour >= since, FeedHourRow.hour < until)
        .order_by(FeedHourRow.hour)
    )
    return [
        FeedHour(r.camera_id, r.hour, r.online_s, r.lost_s, r.trouble_s, r.looks, r.age_worst_s)
        for r in session.scalars(query)
    ]


def forget(tx: Transaction, *, before: datetime) -> None:
    """Delete hours that began before a time."""
    tx.session.execute(delete(FeedHourRow).where(FeedHourRow.hour < before))
