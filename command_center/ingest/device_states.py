"""How every device is: heard of, located, charged, believed. Kept in memory, written down every few seconds."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import Table, update
from sqlalchemy.dialects import postgresql, sqlite

from command_center.ingest.facts import DeviceStateView, SuspicionView, suspicion_fact
from command_center.ingest.position import NO_FLAGS, NO_SIGNS, Flag, Position, Signs, from_ms, to_ms
from command_center.ingest.queries import device_states
from command_center.ingest.senders import Sender
from command_center.ingest.suspicion import Change, Suspicions
from command_center.ingest.tables import DeviceStateRow, PositionRow
from command_center.timeline import Timeline, Transaction
from command_center.timeline.facts import iso

# Phones report every few seconds to a minute; one that says nothing for so long sleeps or is off.
SILENT_AFTER = timedelta(minutes=5)

Flagged = Callable[[str, datetime, datetime], None]


@dataclass(slots=True)
class DeviceState:
    """One device as it was last heard of."""

    sender: Sender
    seen_at: datetime
    fix_at: datetime | None = None
    signs: Signs = NO_SIGNS
    sos_at: datetime | None = None
    suspicions: Suspicions = field(default_factory=Suspicions)
    changed: bool = False

    def take_signs(self, signs: Signs) -> None:
        """Keep what is new; what a report leaves out is as it was."""
        old = self.signs
        if signs is NO_SIGNS and not old.mock and old.moving is None:
            return
        self.signs = Signs(
            battery=old.battery if signs.battery is None else signs.battery,
            charging=old.charging if signs.charging is None else signs.charging,
            signal=old.signal if signs.signal is None else signs.signal,
            satellites=old.satellites if signs.satellites is None else signs.satellites,
            mock=signs.mock,
            moving=signs.moving,
        )


class DeviceStates:
    """Those of all devices; used from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, DeviceState] = {}
        self._changes: list[tuple[DeviceState, Change]] = []
        self._frozen: list[tuple[str, datetime, datetime]] = []
        self._readers: list[Flagged] = []
        self.flagged: Counter[str] = Counter()

    def when_flagged(self, reader: Flagged) -> None:
        """Call `reader` when stored positions of a person in [since, until] were flagged. It must return soon."""
        self._readers.append(reader)

    def restore(self, timeline: Timeline) -> None:
        """Take up what was known before a restart."""
        with timeline.reading() as db:
            for row in device_states(db):
                sender = Sender(row.device_id, row.kind, "", "", row.person_id)
                signs = Signs(row.battery, row.charging, row.signal, row.satellites)
                state = DeviceState(sender, from_ms(row.seen_ms), _moment(row.fix_ms), signs, _moment(row.sos_ms))
                for reason, since_ms in row.suspicions.items():
                    state.suspicions.restore(reason, from_ms(since_ms))
                self._states.setdefault(row.device_id, state)

    def hear(self, sender: Sender, signs: Signs, now: datetime) -> DeviceState:
        """A device was heard of, with or without a place."""
        with self._lock:
            state = self._states.get(sender.id)
            if state is None:
                state = self._states[sender.id] = DeviceState(sender, now)
            state.sender, state.seen_at, state.changed = sender, now, True
            state.take_signs(signs)
            return state

    def judge(self, state: DeviceState, position: Position, flags: Flag) -> None:
        """A device told its place, and this speaks against it."""
        with self._lock:
            if (flags is NO_FLAGS or not flags & Flag.impossible_speed) and (
                state.fix_at is None or position.at > state.fix_at
            ):
                state.fix_at = position.at
            for flag in flags if flags is not NO_FLAGS else ():
                self.flagged[flag.name or ""] += 1
            for change in state.suspicions.note(flags, position.received_at):
                self._changes.append((state, change))

    def frozen(self, person_id: str, since: datetime, until: datetime) -> None:
        """Positions of a person in [since, until] turned out to be frozen after they were taken in."""
        with self._lock:
            self._frozen.append((person_id, since, until))

    def write(self, timeline: Timeline) -> None:
        """Write down what has changed, with the facts that tell of it, in one transaction."""
        with self._lock:
            changes, self._changes = self._changes, []
            frozen, self._frozen = self._frozen, []
            changed = [state for state in self._states.values() if state.changed]
            for state in changed:
                state.changed = False
        if not changed and not changes:
            return
        try:
            with timeline.transaction() as tx:
                save(tx, changed)
                for span in frozen:
                    _flag_frozen(tx, *span)
                for state, change in changes:
                    kind = "ingest.device_suspect" if change.suspect else "ingest.device_cleared"
                    tx.emit(suspicion_fact(kind, view(state, tx.now), reason=change.reason, since=change.since))
        except Exception:
            # Whatever kept it from being written, it is still to be told; then the worker says what is wrong.
            with self._lock:
                self._changes[:0], self._frozen[:0] = changes, frozen
                for state in changed:
                    state.changed = True
            raise
        for span in frozen:
            for reader in self._readers:
                reader(*span)

    def get(self, device_id: str) -> DeviceState | None:
        return self._states.get(device_id)

    def all(self) -> list[DeviceState]:
        with self._lock:
            return list(self._states.values())

    def suspects(self) -> Counter[str]:
        """How many devices are suspected now, by reason."""
        return Counter(reason for state in self.all() for reason in state.suspicions.standing())


