"""One open alert per subject: raise it, repeat it, clear it, withdraw it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from command_center.prewarning.codes import new_alert_code
from command_center.prewarning.facts import tell
from command_center.prewarning.queries import open_of_subject, uncleared_of_signal
from command_center.prewarning.rules import Rule, Rules
from command_center.prewarning.tables import OPEN_STATES, AlertRow
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

# Who closes an alert when no officer does.
HALL: Mapping[str, str] = {"id": "hall", "name": "系统"}


class Spot(Protocol):
    """What an alert needs to know of a camera, a mandatory point or a group of cameras."""

    @property
    def name(self) -> str: ...
    @property
    def area(self) -> str: ...
    @property
    def lonlat(self) -> tuple[float, float]: ...


@dataclass(frozen=True, slots=True)
class Sighting:
    """What happened, whichever kind of source said so."""

    rule: Rule
    subject: str
    spot: Spot
    detail: Mapping[str, Any]
    happened_at: datetime
    received_at: datetime
    camera_id: str | None = None
    point_id: str | None = None
    duty_id: str | None = None
    signal_id: str | None = None
    score: float | None = None
    box: Any = None


def raise_or_repeat(tx: Transaction, sighting: Sighting, rules: Rules, *, told: bool = True) -> AlertRow:
    """The open alert of a subject: a new one, or the one there is, counted once more.

    Without `told` the caller tells it, once he has written the rest into it.
    """
    alert = open_of_subject(tx.session, sighting.subject)
    kind = "prewarning.repeated"
    if alert is None:
        tx.session.add(alert := _new(tx, sighting, rules))
        kind = "prewarning.raised"
    else:
        _count(alert, sighting)
    if told:
        tell(tx, kind, alert)
    return alert


def _count(alert: AlertRow, sighting: Sighting) -> None:
    alert.count += 1
    alert.last_at = max(alert.last_at, sighting.happened_at)
    alert.cleared_at = None
    alert.signal_id = sighting.signal_id
    alert.score, alert.box = sighting.score, sighting.box


def clear(tx: Transaction, subject: str, signal_id: str | None, at: datetime) -> None:
    """The cause is over; the alert stays for the officer, who sees that it recovered by itself."""
    alert = uncleared_of_signal(tx.session, subject, signal_id)
    if alert is not None:
        alert.cleared_at = at
        tell(tx, "prewarning.cleared", alert)


def withdraw(tx: Transaction, alert_id: str, *, reason: str, note: str, **detail: Any) -> None:
    """Close an alert that the hall itself found needless; one that an officer has taken is only told why."""
    alert = tx.session.get(AlertRow, alert_id, with_for_update=True)
    if alert is None or alert.state not in OPEN_STATES:
        return
    alert.detail = {**alert.detail, **detail}
    if alert.state == "taken":
        tell(tx, "prewarning.noted", alert)
        return
    alert.state, alert.open_subject = "dismissed", None
    alert.reason, alert.note = reason, note
    alert.closed_by, alert.closed_at = dict(HALL), tx.now
    tell(tx, "prewarning.dismissed", alert)


def _new(tx: Transaction, sighting: Sighting, rules: Rules) -> AlertRow:
    rule, spot = sighting.rule, sighting.spot
    return AlertRow(
        id=new_id(),
        code=new_alert_code(tx, area=spot.area, industry=rules.industry, at=tx.now),
        kind=rule.kind,
        level=rule.level,
        state="raised",
        subject=sighting.subject,
        open_subject=sighting.subject,
        signal_id=sighting.signal_id,
        place=spot.name,
        area=spot.area,
        lon=spot.lonlat[0],
        lat=spot.lonlat[1],
        camera_id=sighting.camera_id,
        point_id=sighting.point_id,
        duty_id=sighting.duty_id,
        happened_at=sighting.happened_at,
        received_at=sighting.received_at,
        raised_at=tx.now,
        verify_by=rules.verify_by(rule.level, tx.now),
        count=1,
        last_at=sighting.happened_at,
        score=sighting.score,
        box=sighting.box,
        detail=dict(sighting.detail),
        version=0,
    )
