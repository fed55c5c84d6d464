"""The positions lane: the latest place of every unit, at most once a second each, never waited for by anybody."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from command_center.wall.frames import positions_frame

TICK_S = 0.25
# Each unit is shown at most once a second: every fourth tick, also when a busy machine ticks unevenly.
AGAIN_AFTER = timedelta(seconds=1.0 - TICK_S / 2)
FORGET = timedelta(hours=12)

Shows = Callable[[str], bool]
AreaOf = Callable[[str, float, float], str | None]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a unit was `at` a time: degrees WGS84, `heading_deg` clockwise from north, area code or None."""

    unit_id: str
    at: datetime
    lon: float
    lat: float
    heading_deg: float | None = None
    speed_mps: float | None = None
    area: str | None = None

    def row(self, now: datetime) -> list[Any]:
        """As on the wire, with the age at `now` in seconds."""
        age_s = round(max(0.0, (now - self.at).total_seconds()), 1)
        return [self.unit_id, self.lon, self.lat, self.heading_deg, self.speed_mps, age_s]


@dataclass(slots=True)
class _Shown:
    """What pages were last told of a unit, and in which tick."""

    position: Position
    tick: int
    at: datetime


class View:
    """The lane as pages of one scope see it; what is encoded for one of them serves all."""

    def __init__(self, shows: Shows) -> None:
        self.shows = shows
        self.pages = 0
        self.total = 0
        self.newest: list[Position] = []
        self._frame: bytes | None = None

    def advance(self, published: list[Position]) -> None:
        self.newest = [position for position in published if position.area is not None and self.shows(position.area)]
        self.total += len(self.newest)
        self._frame = None

    def frame(self, now: datetime) -> bytes:
        if self._frame is None:
            self._frame = positions_frame(now, [position.row(now) for position in self.newest], 0)
        return self._frame


class Lane:
    """Takes positions from any thread and shows the latest of each unit.

    Args:
        area_of: area code of `(unit_id, lon, lat)` (grid or village), asked when a report brings none and at most once
            a second for each unit. Where it answers None the last known area counts; without any a unit is not shown.
    """

    def __init__(self, *, area_of: AreaOf | None = None) -> None:
        self._area_of = area_of
        self._lock = threading.Lock()
        self._latest: dict[str, Position] = {}
        self._waiting: set[str] = set()
        self._shown: dict[str, _Shown] = {}
        self._views: dict[Any, View] = {}
        self.tick = 0

    def report(
        self,
        unit_id: str,
        *,
        at: datetime,
        lon: float,
        lat: float,
        heading_deg: float | None = None,
        speed_mps: float | None = None,
        area: str | None = None,
    ) -> bool:
        """Take a position in; False when a newer one is known already (late data moves nobody back)."""
        position = Position(unit_id, at, lon, lat, heading_deg, speed_mps, area)
        with self._lock:
            known = self._latest.get(unit_id)
            if known is not None and known.at >= at:
                return False
            self._latest[unit_id] = position
            self._waiting.add(unit_id)
        return True

    def latest(self, unit_id: str) -> Position | None:
        return self._latest.get(unit_id)

    def all(self) -> list[Position]:
        """The latest position of every unit heard of in the last hours, in no order."""
        with self._lock:
            return list(self._latest.values())

    def publish(self, now: datetime) -> int:
        """One tick: show what has changed, but no unit again within a second. Returns how many units it shows."""
        with self._lock:
            self.tick += 1
            due = [unit_id for unit_id in self._waiting if self._may_show(unit_id, now)]
            self._waiting.difference_update(due)
            positions = [self._latest[unit_id] for unit_id in due]
        published = [self._located(position) for position in positions]
        for position in published:
            self._shown[position.unit_id] = _Shown(position, self.tick, now)
        for view in self._views.values():
            view.advance(published)
        return len(published)

    def forget(self, now: datetime) -> None:
        """Drop units that have been silent for half a day."""
        with self._lock:
            silent = [unit_id for unit_id, position in self._latest.items() if now - position.at > FORGET]
            for unit_id in silent:
                del self._latest[unit_id]
                self._waiting.discard(unit_id)
                self._shown.pop(unit_id, None)

    def subscribe(self, key: Any, shows: Shows) -> "Subscription":
        """A page starts to look; pages with an equal key must have the same filter."""
        view = self._views.setdefault(key, View(shows))
        view.pages += 1
        return Subscription(self, key, view)

    def _may_show(self, unit_id: str, now: datetime) -> bool:
        shown = self._shown.get(unit_id)
        return shown is None or now - shown.at >= AGAIN_AFTER

    def _located(self, position: Position) -> Position:
        if position.area is not None:
            return position
        area = self._area_of(position.unit_id, position.lon, position.lat) if self._area_of else None
        if area is None and position.unit_id in self._shown:
            area = self._shown[position.unit_id].position.area
        return replace(position, area=area)

    def shown_since(self, tick: int, shows: Shows) -> list[Position]:
        """What was shown after `tick`, the latest of each unit."""
        return [
            shown.position
            for shown in self._shown.values()
            if shown.tick > tick and shown.position.area is not None and shows(shown.position.area)
        ]

    def unsubscribe(self, key: Any, view: View) -> None:
        view.pages -= 1
        if view.pages == 0:
            self._views.pop(key, None)


class Subscription:
    """How far one page has been shown the lane. A page that cannot keep up skips, and what it skipped is counted."""

    def __init__(self, lane: Lane, key: Any, view: View) -> None:
        self._lane = lane
        self._key = key
        self._view = view
        self._tick = 0
        self._total = view.total
        self._first = True
        self.dropped = 0

    def take(self, now: datetime) -> bytes | None:
        """The frame that brings the page up to date, None when there is nothing new for it."""
        if self._first:
            return self._take_all(now)
        missed = self._lane.tick - self._tick
        if missed == 0:
            return None
        self._tick = self._lane.tick
        if missed == 1:
            self._total = self._view.total
            return self._view.frame(now) if self._view.newest else None
        return self._take_missed(now, self._tick - missed)

    def close(self) -> None:
        self._lane.unsubscribe(self._key, self._view)

    def _take_all(self, now: datetime) -> bytes | None:
        positions = self._lane.shown_since(0, self._view.shows)
        self._first, self._tick, self._total = False, self._lane.tick, self._view.total
        return positions_frame(now, [position.row(now) for position in positions], 0) if positions else None

    def _take_missed(self, now: datetime, since_tick: int) -> bytes | None:
        positions = self._lane.shown_since(since_tick, self._view.shows)
        dropped = max(0, self._view.total - self._total - len(positions))
        self._total = self._view.total
        self.dropped += dropped
        if not positions:
            return None
        return positions_frame(now, [position.row(now) for position in positions], dropped)
