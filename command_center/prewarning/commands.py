"""The verbs on an alert: take it, confirm it, dismiss it."""

from command_center.access.guard import Who
from command_center.errors import BadInput, Conflict, NotFound
from command_center.prewarning.facts import AlertView, tell, view_of
from command_center.prewarning.feedback import learn_from
from command_center.prewarning.rules import LEVELS, RULES
from command_center.prewarning.tables import AlertRow
from command_center.timeline import Transaction

OVERRIDE = "alert.override"


def take(tx: Transaction, *, id: str, who: Who) -> AlertView:
    """Take charge of a raised alert. Taking what one has already changes nothing.

    Raises:
        NotFound: there is no such alert in the caller's area.
        Conflict: somebody else has it, or it is closed.
    """
    alert = find(tx, id=id, who=who)
    if alert.state == "taken" and (alert.taken_by or {}).get("id") == who.id:
        return view_of(tx.session, alert)
    if alert.state != "raised":
        raise _conflict(alert)
    _take(tx, alert, who)
    return tell(tx, "prewarning.taken", alert, actor=who.json())


def dismiss(tx: Transaction, *, id: str, who: Who, reason: str, note: str | None) -> AlertView:
    """Close an alert as false, with the reason that teaches the rules.

    Raises:
        NotFound: there is no such alert in the caller's area.
        BadInput: no such reason, or `other` without a note.
        Conflict: somebody else has it, nobody took it yet, or it is closed.
    """
    if reason not in RULES.reasons:
        raise BadInput("no_such_reason", reasons=", ".join(RULES.reasons))
    if reason == "other" and not (note or "").strip():
        raise BadInput("reason_needs_note")
    alert = find_in_charge(tx, id=id, who=who)
    alert.reason = reason
    _close(tx, alert, who, state="dismissed", note=note)
    view = tell(tx, "prewarning.dismissed", alert, actor=who.json())
    learn_from(tx, alert)
    return view


def confirm(tx: Transaction, alert: AlertRow, *, who: Who, case_id: str, level: int, note: str | None) -> AlertView:
    """Close an alert as true, in the transaction that opens its case. The row comes from `find_in_charge`."""
    if level not in LEVELS:
        raise BadInput("no_such_level")
    alert.level = level
    alert.case_id = case_id
    _close(tx, alert, who, state="confirmed", note=note)
    return tell(tx, "prewarning.confirmed", alert, actor=who.json())


def note_no_clip(tx: Transaction, alert_id: str, reason: str) -> None:
    """Write beside the alert why it has no clip."""
    alert = tx.session.get(AlertRow, alert_id, with_for_update=True)
    if alert is not None:
        alert.detail = {**alert.detail, "clip_failed": reason}
        tell(tx, "evidence.clip_failed", alert)


def note_clip_gone(tx: Transaction, alert_id: str | None) -> None:
    """Tell that the clip of an alert is no longer kept."""
    alert = tx.session.get(AlertRow, alert_id, with_for_update=True) if alert_id else None
    if alert is not None:
        tell(tx, "evidence.clip_gone", alert)


def find(tx: Transaction, *, id: str, who: Who) -> AlertRow:
    """The alert, held until the end of the transaction.

    Raises:
        NotFound: there is none, or it lies outside the caller's area.
    """
    alert = tx.session.get(AlertRow, id, with_for_update=True, populate_existing=True)
    if alert is None or not who.sees(alert.area):
        raise NotFound("alert_not_found", id=id)
    return alert


def find_in_charge(tx: Transaction, *, id: str, who: Who) -> AlertRow:
    """The alert, if the caller has it or may override whoever has it.

    Raises:
        NotFound: see `find`.
        Conflict: somebody else has it, nobody took it yet, or it is closed.
    """
    alert = find(tx, id=id, who=who)
    if alert.state not in ("raised", "taken"):
        raise _conflict(alert)
    if alert.taken_by and alert.taken_by["id"] == who.id:
        return alert
    if who.may(OVERRIDE):
        if alert.state == "raised":
            _take(tx, alert, who)
        return alert
    if alert.state == "raised":
        raise Conflict("alert_take_first")
    raise _conflict(alert)


def _take(tx: Transaction, alert: AlertRow, who: Who) -> None:
    alert.state = "taken"
    alert.taken_by = who.json()
    alert.taken_at = tx.now


def _close(tx: Transaction, alert: AlertRow, who: Who, *, state: str, note: str | None) -> None:
    alert.state = state
    alert.open_subject = None
    alert.note = (note or "").strip()[:1000] or None
    alert.closed_by = who.json()
    alert.closed_at = tx.now


def _conflict(alert: AlertRow) -> Conflict:
    if alert.state == "taken":
        return Conflict("alert_taken", name=(alert.taken_by or {}).get("name", ""))
    who = (alert.closed_by or {}).get("name", "")
    return Conflict("alert_confirmed" if alert.state == "confirmed" else "alert_dismissed", name=who)
