"""Conditions that an action on an order must meet besides the state, by the names machine.json uses. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from command_center.errors import BadInput, Conflict, YipingError
from command_center.response.machine import Machine, Refused, Transition


@dataclass(frozen=True, slots=True)
class Situation:
    """What guards may look at; each action fills in what it knows.

    Attributes:
        text: the feedback, the reason or the note that came with the action.
        arrival_proposed: whether positions have shown the person on the spot.
        photo: whether a photo came with the action.
    """

    text: str = ""
    arrival_proposed: bool = False
    photo: bool = False


Guard = Callable[[Situation], YipingError | None]


def _arrival_seen_or_explained(situation: Situation) -> YipingError | None:
    return None if situation.arrival_proposed or situation.text.strip() else BadInput("arrival_needs_note")


def _something_said(situation: Situation) -> YipingError | None:
    return None if situation.photo or situation.text.strip() else BadInput("feedback_empty")


def _decline_explained(situation: Situation) -> YipingError | None:
    return None if situation.text.strip() else BadInput("decline_needs_reason")


GUARDS: Mapping[str, Guard] = {
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
