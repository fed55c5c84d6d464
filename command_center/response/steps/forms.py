"""What has to be said with each action: the fields of its form, and the words to choose from. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from command_center.response.engine.case import Case
from command_center.response.engine.description import Profile
from command_center.response.engine.guards.closing import NEW_FACTS
from command_center.response.engine.guards.handling import WAITING
from command_center.response.engine.guards.intake import OUTSIDE, REFUSALS
from command_center.response.engine.guards.together import (
    ADVICE,
    COLLABORATIONS,
    FORMS,
    KINDS,
    PRESENT,
    RESULTS,
    next_briefs,
)
from command_center.response.parties.masking import mask_text

Kind = Literal["line", "text", "choice", "many", "unit", "units", "moment", "flag", "grade", "case", "span", "photos"]
Words = tuple[tuple[str, str], ...]
Choices = Callable[[Case, Profile], Words]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to say.

    Attributes:
        name: under which it travels to the engine.
        kind: `line`, `text`; `choice` and `many` of `choices`; `unit`, `units` of the registry; `moment` an instant;
            `span` like 3wd; `flag`; `grade` 1 to 5; `case` the code of another case; `photos` files that were sent.
        choices: (value, word) pairs as things stand now.
    """

    name: str
    kind: Kind
    required: bool = False
    choices: Choices | None = None


def _known(*words: str) -> Choices:
    pairs = tuple((word, word) for word in words)
    return lambda _case, _profile: pairs


def _rungs(_case: Case, profile: Profile) -> Words:
    return tuple((id, profile.labels.get(id) or step.names["zh"]) for id, step in profile.ladder.items())


def _papers(case: Case, profile: Profile) -> Words:
    return tuple((paper, paper) for paper in profile.papers if paper not in case.papers)


def _calls(case: Case, _profile: Profile) -> Words:
    open_ = (one for one in case.collaborations if one.closed_at is None)
    return tuple((one.id, f"{one.kind} · {mask_text(one.task)[:40]}" if one.task else one.kind) for one in open_)


REASON = Field("reason", "text", required=True)
ANSWER = Field("answer", "text", required=True)
FORMS_OF: Mapping[str, tuple[Field, ...]] = {
    "to_verify": (),
    "false_alarm": (REASON, Field("photos", "photos", required=True)),
    "verified": (Field("note", "text"),),
    "accept": (Field("note", "text"),),
    "reject": (
        Field("reason", "choice", True, _known(*REFUSALS)),
        Field("advice", "text", required=True),
    ),
    "mark_duplicate": (Field("target", "case", required=True),),
    "dispatch": (
        Field("lead", "unit", required=True),
        Field("helpers", "units"),
        Field("until", "moment"),
        Field("note", "text"),
        Field("decided_by_meeting", "line"),
    ),
    "claim": (),
    "receive": (),
    "return": (REASON, Field("basis", "line", required=True), Field("proposed_unit", "unit", required=True)),
    "reassign": (Field("lead", "unit", required=True), Field("helpers", "units"), REASON),
    "start": (),
    "arrive": (Field("note", "line", required=True),),
    "contact": (Field("text", "text"),),
    "report": (Field("text", "text", required=True), Field("photos", "photos")),
    "suspend": (Field("reason", "choice", True, _known(*WAITING)), Field("resume_at", "moment", required=True)),
    "resume": (Field("reason", "text"),),
    "extend": (Field("by", "span", required=True), REASON, Field("consent", "flag")),
    "collaborate": (
        Field("kind", "choice", True, _known(*COLLABORATIONS)),
        Field("units", "units", required=True),
        Field("whistle", "choice", False, _known("应急", "执法", "日常")),
        Field("required", "flag"),
        Field("reason", "text"),
    ),
    "call_joint": (),
    "brief": (
        Field("kind", "choice", True, lambda case, _profile: tuple((kind, kind) for kind in next_briefs(case))),
        Field("text", "text", required=True),
    ),
    "join": (Field("collaboration", "choice", True, _calls), Field("text", "text", required=True)),
    "raise_level": (REASON,),
    "lower_level": (REASON,),
    "mediate": (
        Field("kind", "choice", True, _known(*KINDS)),
        Field("result", "choice", True, _known(*RESULTS)),
        Field("present", "many", False, _known(*PRESENT)),
        Field("mediators", "line"),
        Field("place", "line"),
        Field("lasted", "span"),
        Field("minutes", "text"),
        Field("form", "choice", False, _known(*FORMS)),
        Field("perform_by", "moment"),
    ),
    "end_mediation": (Field("advice", "choice", True, _known(*ADVICE)), REASON),
    "perform": (Field("note", "text"),),
    "break_agreement": (REASON,),
    "add_papers": (Field("papers", "many", True, _papers),),
    "request_close": (Field("result", "line", required=True), ANSWER, Field("photos", "photos")),
    "send_back": (REASON,),
    "approve": (Field("answer", "text"),),
    "resolve": (ANSWER,),
    "close_self": (ANSWER, Field("before", "photos", required=True), Field("after", "photos", required=True)),
    "rate": (
        Field("rating", "grade", required=True),
        Field("solved", "flag"),
        Field(
            "cause", "choice", False, lambda _case, _profile: (("objective", "objective"), ("subjective", "subjective"))
        ),
        Field("note", "text"),
    ),
    "call_back": (Field("rating", "grade", required=True), Field("solved", "flag"), Field("note", "text")),
    "no_answer": (),
    "rework": (REASON,),
    "archive": (),
    "merge": (Field("target", "case", required=True),),
    "transfer": (Field("reason", "choice", True, _known(*OUTSIDE)), Field("hand_over", "line", required=True)),
    "withdraw": (Field("withdrawal", "text"), Field("settlement", "text")),
    "reopen": (Field("reason", "choice", True, _known(*NEW_FACTS)), Field("note", "text")),
    "supervise": (Field("step", "choice", True, _rungs), REASON),
    "answer_supervision": (ANSWER,),
    "delist": (Field("note", "text"),),
}
# Done elsewhere, with more than words: orders to persons, cameras, the counter.
ELSEWHERE = frozenset({"submit", "link_camera"})
