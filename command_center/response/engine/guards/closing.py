"""Conditions of closing, reviewing, rating, supervising and putting away. Pure."""

from collections.abc import Mapping

from command_center.errors import BadInput, Conflict, Forbidden, YipingError
from command_center.response.engine.doing import Doing
from command_center.response.engine.guards.common import URGENT, Guard, listed, needs
from command_center.response.engine.ladder import rank_now

NEW_FACTS = ("新事实", "协议未履行", "复发")
BAD_GRADE = 2


def _answer_given(doing: Doing) -> YipingError | None:
    return None if doing.said("answer") or doing.case.answer else BadInput("answer_needed")


def _evidence_kept(doing: Doing) -> YipingError | None:
    return None if doing.case.evidence > 0 else Conflict("evidence_needed")


def _helpers_answered(doing: Doing) -> YipingError | None:
    waits = [unit for one in doing.case.collaborations if one.waits for unit in one.units if unit not in one.answered]
    return Conflict("engine_helpers_wait", units="、".join(waits)) if waits else None


def _no_open_order(doing: Doing) -> YipingError | None:
    count = doing.case.open_orders
    return Conflict("orders_still_open", count=count) if count else None


def _reviewer_kept_apart(doing: Doing) -> YipingError | None:
    return Forbidden("handler_may_not_review") if doing.actor.id in doing.case.handlers else None


def _dispatcher_kept_apart(doing: Doing) -> YipingError | None:
    own = "dispatcher" in doing.profile.separation and doing.actor.id == doing.case.dispatcher
    return Forbidden("engine_dispatcher_may_not_close") if own else None


def _handler_kept_apart(doing: Doing) -> YipingError | None:
    """Whoever supervises does not handle; where the profile keeps them apart, neither does whoever dispatched."""
    if doing.by_system:
        return None
    own = "dispatcher" in doing.profile.separation and doing.actor.id == doing.case.dispatcher
    if own:
        return Forbidden("engine_dispatcher_may_not_handle")
    return Forbidden("engine_supervisor_may_not_handle") if doing.actor.id in doing.case.supervisors else None


def _supervisor_kept_apart(doing: Doing) -> YipingError | None:
    apart = doing.actor.id in doing.case.handlers
    own = "dispatcher" in doing.profile.separation and doing.actor.id == doing.case.dispatcher
    return Forbidden("engine_handler_may_not_supervise") if apart or own else None


def _simple_matter(doing: Doing) -> YipingError | None:
    known = doing.profile.simple_matters
    return None if {doing.case.kind, doing.case.category} & known else Conflict("engine_not_simple")


def _both_pictures(doing: Doing) -> YipingError | None:
    both = doing.event.body.get("before") and doing.event.body.get("after")
    return None if both else BadInput("engine_both_pictures")


def _can_be_asked(doing: Doing) -> YipingError | None:
    return None if doing.case.contactable else Conflict("engine_nobody_to_ask")


def _cannot_be_asked(doing: Doing) -> YipingError | None:
    return Conflict("engine_ask_first") if doing.case.contactable else None


def _grade_given(doing: Doing) -> YipingError | None:
    if doing.number("rating") not in range(1, 6):
        return BadInput("rating_range")
    return None if isinstance(doing.event.body.get("solved"), bool) else BadInput("engine_solved_needed")


def _tries_left(doing: Doing) -> YipingError | None:
    return None if doing.case.tries < doing.profile.limits.max_tries else Conflict("engine_tries_used")


def _tried_enough(doing: Doing) -> YipingError | None:
    return None if doing.case.tries >= doing.profile.limits.max_tries else Conflict("engine_try_again")


def _rated_badly(doing: Doing) -> YipingError | None:
    """Row 28: a bad grade or "not solved", and not for a cause outside what the center can do."""
    case = doing.case
    bad = (case.rating is not None and case.rating <= BAD_GRADE) or case.solved is False
    return None if bad and case.cause != "objective" else Conflict("engine_not_rated_badly")


def _rounds_left(doing: Doing) -> YipingError | None:
    most = doing.profile.limits.max_rounds
    return None if doing.case.round <= most else Conflict("engine_rounds_used", most=most)


def _bad_rating_met(doing: Doing) -> YipingError | None:
    """A bad rating is worked on or explained before the case is put away."""
    if "lenient_rating" in doing.profile.features or _rated_badly(doing) or _rounds_left(doing):
        return None
    return Conflict("engine_rework_first")


def _was_resolved(doing: Doing) -> YipingError | None:
    done = doing.case.resolved_at is not None and doing.case.answer and doing.case.evidence
    return None if done else Conflict("evidence_needed")


def _nothing_owed(doing: Doing) -> YipingError | None:
    """Row 29: no open supervision, no agreement still to be performed, and a mediation's file complete."""
    case, said = doing.case, doing.case.mediation
    if any(one.is_open for one in case.supervisions):
        return Conflict("engine_supervision_open")
    if said is not None and said.agreed_at is not None and said.performed_at is None and said.perform_by is not None:
        return Conflict("engine_performance_open") if said.broken_at is None else None
    if said is not None and said.agreed_at is not None:
        missing = [paper for paper in doing.profile.papers if paper not in case.papers]
        return Conflict("engine_papers_missing", papers="、".join(missing)) if missing else None
    return None


def _may_be_dropped(doing: Doing) -> YipingError | None:
    return Conflict("engine_urgent_no_drop") if doing.case.priority in URGENT else None


def _rung_not_below(doing: Doing) -> YipingError | None:
    step = doing.profile.ladder.get(doing.said("step"))
    if step is None or not doing.said("reason"):
        return BadInput("engine_rung_needed", known="、".join(one.names["zh"] for one in doing.profile.ladder.values()))
    return None if step.rank > rank_now(doing.case, doing.profile) else Conflict("engine_rung_below")


def _supervision_open(doing: Doing) -> YipingError | None:
    return None if any(one.is_open for one in doing.case.supervisions) else Conflict("engine_no_supervision")


def _was_listed(doing: Doing) -> YipingError | None:
    found = any(one.step == "list" and one.is_open for one in doing.case.supervisions)
    return None if found else Conflict("engine_not_listed")


CLOSING: Mapping[str, Guard] = {
    "handler_kept_apart": _handler_kept_apart,
    "answer_given": _answer_given,
    "evidence_kept": _evidence_kept,
    "helpers_answered": _helpers_answered,
    "forces_back": _no_open_order,
    "reviewer_kept_apart": _reviewer_kept_apart,
    "dispatcher_kept_apart": _dispatcher_kept_apart,
    "simple_matter": _simple_matter,
    "both_pictures": _both_pictures,
    "can_be_asked": _can_be_asked,
    "cannot_be_asked": _cannot_be_asked,
    "grade_given": _grade_given,
    "caller_kept_apart": _reviewer_kept_apart,
    "tries_left": _tries_left,
    "tried_enough": _tried_enough,
    "rated_badly": _rated_badly,
    "rounds_left": _rounds_left,
    "bad_rating_met": _bad_rating_met,
    "no_open_order": _no_open_order,
    "was_resolved": _was_resolved,
    "nothing_owed": _nothing_owed,
    "may_be_dropped": _may_be_dropped,
    "new_facts": listed("engine_new_facts", "reason", NEW_FACTS),
    "rung_not_below": _rung_not_below,
    "supervisor_kept_apart": _supervisor_kept_apart,
    "supervision_open": _supervision_open,
    "answer_said": needs("engine_answer_call", "answer"),
    "listed": _was_listed,
}
