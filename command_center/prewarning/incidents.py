"""One alert for many cameras that went wrong together: which they are, since when, and which have come back."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from command_center.prewarning.facts import tell
from command_center.prewarning.fleet import Explanation, Fleet, Group, is_still_down
from command_center.prewarning.opening import Sighting, raise_or_repeat, withdraw
from command_center.prewarning.probing import want_probe
from command_center.prewarning.queries import open_of_subject
from command_center.prewarning.rules import Rules, subject_of_group
from command_center.prewarning.tables import OPEN_STATES, AlertRow, HeldRow
from command_center.timeline import Transaction
from command_center.timeline.facts import iso

RAISED, JOINED, NATURAL = "raised", "joined", "natural"
# An incident is told again at most so often, and less often the longer its list.
TOLD_EVERY_S = 1.0
CAMERAS_PER_SECOND = 100


class Incidents:
    """What the hall does with signals that belong together; lives for one transaction."""

    def __init__(self, tx: Transaction, fleet: Fleet, rules: Rules) -> None:
        self._tx, self._fleet, self._rules = tx, fleet, rules
        self._changed: dict[str, AlertRow] = {}
        # Of those whose own row has changed, what must be told at once.
        self._facts: dict[str, str] = {}

    def gather(self, found: Explanation, rows: Sequence[HeldRow]) -> None:
        """Let these signals of one kind be one incident of a group: a new one, or one that is there already, widened.

        Args:
            rows: the open signals of the cameras of the explanation.
        """
        there = self._uncleared({row.alert_id for row in rows if row.verdict == JOINED and row.alert_id})
        alert = open_of_subject(self._tx.session, subject_of_group(found.group.by, found.group.key, rows[0].kind))
        alert = alert or (there[0] if there else None)
        if alert is None or alert.cleared_at is not None:
            alert = self._open(found.group, rows)
        elif _group(alert) != found.group and self._is_wider(found.group, _group(alert)):
            self._move(alert, found.group)
        for other in there:
            if other.id != alert.id:
                self._swallow(alert, other)
        for row in rows:
            self.join(alert, row)

    def straggler(self, row: HeldRow, open_rows: Collection[HeldRow]) -> bool:
        """Let a late signal join the incident of its group that still lasts; False if there is none."""
        joined = {one.alert_id for one in open_rows if one.verdict == JOINED and one.alert_id}
        open_ids = {one.camera_id for one in open_rows}
        for alert in self._uncleared(joined):
            group = _group(alert)
            if row.camera_id in self._fleet.members(group) and is_still_down(
                group, open_ids, self._fleet, self._rules.fleet
            ):
                self.join(alert, row)
                return True
        return False

    def join(self, alert: AlertRow, row: HeldRow) -> None:
        """Make a signal part of an incident; what was raised for it alone is withdrawn."""
        if row.verdict == JOINED and row.alert_id == alert.id:
            return
        if row.verdict == RAISED and row.alert_id is not None:
            note = f"并入{self._rules.name_of(alert.kind)}预警 {alert.code}"
            withdraw(self._tx, row.alert_id, reason="duplicate", note=note, incident_id=alert.id)
        row.verdict, row.alert_id, row.due_at = JOINED, alert.id, None
        self._changed[alert.id] = alert

    def look_again(self, alert_id: str) -> None:
        """Something about an incident has changed."""
        alert = self._tx.session.get(AlertRow, alert_id, with_for_update=True)
        if alert is not None:
            self._changed[alert.id] = alert

    def finish(self) -> None:
        """Tell what has changed, each incident once; those told a moment ago a little later."""
        self._tx.session.flush()
        for alert in self._changed.values():
            rows = self._rows(alert)
            wait_until = _told_at(alert) + timedelta(seconds=_pace_s(len(rows)))
            waits = alert.id not in self._facts and self._tx.now < wait_until
            if waits and any(row.ended_at is None for row in rows):
                rows[-1].due_at = wait_until
            elif rows:
                self._tell(alert, rows)

    def _tell(self, alert: AlertRow, rows: list[HeldRow]) -> None:
        now, fact = self._tx.now, self._facts.get(alert.id, "prewarning.grew")
        cameras = cameras_of(rows)
        back = [camera for camera in cameras if camera["back_at"] is not None]
        alert.detail = {
            **alert.detail,
            "cameras": cameras,
            "lost": len(cameras) - len(back),
            "back": len(back),
            "told_at": iso(now),
        }
        alert.count = len(cameras)
        alert.last_at = max([alert.last_at, *(row.happened_at for row in rows)])
        if len(cameras) >= self._rules.fleet.grave_from:
            alert.level = min(alert.level, 2)
        if len(back) == len(cameras):
            fact, alert.cleared_at = "prewarning.cleared", max(row.ended_at or now for row in rows)
            self._tx.session.execute(delete(HeldRow).where(HeldRow.alert_id == alert.id, HeldRow.verdict == JOINED))
        tell(self._tx, fact, alert)

    def _open(self, group: Group, rows: Sequence[HeldRow]) -> AlertRow:
        """A new incident, or the open one of the same group that had cleared, begun anew; told by `finish`."""
        kind, rule = rows[0].kind, self._rules.incident_of(rows[0].kind)
        sighting = Sighting(
            rule,
            subject_of_group(group.by, group.key, kind),
            self._fleet.spot(group, self._rules.fleet),
            {**rule.detail(), "signal_kind": kind, **self._about(group)},
            min(row.happened_at for row in rows),
            min(row.received_at for row in rows),
        )
        alert = raise_or_repeat(self._tx, sighting, self._rules, told=False)
        self._facts[alert.id] = "prewarning.repeated" if alert.version else "prewarning.raised"
        want_probe(self._tx, alert)
        return alert

    def _move(self, alert: AlertRow, group: Group) -> None:
        """The fault is wider than it looked: the same alert is now about the wider group."""
        spot = self._fleet.spot(group, self._rules.fleet)
        subject = subject_of_group(group.by, group.key, alert.detail["signal_kind"])
        alert.subject = subject
        alert.open_subject = subject if alert.open_subject is not None else None
        alert.place, alert.area = spot.name, spot.area
        alert.lon, alert.lat = spot.lonlat
        alert.detail = {**alert.detail, **self._about(group)}
        self._facts.setdefault(alert.id, "prewarning.grew")
        want_probe(self._tx, alert)

    def _swallow(self, alert: AlertRow, other: AlertRow) -> None:
        """Two incidents turn out to be one."""
        for row in self._rows(other):
            row.alert_id = alert.id
        other.cleared_at = self._tx.now
        if other.state in OPEN_STATES:
            withdraw(self._tx, other.id, reason="duplicate", note=f"并入 {alert.code}", incident_id=alert.id)
        else:
            tell(self._tx, "prewarning.cleared", other)
        self._changed.pop(other.id, None)
        self._changed[alert.id] = alert

    def _about(self, group: Group) -> dict[str, Any]:
        return {"group": {"by": group.by, "key": group.key, "size": len(self._fleet.members(group))}}

    def _is_wider(self, group: Group, than: Group) -> bool:
        return len(self._fleet.members(group)) > len(self._fleet.members(than))

    def _uncleared(self, ids: Iterable[str]) -> list[AlertRow]:
        """Those of the incidents that last, oldest first."""
        query = select(AlertRow).where(AlertRow.id.in_(sorted(ids)), AlertRow.cleared_at.is_(None))
        return list(self._tx.session.scalars(query.order_by(AlertRow.id).with_for_update()))

    def _rows(self, alert: AlertRow) -> list[HeldRow]:
        query = select(HeldRow).where(HeldRow.alert_id == alert.id, HeldRow.verdict == JOINED)
        return list(self._tx.session.scalars(query.order_by(HeldRow.happened_at, HeldRow.signal_id)))


def cameras_of(rows: Iterable[HeldRow]) -> list[dict[str, Any]]:
    """The list inside an incident: each camera once, as it is now, in the order in which they went."""
    latest = {row.camera_id: row for row in rows}
    return [
        {"id": row.camera_id, "since": iso(row.happened_at), "back_at": iso(row.ended_at) if row.ended_at else None}
        for row in latest.values()
    ]


def pace(count: int) -> timedelta:
    """How long news of an incident with so many cameras are gathered before they are told."""
    return timedelta(seconds=_pace_s(count))


def _pace_s(count: int) -> float:
    return max(TOLD_EVERY_S, count / CAMERAS_PER_SECOND)


def _group(alert: AlertRow) -> Group:
    return Group(alert.detail["group"]["by"], alert.detail["group"]["key"])


def _told_at(alert: AlertRow) -> datetime:
    told = alert.detail.get("told_at")
    return datetime.fromisoformat(told) if told else alert.raised_at - timedelta(days=1)
