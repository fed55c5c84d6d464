"""A case at work as its page shows it: where it is in the center's own steps, and the regions beside the state."""

from typing_extensions import TypedDict

from command_center.response.engine.case import Approval, Case
from command_center.response.engine.description import Profile
from command_center.response.parties.masking import mask_text
from command_center.timeline.facts import iso


class StepMark(TypedDict):
    name: str
    state: str


class ApprovalView(TypedDict):
    """`mine`: whether the caller may decide; `own`: whether he asked."""

    id: str
    action: str
    name: str
    by: str
    org: str
    said: dict[str, str]
    asked_at: str
    mine: bool
    own: bool


class CallView(TypedDict):
    id: str
    kind: str
    units: list[str]
    answered: dict[str, str]
    required: bool
    opened_at: str
    closed_at: str | None


class SupervisionView(TypedDict):
    step: str
    name: str
    at: str
    by: str
    answered_at: str | None
    answer: str
    open: bool


class MediationView(TypedDict):
    level: str
    sessions: list[dict[str, str]]
    agreed_at: str | None
    perform_by: str | None
    performed_at: str | None
    broken_at: str | None


class WorkView(TypedDict):
    """`steps`: the center's words, each done, now or to come; `state_name`: its word for the state."""

    profile_name: str
    state_name: str
    steps: list[StepMark]
    lead: str | None
    helpers: list[str]
    level: str
    clock: str
    round: int
    returns: int
    max_returns: int
    extensions: int
    pauses: int
    repeats: int
    result: str
    linked_to: str | None
    approvals: list[ApprovalView]
    calls: list[CallView]
    supervisions: list[SupervisionView]
    mediation: MediationView | None


def work_view(case: Case, profile: Profile, *, seats: frozenset[str], actor_id: str, language: str) -> WorkView:
    """All of a case that is more than its state."""
    return {
        "profile_name": profile.names[language],
        "state_name": profile.states[case.state][language],
        "steps": _steps(case, profile),
        "lead": case.lead,
        "helpers": list(case.helpers),
        "level": case.level,
        "clock": case.clock,
        "round": case.round,
        "returns": case.returns,
        "max_returns": profile.limits.max_returns,
        "extensions": case.extensions,
        "pauses": case.pauses,
        "repeats": case.repeats,
        "result": mask_text(case.result),
        "linked_to": case.linked_to,
        "approvals": [
            _approval(one, case, profile, seats, actor_id, language) for one in case.approvals if one.is_open
        ],
        "calls": [
            {
                "id": one.id,
                "kind": one.kind,
                "units": list(one.units),
                "answered": {unit: mask_text(text) for unit, text in one.answered.items()},
                "required": one.required,
                "opened_at": iso(one.opened_at),
                "closed_at": iso(one.closed_at) if one.closed_at else None,
            }
            for one in case.collaborations
        ],
        "supervisions": [
            {
                "step": one.step,
                "name": profile.labels.get(one.step) or profile.ladder[one.step].names[language],
                "at": iso(one.at),
                "by": one.by,
                "answered_at": iso(one.answered_at) if one.answered_at else None,
                "answer": mask_text(one.answer),
                "open": one.is_open,
            }
            for one in case.supervisions
            if one.step in profile.ladder
        ],
        "mediation": _mediation(case, profile),
    }


def _steps(case: Case, profile: Profile) -> list[StepMark]:
    now = next((at for at, step in enumerate(profile.shown) if case.state in step.states), None)
    if now is None:
        # A side state: as far as the farthest step that the path had to pass is not known; nothing is claimed.
        now = len(profile.shown) if case.state in profile.ends else -1
    marks = [("done" if at < now else "now" if at == now else "next") for at in range(len(profile.shown))]
    return [{"name": step.name, "state": mark} for step, mark in zip(profile.shown, marks, strict=True)]


def _approval(
    one: Approval, case: Case, profile: Profile, seats: frozenset[str], actor_id: str, language: str
) -> ApprovalView:
    row = profile.row(case.state, one.kind)
    return {
        "id": one.id,
        "action": one.kind,
        "name": profile.action_name(one.kind, language),
        "by": one.by,
        "org": one.org,
        "said": {key: mask_text(value) for key, value in one.said.items() if isinstance(value, str) and value},
        "asked_at": iso(one.asked_at),
        "mine": row is not None and bool(row.approvers & seats) and one.by != actor_id,
        "own": one.by == actor_id,
    }


def _mediation(case: Case, profile: Profile) -> MediationView | None:
    said, rule = case.mediation, profile.mediation
    if said is None or rule is None:
        return None
    return {
        "level": rule.levels[min(said.level, len(rule.levels) - 1)].name,
        "sessions": [
            {
                "at": iso(one.at),
                "kind": one.kind,
                "result": one.result,
                "place": one.place,
                "minutes": mask_text(one.minutes),
            }
            for one in said.sessions
        ],
        "agreed_at": iso(said.agreed_at) if said.agreed_at else None,
        "perform_by": iso(said.perform_by) if said.perform_by else None,
        "performed_at": iso(said.performed_at) if said.performed_at else None,
        "broken_at": iso(said.broken_at) if said.broken_at else None,
    }
