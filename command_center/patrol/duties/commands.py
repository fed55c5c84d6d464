"""Duties open for the day and follow a changed plan; a verdict is written into the ledger and told with its fact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from command_center.ingest.position import from_ms
from command_center.patrol.duties.facts import Reason, duty_fact
from command_center.patrol.duties.tables import DutyRow, JudgementRow
from command_center.patrol.lines.tables import LineRow
from command_center.patrol.points.tables import PointRow
from command_center.patrol.proof.causes import Absence
from command_center.patrol.proof.judge import Verdict
from command_center.patrol.proof.street import REACH_M, Street
from command_center.patrol.windows import day_bounds, local_day, read_windows
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

Target = PointRow | LineRow

# What a duty takes over from its point or line, and follows until its window begins.
REQUIRED = (
    "area",
    "lon",
    "lat",
    "radius_m",
    "need_s",
    "line",
    "need_share",
    "both_sides",
    "person_id",
    "unit_id",
    "assigned_only",
)
# A street that grows piece by piece is told at steps, not at every piece.
TOLD_STEP = 0.1


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a verdict rests on.

    Attributes:
        received_ms: when the latest position that was weighed had reached us; 0: there was none.
        late: positions that came late since the last verdict, by person.
    """

    received_ms: int = 0
    late: Mapping[str, int] = field(default_factory=dict)


def open_duties(tx: Transaction, day: date, *, point_id: str | None = None, line_id: str | None = None) -> int:
    """Open what is due on a local day and is not open yet; repeating it changes nothing. Returns how many were opened.

    Windows that can no longer be met (over, or too little left of them) are not opened: nobody was told of them.

    Args:
        tx: the transaction.
        day: local date on which the windows start.
        point_id, line_id: this one only; both None: all active points and lines.
    """
    targets = _targets(tx, point_id=point_id, line_id=line_id)
    since, _ = day_bounds(day)
    known = {
        (duty.point_id or duty.line_id, duty.window_start)
        for duty in duties_from(tx, since=since, point_id=point_id, line_id=line_id)
    }
    opened = 0
    for target in targets:
        for window in read_windows(target.windows):
            start, end = window.on(day)
            left_s = (end - max(start, tx.now)).total_seconds()
            if (target.id, start) in known or left_s < _least_s(target) or left_s <= 0:
                continue
            duty = _duty(target, start, end)
            tx.session.add(duty)
            tx.emit(duty_fact("patrol.duty_opened", duty))
            opened += 1
    return opened


def replan(tx: Transaction, target: Target) -> None:
    """Call off what has not begun and no longer fits the point or line, let the rest follow it, open what is new."""
    day = local_day(tx.now)
    wanted = {window.on(day) for window in read_windows(target.windows)} if target.active else set()
    for duty in duties_from(tx, since=tx.now, **_of(target)):
        if duty.state != "open":
            continue
        if (duty.window_start, duty.window_end) in wanted:
            _follow(duty, target)
            duty.version += 1
            tx.emit(duty_fact("patrol.duty_opened", duty))
            continue
        duty.state, duty.settled_at = "excused", tx.now
        duty.version += 1
        _record(tx, duty, Grounds(), "plan")
        tx.emit(duty_fact("patrol.excused", duty, note={"called_off": True}))
    if target.active:
        _reopen(tx, target, wanted)
        open_duties(tx, day, **_of(target))


def write_verdict(
    tx: Transaction,
    *,
    id: str,
    verdict: Verdict,
    closing: bool = False,
    absence: Absence | None = None,
    grounds: Grounds | None = None,
) -> DutyRow | None:
    """Write down what the positions prove of a duty: a new row of the ledger and its fact, if it is news.

    The first proof makes the duty visited; the end of its window settles it; a late position may turn it later, which
    the fact says (`note.rejudged`).

    Args:
        tx: the transaction.
        id: of the duty.
        verdict: from `judge` or `judge_street`.
        closing: the window is over.
        absence: needed where the verdict is that nobody was there and the duty is closing or settled.
        grounds: what was weighed.

    Returns:
        The row, or None if the duty is gone or was called off.
    """
    row = tx.session.get(DutyRow, id, with_for_update=True, populate_existing=True)
    if row is None or called_off(row):
        return None
    was_settled = row.settled_at is not None
    if verdict.visited_by is None and not closing and not was_settled:
        return _tell_progress(tx, row, verdict)
    before = _outcome(row)
    _set_outcome(row, verdict, absence)
    if closing and not was_settled:
        row.settled_at = tx.now
    if _outcome(row) == before:
        return row
    row.version += 1
    reason: Reason = "late_positions" if was_settled else "window_over" if closing else "proved"
    _record(tx, row, grounds or Grounds(), reason)
    kind = f"patrol.{row.state}" if row.state != before[0] else "patrol.settled"
    note = {"rejudged": True, "was": before[0]} if was_settled else None
    happened_at = row.visited_at if row.state == "visited" else row.window_end
    tx.emit(duty_fact(kind, row, happened_at=happened_at, note=note))
    return row


def called_off(row: DutyRow) -> bool:
    """A duty that a change of the plan called off: excused without a cause."""
    return row.state == "excused" and row.cause is None


def duties_from(
    tx: Transaction, *, since: datetime, point_id: str | None = None, line_id: str | None = None
) -> list[DutyRow]:
    """Duties whose window starts at or after a time, of one target or of all, held until the transaction ends."""
    query = select(DutyRow).where(DutyRow.window_start >= since)
    if point_id is not None:
        query = query.where(DutyRow.point_id == point_id)
    if line_id is not None:
        query = query.where(DutyRow.line_id == line_id)
    return list(tx.session.scalars(query.order_by(DutyRow.id).with_for_update()))


