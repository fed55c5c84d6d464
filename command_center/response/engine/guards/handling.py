"""Conditions of receiving, returning, handling, waiting and extending. Pure."""

from collections.abc import Mapping
from datetime import timedelta

from command_center.errors import BadInput, Conflict, Forbidden, YipingError
from command_center.response.engine.calendar import BadSpan, parse_span
from command_center.response.engine.doing import Doing
from command_center.response.engine.guards.common import URGENT, Guard, needs

WAITING = ("等待鉴定", "等待当事人", "等待诉讼", "等待工程", "不可抗力")


def _addressed(doing: Doing) -> YipingError | None:
    ok = doing.by_system or doing.actor.org in (doing.case.lead, *doing.case.helpers)
    return None if ok else Forbidden("engine_not_addressed")


def _lead_only(doing: Doing) -> YipingError | None:
    ok = doing.by_system or doing.actor.org == doing.case.lead
    return None if ok else Forbidden("engine_lead_only")


def _order_in_force(doing: Doing) -> YipingError | None:
    until = doing.moment("until")
    return Conflict("engine_order_expired") if until is not None and until < doing.now else None


def _return_explained(doing: Doing) -> YipingError | None:
    given = doing.said("reason") and doing.said("basis") and doing.said("proposed_unit")
    return None if given else BadInput("engine_return_unexplained")


def _returns_left(doing: Doing) -> YipingError | None:
    if doing.case.priority == "P0":
        return Conflict("engine_urgent_no_return")
    most = doing.profile.limits.max_returns
    return None if doing.case.returns < most else Conflict("engine_returns_used", most=most)


def _within_return(doing: Doing) -> YipingError | None:
    timer = doing.case.timer("T-RETURN")
    late = timer is None or doing.asked_at > timer.due_at
    return Conflict("engine_return_late") if late else None


def _arrival_shown(doing: Doing) -> YipingError | None:
    shown = doing.event.body.get("within_100_m") is True or doing.said("note") or doing.by_system
    return None if shown else BadInput("arrival_needs_note")


def _something_reported(doing: Doing) -> YipingError | None:
    said = doing.said("text") or doing.number("photos") > 0 or doing.by_system
    return None if said else BadInput("feedback_empty")


def _may_wait(doing: Doing) -> YipingError | None:
    urgent_ = doing.case.priority in URGENT
    return Conflict("engine_urgent_no_wait", priority=doing.case.priority) if urgent_ else None


def _waiting_explained(doing: Doing) -> YipingError | None:
    if doing.said("reason") not in WAITING:
        return BadInput("engine_wait_reason", known="、".join(WAITING))
    resume, most = doing.moment("resume_at"), doing.profile.limits.max_pause_days
    good = resume is not None and doing.asked_at < resume <= doing.asked_at + timedelta(days=most)
    if good and resume is not None and resume <= doing.now:
        return Conflict("engine_wait_over")
    return None if good else BadInput("engine_wait_until", days=most)


def _pauses_left(doing: Doing) -> YipingError | None:
    most = doing.profile.limits.max_pauses
    return None if doing.case.pauses < most else Conflict("engine_pauses_used", most=most)


def _asked_in_time(doing: Doing) -> YipingError | None:
    timer = doing.case.timer("T-RESOLVE")
    running = timer is not None and timer.stopped_at is None and doing.asked_at < timer.due_at
    return None if running else Conflict("engine_extend_late")


def _extensions_left(doing: Doing) -> YipingError | None:
    most = doing.profile.limits.max_extensions
    return None if doing.case.extensions < most else Conflict("engine_extensions_used", most=most)


def _extension_within(doing: Doing) -> YipingError | None:
    """Row 19: in the unit of the clock, at most what the profile allows; a mediation by consent of both parties."""
    timer, most = doing.case.timer("T-RESOLVE"), doing.profile.limits.extend_max
    try:
        by = parse_span(doing.said("by"))
    except BadSpan:
        return BadInput("engine_extend_span")
    if timer is None or by.unit not in same_units(timer.unit):
        return BadInput("engine_extend_unit", unit="/".join(same_units(timer.unit)) if timer else "-")
    if doing.case.mediation is not None and doing.event.body.get("consent") is not True:
        return BadInput("engine_extend_consent")
    start = doing.now
    if most is not None and doing.calendar.due(start, by).at > doing.calendar.due(start, most).at:
        return BadInput("engine_extend_too_long", most=str(most))
    return None


def same_units(unit: str) -> tuple[str, ...]:
    """Units whose ticks are those of a clock in `unit`."""
    return {"m": ("m", "h"), "h": ("m", "h"), "mo": ("d",), "d": ("d",)}.get(unit, (unit,))


HANDLING: Mapping[str, Guard] = {
    "reason_given": needs("engine_reason_needed", "reason"),
    "addressed": _addressed,
    "order_in_force": _order_in_force,
    "return_explained": _return_explained,
    "returns_left": _returns_left,
    "within_return": _within_return,
    "arrival_shown": _arrival_shown,
    "something_reported": _something_reported,
    "may_wait": _may_wait,
    "waiting_explained": _waiting_explained,
    "pauses_left": _pauses_left,
    "asked_in_time": _asked_in_time,
    "extensions_left": _extensions_left,
    "extension_within": _extension_within,
    "lead_only": _lead_only,
}
