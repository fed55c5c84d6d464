"""Deadlines of a case: begun, stopped, paused and moved as values; their light and what is due next. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from command_center.response.engine.calendar import Calendar, Span, parse_span
from command_center.response.engine.case import Case, ClockState, Timer
from command_center.response.engine.description import Profile, TimerRule

Light = Literal["green", "yellow", "orange", "red", "grey"]
Dates = Mapping[str, Any]
NO_TERM = ("", "-")


def begin(
    case: Case,
    profile: Profile,
    name: str,
    now: datetime,
    calendar: Calendar,
    *,
    of: str = "",
    dates: Dates | None = None,
) -> Case:
    """Start a timer of the profile; nothing happens where there is no term for such a case."""
    rule = profile.timers.get(name)
    if rule is None or (rule.once and case.timer(name, of) is not None):
        return case
    looked_up = rule.term.get("date")
    if looked_up is not None:
        day = (dates or {}).get(looked_up)
        return case if day is None else with_timer(case, _dated(name, now, day, of))
    span = term_of(rule, case, profile, dates or {})
    return case if span is None else with_timer(case, spanned(name, now, span, calendar, of=of, rolls=rule.rolls))


def spanned(name: str, now: datetime, span: Span, calendar: Calendar, *, of: str = "", rolls: bool = False) -> Timer:
    """A timer over a span that begins now."""
    due = calendar.due(now, span, rolls=rolls)
    assumed = "".join(f" no-calendar:{year}" for year in due.assumed_years)
    basis = f"{span} {calendar.version}{assumed}"
    return Timer(name, now, due.counted_at, due.at, span.unit, basis, of, rolls)


def term_of(rule: TimerRule, case: Case, profile: Profile, said: Dates) -> Span | None:
    """How long a timer runs for such a case: the first condition that holds."""
    facts = {
        case.priority, f"kind:{case.kind}", f"channel:{case.channel}", f"colour:{case.colour}", f"try:{case.tries}",
        f"whistle:{said.get('whistle', '')}", "*",
    }  # fmt: skip
    for condition, term in rule.term.items():
        if condition == "category":
            found = case.terms.get(term, "")
            if found not in NO_TERM:
                return parse_span(found)
        elif condition == "mediation":
            return _mediation_term(case, profile, term)
        elif condition in facts:
            return parse_span(term)
    return None


def _mediation_term(case: Case, profile: Profile, term: str) -> Span | None:
    rule = profile.mediation
    if rule is None or case.mediation is None:
        return None
    return rule.general_limit if term == "general_limit" else rule.levels[case.mediation.level].window


def _dated(name: str, now: datetime, day: datetime, of: str) -> Timer:
    return Timer(name, now, day, day, "d", "date", of)


def with_timer(case: Case, timer: Timer) -> Case:
    """The case with a timer in the place of the one of its name."""
    others = tuple(one for one in case.timers if (one.name, one.of) != (timer.name, timer.of))
    return replace(case, timers=(*others, timer))


def without_timers(case: Case, names: frozenset[str]) -> Case:
    """The case as if these timers had never begun, so that they begin anew."""
    return replace(case, timers=tuple(one for one in case.timers if one.name not in names))


def stop(case: Case, names: tuple[str, ...], now: datetime) -> Case:
    """Stop these timers, or all of them for `*`."""

    def stopped(one: Timer) -> Timer:
        ends = one.stopped_at is None and ("*" in names or one.name in names)
        return replace(one, stopped_at=now, paused_since=None) if ends else one

    return replace(case, timers=tuple(stopped(one) for one in case.timers))


def run_on(case: Case, names: tuple[str, ...]) -> Case:
    """Let stopped timers run on to their deadline, because what had stopped them was taken back."""
    return replace(
        case, timers=tuple(replace(one, stopped_at=None) if one.name in names else one for one in case.timers)
    )


def pause(case: Case, profile: Profile, now: datetime) -> Case:
    """The case waits: whatever its profile lets stand still stands still."""

    def paused(one: Timer) -> Timer:
        rule = profile.timers.get(one.name)
        return replace(one, paused_since=now) if rule is not None and rule.pauses and one.pending else one

    return replace(case, timers=tuple(paused(one) for one in case.timers))


def resume(case: Case, now: datetime, calendar: Calendar) -> Case:
    """The case goes on: deadlines move by as many ticks of their unit as the pause had."""

    def resumed(one: Timer) -> Timer:
        if one.paused_since is None:
            return one
        ticks = calendar.ticks(one.unit, one.paused_since, now)
        return moved(replace(one, paused=one.paused + ticks, paused_since=None), calendar)

    return replace(case, timers=tuple(resumed(one) for one in case.timers))


def extend(timer: Timer, ticks: int, now: datetime, calendar: Calendar) -> Timer:
    """Move a deadline out by an approved extension; one that had passed meanwhile comes again."""
    later = moved(replace(timer, extended=timer.extended + ticks), calendar)
    return replace(later, fired_at=None) if later.due_at > now else later


def moved(timer: Timer, calendar: Calendar) -> Timer:
    """A timer with its deadline recomputed: first deadline, plus pauses, plus extensions."""
    counted = calendar.advance(timer.unit, timer.counted_at, timer.paused + timer.extended)
    return replace(timer, due_at=calendar.deadline(timer.unit, timer.started_at, counted, rolls=timer.rolls).at)


def ticks_of(span: Span) -> int:
    """A span in ticks of its unit."""
    return span.count * {"m": 60, "h": 3600, "wh": 3600}.get(span.unit, 1)


def allowed_s(timer: Timer, calendar: Calendar) -> int:
    """Seconds that count within a term, with its extensions and without its pauses; at least one."""
    end = calendar.advance(timer.unit, timer.counted_at, timer.extended)
    return max(1, calendar.measure_s(timer.unit, timer.started_at, end))


def light(timer: Timer, now: datetime, calendar: Calendar) -> Light | None:
    """绿 below 70 % of the time, 黄 to 90 %, 橙 to the end, 红 after it, 灰 while it waits; None once stopped."""
    if timer.stopped_at is not None:
        return None
    if timer.paused_since is not None:
        return "grey"
    if now >= timer.due_at:
        return "red"
    share = 1 - calendar.measure_s(timer.unit, now, timer.due_at) / allowed_s(timer, calendar)
    return "green" if share < 0.7 else "yellow" if share < 0.9 else "orange"


def clock_of(case: Case) -> ClockState:
    """The C region."""
    if any(one.paused_since is not None for one in case.timers):
        return "PAUSED"
    main = main_timer(case)
    return "RUN" if main is not None and main.runs else "STOPPED"


def main_timer(case: Case) -> Timer | None:
    """The deadline that the ladder follows: that of the repair while there is one, else that of the case."""
    repair = case.timer("T-RECTIFY")
    return repair if repair is not None and repair.stopped_at is None else case.timer("T-RESOLVE")


def next_due(case: Case) -> Timer | None:
    """The pending timer that runs out first."""
    return min(
        (one for one in case.timers if one.pending), key=lambda one: (one.due_at, one.name, one.of), default=None
    )
