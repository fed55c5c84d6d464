"""A case at work as its page shows it: where it is in the center's own steps, and the regions beside the state."""

from typing_extensions import TypedDict

from command_center.response.engine.case import Approval, Case, Mediation
from command_center.response.engine.description import MediationRule, Profile
from command_center.response.engine.mediation import ATTEMPTS
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
    """`task`: what is asked of the units; `answered`: what each of them said."""

    id: str
    kind: str
    task: str
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


class SessionView(TypedDict):
    """`number`: the how manieth at its level. `present`: by part in the dispute. `lasted`: like 6h, "" if not noted."""

    at: str
    level: str
    number: int
    kind: str
    result: str
    place: str
    minutes: str
    mediators: list[str]
    present: list[str]
    lasted: str


class LevelView(TypedDict):
    """A level of mediation: how often it was tried, of how often it may be (None: no limit), and how it stands."""

    name: str
    tried: int
    attempts: int | None
    state: str
    too_few: bool


class BriefView(TypedDict):
    kind: str
    at: str
    text: str


class CrowdView(TypedDict):
    people: int
    origin: str
    arrives_at: str | None


class MediationView(TypedDict):
    """`advice`: where the parties were sent when it was ended in vain."""

    level: str
    levels: list[LevelView]
    sessions: list[SessionView]
    advice: str
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
    briefs: list[BriefView]
    crowd: CrowdView | None


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
                "task": mask_text(one.task),
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
        "briefs": [{"kind": one.kind, "at": iso(one.at), "text": mask_text(one.text)} for one in case.briefs],
        "crowd": {
            "people": case.crowd.people,
            "origin": mask_text(case.crowd.origin),
            "arrives_at": iso(case.crowd.arrives_at) if case.crowd.arrives_at else None,
        }
        if case.crowd
        else None,
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
        "level": _level_name(rule, said.level),
        "levels": _levels(said, rule),
        "advice": said.advice,
        "sessions": [
            {
                "at": iso(one.at),
                "level": _level_name(rule, one.level),
                "number": one.number,
                "mediators": list(one.mediators),
                "present": list(one.present),
                "lasted": one.lasted,
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


def _level_name(rule: MediationRule, level: int) -> str:
    return rule.levels[min(level, len(rule.levels) - 1)].name


def _levels(said: Mediation, rule: MediationRule) -> list[LevelView]:
    over = said.agreed_at is not None or said.failed_round is not None
    few = {level for level, flag in said.flags if flag == "too_few"}
    return [
        {
            "name": one.name,
            "tried": sum(held.level == at and held.result in ATTEMPTS for held in said.sessions),
            "attempts": one.attempts,
            "state": "next" if at > said.level else "done" if at < said.level or over else "now",
            "too_few": at in few,
        }
        for at, one in enumerate(rule.levels)
    ]
