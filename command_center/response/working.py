"""How commands take a step with a case: row to value, `step`, value to row and clocks, in the caller's transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.evidence.queries import has_any
from command_center.registry.queries import WorkCalendar, category_row, unit_rows, work_calendar
from command_center.response.engine.calendar import Calendar
from command_center.response.engine.case import SYSTEM, Actor, Case, Effect, Event, Timer
from command_center.response.engine.step import step
from command_center.response.engine.stored import from_json, to_json
from command_center.response.intake.suggesting import is_competent
from command_center.response.profiles import profile_of
from command_center.response.tables import CaseRow, CaseUnitRow, ClockRow, FeedbackRow, OrderRow
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

# On which seats of the machine somebody sits whose role may do this.
SEATS: Mapping[str, tuple[str, ...]] = {
    "case.take_in": ("intake", "reporter"),
    "case.verify": ("verifier",),
    "case.dispatch": ("dispatcher",),
    "case.handle": ("unit", "handler"),
    "case.resolve": ("reviewer",),
    "case.call_back": ("caller",),
    "case.archive": ("archivist",),
    "case.supervise": ("supervisor",),
    "case.head": ("head",),
    "case.lead": ("leader",),
}

# In these states it is the unit's turn.
WITH_THE_UNIT = ("ASSIGNED", "RECEIVED", "HANDLING", "SUSPENDED")


class StoredDays:
    """The stored working days, read when they are first asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _calendar(self) -> WorkCalendar:
        return work_calendar(self._session)

    def __call__(self, day: date) -> bool:
        return self._calendar(day)

    def is_arranged(self, year: int) -> bool:
        return self._calendar.is_arranged(year)


def calendar_of(session: Session) -> Calendar:
    """The center's calendar as an administrator keeps it, read once for each session."""
    found: Calendar = session.info.setdefault("calendar", Calendar(StoredDays(session), version="stored"))
    return found


def actor_of(who: Who) -> Actor:
    """A signed-in caller as the machine sees him: the person, and the seats that his role gives."""
    seats = frozenset(seat for verb, names in SEATS.items() if who.may(verb) for seat in names)
    return Actor(who.person_id or f"user:{who.id}", seats, who.unit_id or who.person_id or "")


def ordered(person_id: str) -> Actor:
    """The person of an order, whose doings the hall takes as its effect on the case."""
    return Actor(person_id, frozenset({SYSTEM, "handler"}), person_id)


def take(tx: Transaction, row: CaseRow, actor: Actor, action: str, **said: Any) -> tuple[Effect, ...]:
    """Take a step with a held case and store what comes of it; what follows outside the case is returned.

    Raises:
        BadInput, Forbidden, Conflict: the step is refused; nothing is changed.
    """
    profile = profile_of(tx.session, row.profile, row.profile_version)
    case, effects = step(
        value_of(tx.session, row), Event(action, actor, said), tx.now, calendar_of(tx.session), profile
    )
    save(tx, row, case)
    return effects


def save(tx: Transaction, row: CaseRow, case: Case) -> None:
    """Store a case's value in its row, and its clocks where the keeper finds them."""
    row.state = case.state
    row.value = to_json(case)
    row.asks = any(one.is_open for one in case.approvals)
    _save_units(tx, row, case)
    stored = {(clock.name, clock.of): clock for clock in _clocks(tx.session, row)}
    for timer in case.timers:
        clock = stored.pop((timer.name, timer.of), None)
        if clock is None:
            clock = ClockRow(id=new_id(), case_id=row.id, name=timer.name, of=timer.of)
            tx.session.add(clock)
        _write(clock, timer)
    for gone in stored.values():
        tx.session.delete(gone)
    tx.session.flush()


