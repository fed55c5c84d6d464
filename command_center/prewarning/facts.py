"""Bodies of what prewarning emits: the alert after the change."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.evidence.queries import clips_of_alerts
from command_center.evidence.tables import ClipRow
from command_center.evidence.views import ClipView, clip_view
from command_center.prewarning.rules import Rule, Rules
from command_center.prewarning.tables import AlertRow
from command_center.timeline import Fact, Transaction
from command_center.timeline.facts import iso


class AlertView(TypedDict):
    id: str
    code: str
    kind: str
    level: int
    state: str
    place: str
    area: str
    lonlat: tuple[float, float]
    camera_id: str | None
    point_id: str | None
    duty_id: str | None
    happened_at: str
    received_at: str
    raised_at: str
    verify_by: str
    count: int
    last_at: str
    cleared_at: str | None
    score: float | None
    box: tuple[float, float, float, float] | None
    detail: dict[str, Any]
    taken_by: dict[str, str] | None
    taken_at: str | None
    closed_by: dict[str, str] | None
    closed_at: str | None
    reason: str | None
    note: str | None
    clip: ClipView | None
    case_id: str | None
    version: int


class AlarmCodes(TypedDict):
    """GB/T 28181: AlarmMethod, AlarmType and EventType of the alarm, and the event of the device catalogue."""

    method: str
    type: str | None
    event: str | None
    catalogue: str | None


class AlertKindView(TypedDict):
    """One kind of alert: its Chinese name, its colour, how long it must last, how soon it must be verified."""

    kind: str
    name: str
    level: int
    category: str
    hold_s: float
    verify_s: float
    alarm: AlarmCodes | None


def kind_view(rule: Rule, rules: Rules) -> AlertKindView:
    codes = rule.alarm
    alarm: AlarmCodes | None = None
    if codes:
        alarm = {
            "method": codes["method"],
            "type": codes.get("type"),
            "event": codes.get("event"),
            "catalogue": rule.catalogue,
        }
    return {
        "kind": rule.kind,
        "name": rule.name,
        "level": rule.level,
        "category": rule.category,
        "hold_s": rule.hold_s,
        "verify_s": rules.verify_s[rule.level],
        "alarm": alarm,
    }


def alert_view(row: AlertRow, clip: ClipRow | None) -> AlertView:
    return {
        "id": row.id,
        "code": row.code,
        "kind": row.kind,
        "level": row.level,
        "state": row.state,
        "place": row.place,
        "area": row.area,
        "lonlat": (row.lon, row.lat),
        "camera_id": row.camera_id,
        "point_id": row.point_id,
        "duty_id": row.duty_id,
        "happened_at": iso(row.happened_at),
        "received_at": iso(row.received_at),
        "raised_at": iso(row.raised_at),
        "verify_by": iso(row.verify_by),
        "count": row.count,
        "last_at": iso(row.last_at),
        "cleared_at": iso(row.cleared_at) if row.cleared_at else None,
        "score": row.score,
        "box": row.box,
        "detail": row.detail,
        "taken_by": row.taken_by,
        "taken_at": iso(row.taken_at) if row.taken_at else None,
        "closed_by": row.closed_by,
        "closed_at": iso(row.closed_at) if row.closed_at else None,
        "reason": row.reason,
        "note": row.note,
        "clip": clip_view(clip) if clip else None,
        "case_id": row.case_id,
        "version": row.version,
    }


def view_of(session: Session, row: AlertRow) -> AlertView:
    """One alert with its clip."""
    return alert_view(row, clips_of_alerts(session, [row.id]).get(row.id))


def tell(tx: Transaction, kind: str, row: AlertRow, *, actor: Mapping[str, str] | None = None) -> AlertView:
    """Raise the version, emit the fact, and return the view that it carries."""
    row.version += 1
    tx.session.flush()
    view = view_of(tx.session, row)
    happened_at = row.happened_at if kind == "prewarning.raised" else None
    received_at = row.received_at if kind == "prewarning.raised" else None
    tx.emit(
        Fact(kind, row.id, {"alert": view}, row.area, actor=actor, happened_at=happened_at, received_at=received_at)
    )
    return view
