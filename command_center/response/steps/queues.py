"""Lists of cases: what waits for the caller, and what there is besides."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.response.profiles import ENDED, LIVE, profile_of
from command_center.response.sight import seen_by
from command_center.response.tables import CaseRow, CaseUnitRow, ClockRow, WayRow
from command_center.timeline.facts import iso

Queue = Literal["todo", "open", "asks", "overdue", "ended"]
QUEUES: tuple[Queue, ...] = ("todo", "asks", "overdue", "open", "ended")
# Whose turn it is in a state, by what he may do. Where the unit's turn is, its rows of `CaseUnitRow` say so.
TURN: Mapping[str, tuple[str, ...]] = {
    "case.take_in": ("SUBMITTED", "ACCEPTED"),
    "case.verify": ("VERIFYING",),
    "case.dispatch": ("TRIAGE",),
    "case.resolve": ("REVIEW",),
    "case.call_back": ("CALLBACK",),
    "case.archive": ("RATED",),
}
DECIDES = ("case.lead", "case.head", "case.dispatch")


class CaseLine(TypedDict):
    """A case in a list. `step`: where it is in the center's own words; `due_at`: the next of its deadlines."""

    id: str
    code: str
    title: str
    state: str
    step: str
    priority: str
    level: int
    category: str
    place: str
    area: str
    source: str
    profile: str
    lead: str | None
    asks: bool
    opened_at: str
    due_at: str | None
    version: int


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
        columns = (CaseRow.code, CaseRow.query_code, CaseRow.title, CaseRow.place, CaseRow.text)
        query = query.where(or_(*(column.contains(q.strip(), autoescape=True) for column in columns)))
    order = (CaseRow.opened_at.desc(), CaseRow.id.desc()) if name in ("open", "ended") else (
        CaseRow.priority, CaseRow.opened_at, CaseRow.id
    )  # fmt: skip
    rows = session.scalars(query.order_by(*order).offset(skip).limit(limit + 1)).all()
    return {"cases": lines(session, rows[:limit]), "more": len(rows) > limit}


def counts(session: Session, who: Who, *, now: datetime) -> dict[str, int]:
    """How many cases lie in each queue but the one of those that are over."""
    return {
        name: session.scalar(select(func.count()).select_from(CaseRow).where(seen_by(who), condition(who, name, now)))
        or 0
        for name in QUEUES
        if name != "ended"
    }


def condition(who: Who, name: Queue, now: datetime) -> ColumnElement[bool]:
    """Which cases belong into a queue of a caller."""
    open_ = CaseRow.state.not_in(ENDED)
    if name == "ended":
        return CaseRow.state.in_(ENDED)
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
    if who.may("case.dispatch"):
        own = select(WayRow.id).where(WayRow.base.in_(LIVE))
        live = or_(CaseRow.profile.in_(LIVE), CaseRow.profile.in_(own))
        turns.append(and_(live, at_counter, CaseRow.state == "SUBMITTED"))
    if any(who.may(verb) for verb in DECIDES):
        turns.append(CaseRow.asks.is_(True))
    if who.may("case.supervise"):
        turns.append(_overdue(now))
    if who.unit_id:
        waits = select(CaseUnitRow.case_id).where(CaseUnitRow.unit_id == who.unit_id, CaseUnitRow.waits)
        turns.append(CaseRow.id.in_(waits))
    return turns or [CaseRow.id.is_(None)]


def _overdue(now: datetime) -> ColumnElement[bool]:
    over = select(ClockRow.case_id).where(
        ClockRow.name == "T-RESOLVE",
        ClockRow.stopped_at.is_(None),
        ClockRow.paused_since.is_(None),
        ClockRow.due_at < now,
    )
    return CaseRow.id.in_(over)


def lines(session: Session, rows: Sequence[CaseRow]) -> list[CaseLine]:
    """Rows of a list, with one more query for all their deadlines."""
    due: defaultdict[str, list[datetime]] = defaultdict(list)
    running = select(ClockRow.case_id, ClockRow.due_at).where(
        ClockRow.case_id.in_([row.id for row in rows]),
        ClockRow.stopped_at.is_(None),
        ClockRow.paused_since.is_(None),
        ClockRow.name.not_like("L-%"),
    )
    for case_id, due_at in session.execute(running):
        due[case_id].append(due_at)
    return [_line(session, row, min(due[row.id], default=None)) for row in rows]


def _line(session: Session, row: CaseRow, due_at: datetime | None) -> CaseLine:
    profile = profile_of(session, row.profile, row.profile_version)
    return {
        "id": row.id,
        "code": row.code,
        "title": row.title,
        "state": row.state,
        "step": profile.shown_step(row.state) or "",
        "priority": row.priority,
        "level": row.level,
        "category": row.category,
        "place": row.place,
        "area": row.area,
        "source": row.source,
        "profile": row.profile,
        "lead": row.value.get("lead") if row.value else None,
        "asks": row.asks,
        "opened_at": iso(row.opened_at),
        "due_at": iso(due_at) if due_at else None,
        "version": row.version,
    }
