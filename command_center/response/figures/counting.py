"""What is counted, as conditions on stored rows: one place for the sums and for the lists of cases behind them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, String, and_, case, cast, exists, func, literal, or_, true
from sqlalchemy.orm import aliased

from command_center.access.guard import Who
from command_center.errors import BadInput
from command_center.registry.clocks import LOCAL
from command_center.response.figures.picking import is_true, picked, seconds_between
from command_center.response.tables import CaseRow, CaseUnitRow, ClockRow, ResponderRow
from command_center.timeline.tables import UtcDateTime

WAITING = ("DRAFT", "SUBMITTED", "VERIFYING")
REFUSED = ("REJECTED", "FALSE_ALARM")
JOINED = ("DUPLICATE", "MERGED")
LEFT = ("TRANSFERRED", "WITHDRAWN")
CLOSED = ("RESOLVED", "CALLBACK", "RATED", "ARCHIVED")
OPEN = ("ACCEPTED", "TRIAGE", "ASSIGNED", "RECEIVED", "HANDLING", "SUSPENDED", "REVIEW")
NOT_CLOSED = (*WAITING, *REFUSED, *JOINED, *LEFT, *OPEN)
# 基本满意 and better.
SATISFIED = 3
# A decade: a period that reads back further is a slip of the hand.
LONGEST_DAYS = 3660
# Cases led by other units than that of the caller, who helps with them.
OTHERS = "-"
PARTS = ("unit", "category", "channel", "tier", "level", "village", "way")

Flag = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included."""

    since: date
    until: date

    @property
    def start(self) -> datetime:
        return datetime.combine(self.since, time(), LOCAL)

    @property
    def end(self) -> datetime:
        """The midnight after it."""
        return datetime.combine(self.until + timedelta(days=1), time(), LOCAL)


def period(since: date | None, until: date | None, *, now: datetime) -> Period:
    """The days asked for: up to today, from the first of the month, where nothing is said.

    Raises:
        BadInput: it ends before it begins, or is longer than ten years.
    """
    today = now.astimezone(LOCAL).date()
    last = until or max(today, since or today)
    first = since or last.replace(day=1)
    if not first <= last <= first + timedelta(days=LONGEST_DAYS) or last.year > today.year + 10:
        raise BadInput("figures_period_bad")
    return Period(first, last)