def view(state: DeviceState, now: datetime) -> DeviceStateView:
    sender, signs = state.sender, state.signs
    standing = state.suspicions.standing()
    return DeviceStateView(
        id=sender.id,
        kind=sender.kind,
        name=sender.name,
        area=sender.area,
        person_id=sender.person_id,
        state=condition(state, now),
        last_seen_at=iso(state.seen_at),
        last_fix_at=iso(state.fix_at) if state.fix_at else None,
        battery=signs.battery,
        charging=signs.charging,
        signal=signs.signal,
        satellites=signs.satellites,
        suspicions=[SuspicionView(reason=reason, since=iso(since)) for reason, since in standing.items()],
    )


def condition(state: DeviceState, now: datetime) -> Literal["live", "no_fix", "silent"]:
    if now - state.seen_at > SILENT_AFTER:
        return "silent"
    return "live" if state.fix_at is not None and now - state.fix_at <= SILENT_AFTER else "no_fix"


def save(tx: Transaction, states: Sequence[DeviceState]) -> None:
    """Write states over what was there."""
    if not states:
        return
    table = cast(Table, DeviceStateRow.__table__)
    insert = (sqlite if tx.session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)
    fresh = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    upsert = insert.on_conflict_do_update(index_elements=[table.c.device_id], set_=fresh)
    tx.session.execute(upsert, [_row(state) for state in states])


def _row(state: DeviceState) -> dict[str, Any]:
    return {
        "device_id": state.sender.id,
        "kind": state.sender.kind,
        "person_id": state.sender.person_id,
        "seen_ms": to_ms(state.seen_at),
        "fix_ms": to_ms(state.fix_at) if state.fix_at else None,
        "battery": state.signs.battery,
        "charging": state.signs.charging,
        "signal": state.signs.signal,
        "satellites": state.signs.satellites,
        "suspicions": {reason: to_ms(since) for reason, since in state.suspicions.standing().items()},
        "sos_ms": to_ms(state.sos_at) if state.sos_at else None,
    }


def _flag_frozen(tx: Transaction, person_id: str, since: datetime, until: datetime) -> None:
    of_person = (PositionRow.person_id == person_id) & PositionRow.at_ms.between(to_ms(since), to_ms(until))
    flags = PositionRow.flags.bitwise_or(int(Flag.frozen))
    tx.session.execute(update(PositionRow).where(of_person).values(flags=flags))


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
