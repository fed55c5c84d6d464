"""Watches positions of those on the way and proposes their arrival, so that nobody has to remember the button."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from command_center.response.orders import propose_arrival
from command_center.response.tables import CaseRow, OrderRow
from command_center.timeline import Timeline
from gis.metric import distance_m

Lonlat = tuple[float, float]
ON_THE_WAY = ("accepted", "departed")


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a person was, and when by the person's own clock."""

    person_id: str
    at: datetime
    lonlat: Lonlat


@dataclass(slots=True)
class Approach:
    """One order on its way: where it leads, since when its person is inside, and the newest fix that was looked at."""

    order_id: str
    goal_lonlat: Lonlat
    not_before: datetime
    inside_since: datetime | None = None
    seen_at: datetime | None = None

    def see(self, fix: Fix, *, radius_m: float, dwell: timedelta) -> datetime | None:
        """Take one fix in the order of its own time; return since when the person is there once that is long enough.

        A fix older than one already looked at, or from before the order was accepted, changes nothing.
        """
        if fix.at < self.not_before or (self.seen_at is not None and fix.at <= self.seen_at):
            return None
        self.seen_at = fix.at
        if distance_m(fix.lonlat, self.goal_lonlat) > radius_m:
            self.inside_since = None
            return None
        if self.inside_since is None:
            self.inside_since = fix.at
        return self.inside_since if fix.at - self.inside_since >= dwell else None


class ArrivalWatch:
    """Fed with positions; keeps one `Approach` per order on the way and nothing else.

    `look_again` is handed to `timeline.on_commit`: orders are only read again after the log has grown.
    """

    def __init__(self, timeline: Timeline, *, radius_m: float, dwell_s: float) -> None:
        self._timeline = timeline
        self._radius_m = radius_m
        self._dwell = timedelta(seconds=dwell_s)
        self._lock = threading.Lock()
        self._approaches: dict[str, Approach] = {}
        self._stale = True

    def look_again(self, _seq: int = 0) -> None:
        """The log has grown: orders may have come or gone. Returns at once."""
        self._stale = True

    def observe(self, fixes: Iterable[Fix]) -> list[str]:
        """Look at fixes and propose arrivals; return the orders for which one was proposed now.

        Reads and writes the database, so not for the thread that takes positions in.
        """
        with self._lock:
            if self._stale:
                self._stale = False
                self._read()
            arrived = self._arrived(fixes) if self._approaches else {}
            return [order_id for order_id, since in arrived.items() if self._propose(order_id, since)]

    def _arrived(self, fixes: Iterable[Fix]) -> dict[str, datetime]:
        arrived: dict[str, datetime] = {}
        for fix in sorted((one for one in fixes if one.person_id in self._approaches), key=lambda one: one.at):
            approach = self._approaches.get(fix.person_id)
            since = approach.see(fix, radius_m=self._radius_m, dwell=self._dwell) if approach else None
            if approach is not None and since is not None:
                arrived[approach.order_id] = since
                del self._approaches[fix.person_id]
        return arrived

    def _propose(self, order_id: str, since: datetime) -> bool:
        with self._timeline.transaction() as tx:
            return propose_arrival(tx, id=order_id, at=since)

    def _read(self) -> None:
        query = (
            select(OrderRow.person_id, OrderRow.id, OrderRow.accepted_at, CaseRow.lon, CaseRow.lat)
            .join(CaseRow, CaseRow.id == OrderRow.case_id)
            .where(OrderRow.state.in_(ON_THE_WAY), OrderRow.arrival_proposed_at.is_(None))
        )
        with self._timeline.reading() as session:
            rows = session.execute(query).all()
        known = {approach.order_id: approach for approach in self._approaches.values()}
        self._approaches = {
            person_id: known.get(order_id) or Approach(order_id, (lon, lat), accepted_at)
            for person_id, order_id, accepted_at, lon, lat in rows
            if accepted_at is not None
        }