class Rows:
    """Cases with the clocks, the unit and the person that figures need: one row a case."""

    def __init__(self) -> None:
        self.accept, self.receive, self.arrive, self.resolve = (aliased(ClockRow) for _ in range(4))
        joined = _with_clocks(
            CaseRow.__table__,
            {self.accept: "T-ACCEPT", self.receive: "T-RECV", self.arrive: "T-ARRIVE", self.resolve: "T-RESOLVE"},
        )
        leads = and_(CaseUnitRow.case_id == CaseRow.id, CaseUnitRow.part == "lead")
        sent = ResponderRow.id == picked(CaseRow.value, "lead")
        self.source: FromClause = joined.outerjoin(CaseUnitRow, leads).outerjoin(ResponderRow, sent)

    def part(self, name: str, who: Who) -> ColumnElement[str]:
        """What a case belongs to in a breakdown, as text; "" where it belongs to nothing."""
        found: Mapping[str, ColumnElement[Any]] = {
            "unit": self._unit(who),
            "category": cast(CaseRow.category, String),
            "channel": cast(CaseRow.source, String),
            "tier": func.coalesce(picked(CaseRow.value, "level"), "town"),
            "level": cast(CaseRow.level, String),
            "village": case((func.length(CaseRow.area) >= 12, func.substr(CaseRow.area, 1, 12)), else_=""),
            "way": cast(CaseRow.profile, String),
        }  # fmt: skip
        return found[name]

    def _unit(self, who: Who) -> ColumnElement[str]:
        """The unit in charge, or that of the person in charge. Of other units a department reads no figures."""
        unit = func.coalesce(CaseUnitRow.unit_id, ResponderRow.unit_id, "")
        if who.may("case.see"):
            return unit
        return case((unit == (who.unit_id or ""), unit), (unit == "", unit), else_=OTHERS)

    def counts(self, *, now: datetime, in_original: Collection[str] = ()) -> dict[str, ColumnElement[int]]:
        """How often each case counts for each name: once or not at all; 派单 and 退单 it may have had several times.

        Args:
            now: deadlines that run are looked at as of now.
            in_original: ids of closed cases with an extension that they did not need.
        """
        once = {name: case((flag, 1), else_=0) for name, flag in self._flags(now, in_original).items()}
        times = _number("returns")
        sent = times + case((self.receive.id.is_not(None), 1), else_=0)
        return {**once, "returns": times, "sendings": sent}

    def durations(self) -> dict[str, ColumnElement[int]]:
        """Seconds of elapsed time, NULL where it did not come to an end."""
        taken = {
            "accept_s": (self._accepted(), self.accept.started_at, self.accept.stopped_at),
            "receive_s": (self._received(), self.receive.started_at, self.receive.stopped_at),
            "arrive_s": (self._arrived(), self.arrive.started_at, self.arrive.stopped_at),
            "close_s": (CaseRow.state.in_(CLOSED), CaseRow.opened_at, CaseRow.resolved_at),
        }
        return {name: case((flag, seconds_between(start, end))) for name, (flag, start, end) in taken.items()}

    def extended_and_closed(self) -> Flag:
        """Closed before a deadline that an extension had moved: whether it was needed is to be looked up."""
        return and_(CaseRow.state.in_(CLOSED), self._on_time(), _number("extensions") > 0)

    def _flags(self, now: datetime, in_original: Collection[str]) -> dict[str, Flag]:
        accepted, closed, open_ = self._accepted(), CaseRow.state.in_(CLOSED), CaseRow.state.in_(OPEN)
        dispatched = or_(self.receive.id.is_not(None), _number("returns") > 0)
        received, arrived = self._received(), self._arrived()
        rebounded = _number("rebounds") > 0
        agreed = picked(CaseRow.value, "mediation", "agreed_at").is_not(None)
        failed = picked(CaseRow.value, "mediation", "failed_round").is_not(None)
        called = CaseRow.callback.is_not(None)
        petition = and_(accepted, CaseRow.source == "petition")
        calm = and_(_number("repeats") == 0, _number("rebounds") == 0)
        return {
            "came": true(),
            "accepted": accepted,
            "open": open_,
            "overdue": and_(open_, runs_late(self.resolve, now)),
            "suspended": CaseRow.state == "SUSPENDED",
            "closed": closed,
            "left": and_(accepted, CaseRow.state.in_(LEFT)),
            "waiting": CaseRow.state.in_(WAITING),
            "refused": or_(CaseRow.state.in_(REFUSED), and_(CaseRow.state.in_(LEFT), ~accepted)),
            "joined": CaseRow.state.in_(JOINED),
            "dispatched": dispatched,
            "right_first": and_(dispatched, _number("returns") == 0),
            "received": received,
            "answerable": or_(received, _ran_out(self.receive, now)),
            "answered": and_(received, self.receive.stopped_at <= self.receive.due_at),
            "arrivable": or_(arrived, _ran_out(self.arrive, now)),
            "arrived": and_(arrived, self.arrive.stopped_at <= self.arrive.due_at),
            "dated": and_(closed, self.resolve.stopped_at.is_not(None)),
            "on_time": and_(closed, self._on_time()),
            "on_original": and_(
                closed, self._on_time(), or_(_number("extensions") == 0, CaseRow.id.in_(in_original))
            ),
            "called": called,
            "solved": and_(called, is_true(CaseRow.callback, "solved") == 1),
            "satisfied": and_(called, cast(picked(CaseRow.callback, "rating"), Integer) >= SATISFIED),
            "mediated": or_(agreed, failed),
            "agreed": agreed,
            "petitions": petition,
            "once": and_(petition, closed, calm),
            "ever_closed": or_(closed, rebounded),
            "rebounded": rebounded,
        }  # fmt: skip

    def _accepted(self) -> Flag:
        """Taken on. What was handed on or withdrawn was, if it ever waited to be dispatched or was."""
        begun = aliased(ClockRow)
        was = exists().where(begun.case_id == CaseRow.id, begun.name.in_(("T-TRIAGE", "T-RECV")))
        return or_(CaseRow.state.in_((*OPEN, *CLOSED)), and_(CaseRow.state.in_(LEFT), was))

    def _received(self) -> Flag:
        """A unit or person took it up: the clock stopped, and not because the case ended with all its clocks."""
        return _stopped_for(self.receive, self.resolve)

    def _arrived(self) -> Flag:
        return _stopped_for(self.arrive, self.resolve)

    def _on_time(self) -> Flag:
        return self.resolve.stopped_at <= self.resolve.due_at


def runs_late(clock: Any, now: datetime) -> Flag:
    """Whether a clock runs and is past its deadline, as the queue of overdue cases has it."""
    return and_(clock.stopped_at.is_(None), clock.paused_since.is_(None), clock.due_at < now)


def _ran_out(clock: Any, now: datetime) -> Flag:
    """The deadline passed while the clock ran: before it stopped or stood still, or before now."""
    until = func.coalesce(clock.stopped_at, clock.paused_since, literal(now, UtcDateTime()))
    return and_(clock.due_at.is_not(None), clock.due_at < until)


def _stopped_for(clock: Any, resolve: Any) -> Flag:
    """Stopped by what it waits for. The end of a case stops all its clocks at one instant; that is no answer."""
    before_the_end = or_(resolve.stopped_at.is_(None), clock.stopped_at < resolve.stopped_at)
    return and_(clock.stopped_at.is_not(None), before_the_end)


def _with_clocks(source: FromClause, names: Mapping[Any, str]) -> FromClause:
    for clock, name in names.items():
        source = source.outerjoin(clock, and_(clock.case_id == CaseRow.id, clock.name == name, clock.of == ""))
    return source


def _number(name: str) -> ColumnElement[int]:
    """A count that the engine keeps in the case; 0 for a case from before there was an engine."""
    return func.coalesce(cast(picked(CaseRow.value, name), Integer), 0)
