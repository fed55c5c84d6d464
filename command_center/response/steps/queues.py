"""Lists of cases: what waits for the caller, and what there is besides."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.response.finding.queries import said
from command_center.response.lines import CaseLine, lines
from command_center.response.profiles import LIVE
from command_center.response.sight import seen_by
from command_center.response.tables import CaseRow, CaseUnitRow, ClockRow, WayRow

Queue = Literal["todo", "open", "asks", "overdue", "ended"]
QUEUES: tuple[Queue, ...] = ("todo", "asks", "overdue", "open", "ended")
# Whose turn it is in a state, by what he may do. Where the unit's turn is, its rows of `CaseUnitRow` say so.
TURN: Mapping[str, tuple[str, ...]] = {
    "case.take_in": ("SUBMITTED", "ACCEPTED"),
    "case.verify": ("VERIFYING",),
    "case.dispatch": ("TRIAGE",),
    "case.resolve": ("REVIEW",),
    "case.call_back": ("CALLBACK",),
}
# 履行提醒: so long before what was promised is due, the case comes back to whoever calls people back; until then one
# that waits for nothing else troubles nobody.
REMINDED_BEFORE = timedelta(days=3)
DECIDES = ("case.lead", "case.head", "case.dispatch")


class QueueView(TypedDict):
    """`more`: whether there are more than are given."""

    cases: list[CaseLine]
    more: bool


def queue(
    session: Session, who: Who, name: Queue, *, now: datetime, q: str | None = None, limit: int = 100, skip: int = 0
) -> QueueView:
    """Cases of a queue: what waits, the most urgent first; what is over, the newest first."""
    query = select(CaseRow).where(seen_by(who), condition(who, name, now))
    if q and q.strip():
        query = query.where(said(session, q))
    order = (CaseRow.opened_at.desc(), CaseRow.id.desc()) if name in ("open", "ended") else (
        CaseRow.priority, CaseRow.opened_at, CaseRow.id
    )  # fmt: skip
    rows = session.scalars(query.order_by(*order).offset(skip).limit(limit + 1)).all()
    return {"cases": lines(session, rows[:limit]), "more": len(rows) > limit}


def counts(session: Session, who: Who, *, now: datetime) -> dict[str, int]:
    """How many cases lie in each queue but the one of those that are over."""
    names = [name for name in QUEUES if name != "ended"]
    each = (func.count().filter(condition(who, name, now)) for name in names)
    query = select(*each).select_from(CaseRow).where(seen_by(who), CaseRow.ended_at.is_(None))
    return dict(zip(names, session.execute(query).one(), strict=True))


def condition(who: Who, name: Queue, now: datetime) -> ColumnElement[bool]:
    """Which cases belong into a queue of a caller."""
    open_ = CaseRow.ended_at.is_(None)
    if name == "ended":
        return CaseRow.ended_at.is_not(None)
    if name == "asks":
        return and_(open_, CaseRow.asks)
    if name == "overdue":
        return and_(open_, _overdue(now))
    if name == "open":
        return open_
    return and_(open_, or_(*_turns(who, now)))


def _turns(who: Who, now: datetime) -> list[ColumnElement[bool]]:
    at_counter = CaseRow.profile != "hall"
    turns = [and_(at_counter, CaseRow.state.in_(states)) for verb, states in TURN.items() if who.may(verb)]
    if who.may("case.archive"):
        later = _promised(ClockRow.due_at >= now + REMINDED_BEFORE)
        turns.append(and_(at_counter, CaseRow.state == "RATED", not_(later)))
    if who.may("case.dispatch"):
        own = select(WayRow.id).where(WayRow.base.in_(LIVE))
        live = or_(CaseRow.profile.in_(LIVE), CaseRow.profile.in_(own))
        turns.append(and_(live, at_counter, CaseRow.state == "SUBMITTED"))
    if any(who.may(verb) for verb in DECIDES):
        turns.append(CaseRow.asks.is_(True))
    if who.may("case.supervise"):
        turns.append(_overdue(now))
    if who.may("case.call_back"):
        turns.append(_promised(ClockRow.due_at < now + REMINDED_BEFORE))
    if who.unit_id:
        waits = select(CaseUnitRow.case_id).where(CaseUnitRow.unit_id == who.unit_id, CaseUnitRow.waits)
        turns.append(CaseRow.id.in_(waits))
    return turns or [CaseRow.id.is_(None)]


def _promised(when: ColumnElement[bool]) -> ColumnElement[bool]:
    """Something is promised in an agreement for then, and nobody said yet whether it was done."""
    promised = select(ClockRow.case_id).where(ClockRow.name == "T-PERFORM", ClockRow.stopped_at.is_(None), when)
    return CaseRow.id.in_(promised)


def _overdue(now: datetime) -> ColumnElement[bool]:
    over = select(ClockRow.case_id).where(
        ClockRow.name == "T-RESOLVE",
        ClockRow.stopped_at.is_(None),
        ClockRow.paused_since.is_(None),
        ClockRow.due_at < now,
    )
    return CaseRow.id.in_(over)
