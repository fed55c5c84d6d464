"""Keeps who was where in each minute; the same positions give the same rows in whatever order they arrive."""

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, delete, or_, select
from sqlalchemy.orm import Session

from command_center.ingest.position import to_ms
from command_center.ingest.tables import PositionRow
from command_center.patrol.days.tables import PresenceRow
from command_center.patrol.duties.tables import ProgressRow
from command_center.patrol.proof.fixes import POOR_M
from command_center.timeline import Timeline, Transaction

# Milliseconds into the minute, degrees WGS84 times a million; NONE where the minute knows no position.
SLOT = np.dtype([("ms", "<u2"), ("lon", "<i4"), ("lat", "<i4")])
NONE = 65_535
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
SCALE = 1e6
AT_ONCE = 50_000
PROGRESS = "presence"
# Positions are stored within seconds of their arrival; reading some of them twice changes nothing.
AGAIN = timedelta(seconds=15)
# Tracks of people are kept no longer than they are needed.
TRACKS_KEPT = timedelta(days=90)

Slots = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Presence:
    """Who was where in which minute: columns of equal length.

    Attributes:
        persons: ids; `person` are indices into them.
        minute: minutes since the start of the span.
        lonlat: (n, 2) degrees WGS84.

    Rows of one person stand together.
    """

    persons: tuple[str, ...]
    person: NDArray[np.int64]
    minute: NDArray[np.int64]
    lonlat: NDArray[np.float64]

    def of(self, person_id: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Minutes and places of one person."""
        number = bisect.bisect_left(self.persons, person_id)
        if number == len(self.persons) or self.persons[number] != person_id:
            return self.minute[:0], self.lonlat[:0]
        rows = slice(*np.searchsorted(self.person, [number, number + 1]).tolist())
        return self.minute[rows], self.lonlat[rows]


class PresenceKeeper:
    """One per hall; follows the positions as they arrive, late ones too."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def step(self) -> bool:
        """Take in what has arrived; whether there is more."""
        with self._timeline.transaction() as tx:
            progress = tx.session.get(ProgressRow, PROGRESS)
            since = progress.received_ms if progress else 0
            until, more = _until(tx.session, since, to_ms(tx.now - AGAIN))
            if until <= since:
                return False
            _take_in(tx.session, since, until)
            if progress is None:
                tx.session.add(ProgressRow(name=PROGRESS, received_ms=until))
            else:
                progress.received_ms = until
        return more


def read_presence(session: Session, *, since: datetime, until: datetime) -> Presence:
    """Everybody's minutes in [since, until), both whole minutes, up to the last position that was stored."""
    first, last = to_ms(since) // HOUR_MS, -(-to_ms(until) // HOUR_MS)
    query = select(PresenceRow.person_id, PresenceRow.hour, PresenceRow.minutes)
    rows = session.execute(query.where(PresenceRow.hour >= first, PresenceRow.hour < last)).all()
    known = {(person_id, hour): np.frombuffer(minutes, SLOT) for person_id, hour, minutes in rows}
    progress = session.get(ProgressRow, PROGRESS)
    fresh = _rows(session, progress.received_ms if progress else 0, None, since, until)
    for key, slots in _by_hour(fresh).items():
        known[key] = _merged(known.get(key), slots)
    return _columns(known, to_ms(since), to_ms(until))


def forget_presence(tx: Transaction, *, before: datetime) -> None:
    """Delete the minutes of hours that were over before a time."""
    tx.session.execute(delete(PresenceRow).where(PresenceRow.hour < to_ms(before) // HOUR_MS))


def _until(session: Session, since_ms: int, horizon_ms: int) -> tuple[int, bool]:
    """Up to which arrival to read now so that it is not too much, and whether more is left after that."""
    query = select(PositionRow.received_ms).where(PositionRow.received_ms > since_ms)
    found = session.scalar(query.order_by(PositionRow.received_ms).offset(AT_ONCE).limit(1))
    return (horizon_ms, False) if found is None or found >= horizon_ms else (found, True)


def _rows(
    session: Session, since_ms: int, until_ms: int | None, since: datetime | None = None, until: datetime | None = None
) -> Sequence[Row[str, int, float, float]]:
    """Positions that prove something and arrived in (since_ms, until_ms]."""
    query = select(PositionRow.person_id, PositionRow.at_ms, PositionRow.lon, PositionRow.lat)
    query = query.where(PositionRow.received_ms > since_ms, PositionRow.flags == 0)
    query = query.where(or_(PositionRow.accuracy_m.is_(None), PositionRow.accuracy_m <= POOR_M))
    if until_ms is not None:
        query = query.where(PositionRow.received_ms <= until_ms)
    if since is not None and until is not None:
        query = query.where(PositionRow.at_ms >= to_ms(since), PositionRow.at_ms < to_ms(until))
    return session.execute(query).all()


def _take_in(session: Session, since_ms: int, until_ms: int) -> None:
    fresh = _by_hour(_rows(session, since_ms, until_ms))
    for (person_id, hour), slots in sorted(fresh.items()):
        row = session.get(PresenceRow, (hour, person_id))
        if row is None:
            session.add(PresenceRow(hour=hour, person_id=person_id, minutes=slots.tobytes()))
        else:
            row.minutes = _merged(np.frombuffer(row.minutes, SLOT), slots).tobytes()


def _by_hour(rows: Iterable[Row[str, int, float, float]]) -> dict[tuple[str, int], Slots]:
    """The earliest position of each minute, by person and hour."""
    found: dict[tuple[str, int], Slots] = {}
    for person_id, at_ms, lon, lat in rows:
        hour, ms = divmod(at_ms, HOUR_MS)
        slots = found.get((person_id, hour))
        if slots is None:
            slots = found[person_id, hour] = empty_hour()
        minute, within = divmod(ms, MINUTE_MS)
        if within < slots[minute]["ms"]:
            slots[minute] = (within, round(lon * SCALE), round(lat * SCALE))
    return found


def empty_hour() -> Slots:
    slots = np.zeros(60, SLOT)
    slots["ms"] = NONE
    return slots


def _merged(known: Slots | None, fresh: Slots) -> Slots:
    if known is None:
        return fresh
    return np.where(fresh["ms"] < known["ms"], fresh, known)


def _columns(known: dict[tuple[str, int], Slots], since_ms: int, until_ms: int) -> Presence:
    persons = tuple(sorted({person_id for person_id, _ in known}))
    if not known:
        nothing = np.empty(0, dtype=np.int64)
        return Presence((), nothing, nothing, np.empty((0, 2)))
    number = {person_id: index for index, person_id in enumerate(persons)}
    keys = sorted(known)
    slots = np.frombuffer(b"".join(known[key].tobytes() for key in keys), SLOT)
    person = np.repeat(np.array([number[person_id] for person_id, _ in keys]), 60)
    minute_ms = np.array([hour for _, hour in keys])[:, None] * HOUR_MS + np.arange(60)[None, :] * MINUTE_MS
    at_ms = minute_ms.reshape(-1)
    keep = (slots["ms"] != NONE) & (at_ms >= since_ms) & (at_ms < until_ms)
    lonlat = np.stack([slots["lon"][keep], slots["lat"][keep]], axis=1) / SCALE
    return Presence(persons, person[keep], (at_ms[keep] - since_ms) // MINUTE_MS, lonlat)
