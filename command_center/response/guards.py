"""Conditions that an action must meet besides the state, by the names machine.json uses. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from command_center.errors import BadInput, Conflict, Forbidden, YipingError
from command_center.response.machine import Machine, Refused, Transition


@dataclass(frozen=True, slots=True)
class Situation:
    """What guards may look at; each action fills in what it knows.

    Attributes:
        actor_person_id: the person behind the caller, if the caller is one of the forces.
        handler_ids: persons who accepted an order of the case.
        text: the answer, the feedback, the reason or the note that came with the action.
        evidence: whether a clip, a photo or a feedback hangs on the case.
        open_orders: how many orders are still open.
        resolved: whether the case has an answer and the time of it.
        arrival_proposed: whether positions have shown the person on the spot.
        photo: whether a photo came with the action.
    """

    actor_person_id: str | None = None
    handler_ids: frozenset[str] = frozenset()
    text: str = ""
    evidence: bool = False
    open_orders: int = 0
    resolved: bool = False
    arrival_proposed: bool = False
    photo: bool = False


Guard = Callable[[Situation], YipingError | None]


def _answer_given(situation: Situation) -> YipingError | None:
    return None if situation.text.strip() else BadInput("answer_needed")


def _evidence_kept(situation: Situation) -> YipingError | None:
    return None if situation.evidence else Conflict("evidence_needed")


def _not_handler(situation: Situation) -> YipingError | None:
    handled = situation.actor_person_id is not None and situation.actor_person_id in situation.handler_ids
    return Forbidden("handler_may_not_review") if handled else None


def _no_open_order(situation: Situation) -> YipingError | None:
    return Conflict("orders_still_open", count=situation.open_orders) if situation.open_orders else None


def _was_resolved(situation: Situation) -> YipingError | None:
    return None if situation.resolved and situation.evidence else Conflict("evidence_needed")


def _arrival_seen_or_explained(situation: Situation) -> YipingError | None:
    return None if situation.arrival_proposed or situation.text.strip() else BadInput("arrival_needs_note")


def _something_said(situation: Situation) -> YipingError | None:
    return None if situation.photo or situation.text.strip() else BadInput("feedback_empty")


def _decline_explained(situation: Situation) -> YipingError | None:
    return None if situation.text.strip() else BadInput("decline_needs_reason")


GUARDS: Mapping[str, Guard] = {
    "answer_given": _answer_given,
    "evidence_kept": _evidence_kept,
    "reviewer_is_not_handler": _not_handler,
    "caller_is_not_handler": _not_handler,
    "no_open_order": _no_open_order,
    "was_resolved": _was_resolved,
    "arrival_seen_or_explained": _arrival_seen_or_explained,
    "something_said": _something_said,
    "decline_explained": _decline_explained,
}


def pass_through(machine: Machine, state: str, action: str, situation: Situation, *, key: str) -> Transition:
    """The row for an action whose guards all agree.

    Args:
        key: text of the conflict when the state refuses; it gets the state and what is allowed instead.

    Raises:
        Conflict, BadInput, Forbidden: the state or a guard refuses.
    """
    try:
        row = machine.step(state, action)
    except Refused as refused:
        raise _conflict(refused, key) from None
    for name in row.guards:
        problem = GUARDS[name](situation)
        if problem is not None:
            raise problem
    return row


def _conflict(refused: Refused, key: str) -> Conflict:
    names = refused.machine.action_names
    return Conflict(
        key,
        state=refused.state,
        state_zh=refused.machine.names[refused.state],
        allowed=", ".join(refused.allowed) or "-",
        allowed_zh="、".join(names[action] for action in refused.allowed) or "无",
    )
