"""What a caller may do with a case now, and why not what he might expect. Pure but for the values it is given."""

from collections.abc import Iterator
from datetime import datetime

from typing_extensions import TypedDict

from command_center.errors import Conflict, YipingError
from command_center.response.engine.calendar import Calendar
from command_center.response.engine.case import Actor, Case, Event
from command_center.response.engine.description import Profile, Row
from command_center.response.engine.doing import Doing
from command_center.response.engine.guards import GUARDS
from command_center.response.steps.forms import ELSEWHERE, FORMS_OF, Field

# Guards that look at the case and at who asks, not at what is said with the step.
OF_THE_CASE = frozenset({
    "addressed", "agreement_open", "asked_in_time", "bad_rating_met", "brief_follows", "caller_kept_apart",
    "can_be_asked", "cannot_be_asked", "dispatcher_kept_apart", "evidence_kept", "extensions_left", "forces_back",
    "grave", "handler_kept_apart", "helpers_answered", "lead_only", "level_above", "level_below", "listed",
    "may_be_dropped", "may_wait", "mediation_ended", "mediation_open", "no_open_order", "not_joint_yet",
    "nothing_owed", "pauses_left", "rated_badly", "returns_left", "reviewer_kept_apart", "rounds_left", "session_held",
    "supervision_open", "supervisor_kept_apart", "tries_left", "verified_first", "was_resolved", "within_return",
    "worth_verifying",
})  # fmt: skip
# Whoever meets one of these is the wrong one to ask, or in the wrong case, and is not bothered with the action.
NOT_FOR_HIM = frozenset({"addressed", "grave", "lead_only"})


class FieldView(TypedDict):
    name: str
    kind: str
    required: bool
    choices: list[tuple[str, str]]


class OfferView(TypedDict):
    """An action: `name` is the center's word for it, `asks` whether others decide on it, `why_not` why it must wait."""

    action: str
    name: str
    asks: bool
    why_not: str | None
    fields: list[FieldView]


def offers(
    case: Case, profile: Profile, actor: Actor, now: datetime, calendar: Calendar, *, language: str
) -> list[OfferView]:
    """The actions of an actor in a case, in the order of the machine."""
    # Where orders drive a case, the desk sends them, and there are no other steps by hand.
    return [] if "orders_drive" in profile.features else list(_offers(case, profile, actor, now, calendar, language))


def _offers(
    case: Case, profile: Profile, actor: Actor, now: datetime, calendar: Calendar, language: str
) -> Iterator[OfferView]:
    for row in profile.rows.values():
        if row.source != case.state or not row.by & actor.seats or row.action in ELSEWHERE:
            continue
        if _done_already(case, actor, row.action):
            continue
        problem = _problem(case, profile, actor, now, calendar, row)
        if problem is not None and problem[0] in NOT_FOR_HIM:
            continue
        yield {
            "action": row.action,
            "name": profile.action_name(row.action, language),
            "asks": bool(row.approvers),
            "why_not": problem[1].text(language) if problem else None,
            "fields": [_field_view(field, case, profile) for field in FORMS_OF[row.action]],
        }


def _done_already(case: Case, actor: Actor, action: str) -> bool:
    """Whether it would be allowed once more, but says nothing new."""
    return (action == "receive" and actor.id in case.handlers) or (action == "start" and case.started)


def _problem(
    case: Case, profile: Profile, actor: Actor, now: datetime, calendar: Calendar, row: Row
) -> tuple[str, YipingError] | None:
    doing = Doing(case, Event(row.action, actor), now, calendar, profile, row, now)
    found = ((name, GUARDS[name](doing)) for name in row.guards if name in OF_THE_CASE)
    problem = next(((name, problem) for name, problem in found if problem is not None), None)
    if problem is None and case.open_approval(row.action) is not None:
        asked = Conflict("engine_asked_already", action=row.action, action_zh=profile.action_name(row.action))
        return "asked_already", asked
    return problem


def _field_view(field: Field, case: Case, profile: Profile) -> FieldView:
    return {
        "name": field.name,
        "kind": field.kind,
        "required": field.required,
        "choices": list(field.choices(case, profile)) if field.choices else [],
    }