def _tell_progress(tx: Transaction, row: DutyRow, verdict: Verdict) -> DutyRow:
    """Tell how far a street is walked while its window is open; this is no verdict and no line of the ledger."""
    if verdict.share is None or verdict.share < (row.share or 0.0) + TOLD_STEP:
        return row
    row.share, row.done = round(verdict.share, 4), [list(span) for span in verdict.done]
    row.version += 1
    tx.emit(duty_fact("patrol.progressed", row))
    return row


def _record(tx: Transaction, row: DutyRow, grounds: Grounds, reason: Reason) -> None:
    last = tx.session.scalar(select(func.max(JudgementRow.version)).where(JudgementRow.duty_id == row.id))
    tx.session.add(
        JudgementRow(
            duty_id=row.id,
            version=(last or 0) + 1,
            state=row.state,
            visited_by=row.visited_by,
            visited_at=row.visited_at,
            dwell_s=row.dwell_s,
            share=row.share,
            cause=row.cause,
            case_id=row.case_id,
            detail=row.detail,
            judged_at=tx.now,
            evidence_until=from_ms(grounds.received_ms) if grounds.received_ms else None,
            why={"reason": reason, **({"late": dict(sorted(grounds.late.items()))} if grounds.late else {})},
        )
    )


def _set_outcome(row: DutyRow, verdict: Verdict, absence: Absence | None) -> None:
    row.visited_by = verdict.visited_by
    row.visited_at = _moment(verdict.visited_at_s)
    row.dwell_s = verdict.dwell_s
    row.stay_start = _moment(verdict.stay.start_s) if verdict.stay else None
    row.stay_end = _moment(verdict.stay.end_s) if verdict.stay else None
    row.share = None if verdict.share is None else round(verdict.share, 4)
    row.done = None if verdict.share is None else [list(span) for span in verdict.done]
    walked = {person_id: round(share, 4) for person_id, share in (verdict.walked or {}).items()}
    detail: dict[str, Any] = {"walked": walked} if walked else {}
    if verdict.visited_by is not None:
        row.state, row.cause, row.case_id, row.detail = "visited", None, None, detail or None
        return
    why = absence or Absence("not_visited")
    row.state = "excused" if why.case_id else "missed"
    row.cause, row.case_id, row.detail = why.cause, why.case_id, {**detail, **why.detail} or None


def _outcome(row: DutyRow) -> tuple[object, ...]:
    kept = ("state", "visited_by", "visited_at", "dwell_s", "share", "done", "cause", "case_id", "detail")
    return tuple(getattr(row, name) for name in kept)


def _targets(tx: Transaction, *, point_id: str | None, line_id: str | None) -> Sequence[Target]:
    points = select(PointRow).where(PointRow.active).order_by(PointRow.id)
    lines = select(LineRow).where(LineRow.active).order_by(LineRow.id)
    if point_id is not None:
        return list(tx.session.scalars(points.where(PointRow.id == point_id)))
    if line_id is not None:
        return list(tx.session.scalars(lines.where(LineRow.id == line_id)))
    return [*tx.session.scalars(points), *tx.session.scalars(lines)]


def _of(target: Target) -> dict[str, str]:
    return {"line_id" if isinstance(target, LineRow) else "point_id": target.id}


def _least_s(target: Target) -> float:
    return 0.0 if isinstance(target, LineRow) else float(target.dwell_s)


def _reopen(tx: Transaction, target: Target, wanted: set[tuple[datetime, datetime]]) -> None:
    """A window that was called off and is wanted again before it begins is the same duty."""
    for duty in duties_from(tx, since=tx.now, **_of(target)):
        same = next((window for window in wanted if window[0] == duty.window_start), None)
        if not called_off(duty) or same is None:
            continue
        _follow(duty, target)
        duty.window_end = same[1]
        duty.state, duty.settled_at = "open", None
        duty.version += 1
        _record(tx, duty, Grounds(), "plan")
        tx.emit(duty_fact("patrol.duty_opened", duty))


def _follow(duty: DutyRow, target: Target) -> None:
    fresh = _duty(target, duty.window_start, duty.window_end)
    for name in REQUIRED:
        setattr(duty, name, getattr(fresh, name))


def _duty(target: Target, start: datetime, end: datetime) -> DutyRow:
    common = {
        "id": new_id(),
        "area": target.area,
        "window_start": start,
        "window_end": end,
        "person_id": target.person_id,
        "assigned_only": target.assigned_only,
        "state": "open",
        "dwell_s": 0,
        "version": 1,
    }
    if isinstance(target, PointRow):
        return DutyRow(
            **common,
            point_id=target.id,
            lon=target.lon,
            lat=target.lat,
            radius_m=target.radius_m,
            need_s=target.dwell_s,
            both_sides=False,
        )
    lon, lat = Street(tuple((lon, lat) for lon, lat in target.line)).middle_lonlat()
    return DutyRow(
        **common,
        line_id=target.id,
        lon=lon,
        lat=lat,
        radius_m=REACH_M,
        need_s=0,
        line=target.line,
        need_share=target.need_share,
        both_sides=target.both_sides,
        unit_id=target.unit_id,
        share=0.0,
        done=[],
    )


def _moment(at_s: float | None) -> datetime | None:
    """Whole seconds: positions that come late move the moment of crossing a circle by fractions that say nothing."""
    return None if at_s is None else from_ms(round(at_s) * 1000)