def _save_units(tx: Transaction, row: CaseRow, case: Case) -> None:
    """Keep which units are at work on it; persons who were sent are found by their orders."""
    wanted = _at_work(case)
    claimed = case.state == "TRIAGE" and "claim" in profile_of(tx.session, row.profile, row.profile_version).features
    units = {unit.id: unit for unit in unit_rows(tx.session)} if wanted or claimed else {}
    wanted = {name: at for name, at in wanted.items() if name in units}
    if claimed:
        category = category_row(tx.session, case.category)
        may_claim = (unit.id for unit in units.values() if category is not None and is_competent(category, unit))
        wanted = {name: ("pool", True) for name in may_claim} | wanted
    query = select(CaseUnitRow).where(CaseUnitRow.case_id == row.id)
    stored = {unit.unit_id: unit for unit in tx.session.scalars(query)}
    for name, (part, waits) in wanted.items():
        unit = stored.pop(name, None)
        if unit is None:
            unit = CaseUnitRow(case_id=row.id, unit_id=name)
            tx.session.add(unit)
        unit.part, unit.waits = part, waits
    for gone in stored.values():
        tx.session.delete(gone)


def _at_work(case: Case) -> dict[str, tuple[str, bool]]:
    """By unit: its part, and whether the case waits for it."""
    found: dict[str, tuple[str, bool]] = {}
    for call in case.collaborations:
        for unit in call.units:
            found[unit] = ("called", call.closed_at is None and unit not in call.answered)
    for helper in case.helpers:
        found[helper] = ("helper", case.state in WITH_THE_UNIT or found.get(helper, ("", False))[1])
    if case.lead:
        answer_due = any(one.is_open for one in case.supervisions)
        found[case.lead] = ("lead", case.state in WITH_THE_UNIT or answer_due)
    return found


def value_of(session: Session, row: CaseRow) -> Case:
    """A case as the engine has it, with what other rows know better: who handled it, orders under way, evidence."""
    case = _from_before(session, row) if row.value is None else from_json(row.value)
    query = select(OrderRow.person_id, OrderRow.active_for, OrderRow.accepted_at).where(OrderRow.case_id == row.id)
    orders = session.execute(query).all()
    said = session.scalar(select(FeedbackRow.id).where(FeedbackRow.case_id == row.id).limit(1))
    evidence = max(case.evidence, int(said is not None or has_any(session, row.id)))
    taken_up = {person_id for person_id, _, accepted_at in orders if accepted_at is not None}
    return replace(
        case,
        handlers=case.handlers | taken_up,
        open_orders=sum(active_for is not None for _, active_for, _ in orders),
        evidence=evidence,
    )


def _from_before(session: Session, row: CaseRow) -> Case:
    """A case that the engine never had, from before it or of another system: its deadlines stay what they were."""
    query = select(OrderRow.person_id).where(OrderRow.case_id == row.id).order_by(OrderRow.sent_at, OrderRow.id)
    people = tuple(dict.fromkeys(session.scalars(query)))
    unit = session.scalar(
        select(CaseUnitRow.unit_id).where(CaseUnitRow.case_id == row.id, CaseUnitRow.part == "lead").limit(1)
    )
    return Case(
        id=row.id, profile=row.profile, profile_version=row.profile_version, state=row.state, opened_at=row.opened_at,
        category=row.category, priority=row.priority, colour=row.level, channel=row.source, place=row.place,
        text=row.title, numbered=True, lead=people[0] if people else unit, helpers=people[1:],
        started=row.state not in ("ACCEPTED", "ASSIGNED", "RECEIVED"), answer=row.answer or "",
        resolved_at=row.resolved_at, archived_at=row.archived_at, timers=tuple(_timers(_clocks(session, row))),
    )  # fmt: skip


def _clocks(session: Session, row: CaseRow) -> list[ClockRow]:
    return list(session.scalars(select(ClockRow).where(ClockRow.case_id == row.id).order_by(ClockRow.id)))


def _timers(clocks: Iterable[ClockRow]) -> Iterable[Timer]:
    for clock in clocks:
        yield Timer(
            clock.name, clock.started_at, clock.due_at, clock.due_at, "m", clock.basis, clock.of,
            stopped_at=clock.stopped_at, fired_at=clock.fired_at,
        )  # fmt: skip


def _write(clock: ClockRow, timer: Timer) -> None:
    clock.started_at, clock.due_at, clock.stopped_at = timer.started_at, timer.due_at, timer.stopped_at
    clock.paused_since, clock.fired_at, clock.fires = timer.paused_since, timer.fired_at, timer.pending
    clock.basis = timer.basis[:80]
