"""HTTP of ways of working: which there are, what each says, and whether a new one could be worked by."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header
from typing_extensions import TypedDict

from command_center.access.guard import Who, require
from command_center.errors import language_of
from command_center.response import profiles
from command_center.response.engine.checking import check_profile, shipped_tables
from command_center.response.engine.description import Profile
from command_center.response.engine.words import BadProfile
from command_center.response.ways.faults import ProblemView, problem_views
from command_center.timeline.asked import Table, Version
from command_center.timeline.door import TimelineDep

router = APIRouter(prefix="/profiles")

SeesCases = Annotated[Who, Depends(require("case.see", "profile.write"))]
Language = Annotated[str | None, Header(alias="accept-language")]


class StepView(TypedDict):
    name: str
    states: list[str]


class ProfileLine(TypedDict):
    id: str
    version: int
    name: dict[str, str]
    steps: list[StepView]


class ProfileView(ProfileLine):
    """A profile with all its words. `states`, `actions`, `clocks` are named in the reader's language."""

    body: dict[str, Any]
    states: dict[str, str]
    actions: dict[str, list[str]]
    clocks: dict[str, str]
    ladder: dict[str, str]


class Checked(TypedDict):
    """`profile` is there if there is no problem."""

    ok: bool
    problems: list[ProblemView]
    profile: ProfileView | None


@router.get("")
def list_profiles(timeline: TimelineDep, who: SeesCases) -> list[ProfileLine]:
    """The ways of working that a case can be opened under, the product's and the center's own."""
    with timeline.reading() as session:
        return [_line(profile) for profile in profiles.offered(session)]


@router.post("/check")
def check(body: Annotated[Table, Body()], who: SeesCases, accept_language: Language = None) -> Checked:
    """Whether a description could be worked by; every fault is told in the reader's language, nothing is stored."""
    language = language_of(accept_language)
    try:
        profile = check_profile(body)
    except BadProfile as bad:
        return {"ok": False, "problems": problem_views(bad.problems, language), "profile": None}
    return {"ok": True, "problems": [], "profile": _view(profile, profiles.whole(body), language)}


@router.get("/{id}")
def get_profile(
    id: str, timeline: TimelineDep, who: SeesCases, version: Version | None = None, accept_language: Language = None
) -> ProfileView:
    """One way of working; an older version as cases that were opened under it still have it."""
    with timeline.reading() as session:
        if version is None:
            profile = profiles.newest(session, id)
        else:
            profile = profiles.profile_of(session, id, version)
        body = profiles.body_of(session, profile) or profiles.whole(shipped_tables()[id])
    return _view(profile, body, language_of(accept_language))


def _line(profile: Profile) -> ProfileLine:
    steps: list[StepView] = [{"name": step.name, "states": list(step.states)} for step in profile.shown]
    return {"id": profile.id, "version": profile.version, "name": dict(profile.names), "steps": steps}


def _view(profile: Profile, body: dict[str, Any], language: str) -> ProfileView:
    return {
        **_line(profile),
        "body": body,
        "states": {state: names[language] for state, names in profile.states.items()},
        "actions": {
            state: [profile.action_name(action, language) for action in profile.allowed(state)]
            for state in profile.states
        },
        "clocks": {name: rule.names[language] for name, rule in profile.timers.items()},
        "ladder": {id: profile.labels.get(id) or step.names[language] for id, step in profile.ladder.items()},
    }
