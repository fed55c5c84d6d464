"""Conditions of working together: calls to others, levels, mediation. Pure."""

from collections.abc import Mapping

from command_center.errors import BadInput, Conflict, Forbidden, YipingError
from command_center.response.engine.calendar import BadSpan, parse_span
from command_center.response.engine.case import Case
from command_center.response.engine.doing import Doing
from command_center.response.engine.guards.common import URGENT, Guard, listed

KINDS = ("面对面", "背对背", "现场", "远程")
RESULTS = ("成功", "未成", "改期", "缺席")
FORMS = ("书面", "口头")
COLLABORATIONS = ("协办", "吹哨", "会办", "专班", "联席会议")
# Who of a dispute came to a session: by part, names belong to the people of the case.
PRESENT = ("申请人", "被申请人", "代理人", "证人")
# Where a dispute goes that could not be mediated.
ADVICE = ("法律援助", "诉讼", "仲裁", "行政裁决")
BRIEFS = ("初报", "续报", "终报")


def _units_named(doing: Doing) -> YipingError | None:
    return None if doing.names("units") else BadInput("engine_units_needed")


def _called(doing: Doing) -> YipingError | None:
    found = next((one for one in doing.case.collaborations if one.id == doing.said("collaboration")), None)
    if found is None or found.closed_at is not None:
        return Conflict("engine_no_call")
    if not doing.said("text"):
        return BadInput("engine_answer_call")
    chair = found.kind == "联席会议" and "head" in doing.actor.seats
    return None if chair or doing.actor.org in found.units else Forbidden("engine_not_called")


def _level_above(doing: Doing) -> YipingError | None:
    return None if doing.case.level != "county" else Conflict("engine_highest_level")


def _level_below(doing: Doing) -> YipingError | None:
    return None if doing.case.level != "grid" else Conflict("engine_lowest_level")


def _mediation_open(doing: Doing) -> YipingError | None:
    said = doing.case.mediation
    over = said is not None and (said.agreed_at is not None or said.failed_round == doing.case.round)
    return Conflict("engine_mediation_over") if over else None


def _session_said(doing: Doing) -> YipingError | None:
    if doing.said("result") not in RESULTS:
        return BadInput("engine_session_result")
    if doing.said("kind") not in KINDS:
        return BadInput("engine_session_kind")
    if doing.said("result") == "成功" and doing.said("form") not in FORMS:
        return BadInput("engine_agreement_form")
    by = doing.moment("perform_by")
    if by is not None and by <= doing.now:
        return BadInput("engine_deadline_past")
    return _lasted_readable(doing.said("lasted"))


def _lasted_readable(lasted: str) -> YipingError | None:
    try:
        good = not lasted or parse_span(lasted).unit in ("m", "h")
    except BadSpan:
        good = False
    return None if good else BadInput("engine_session_lasted")


def _session_held(doing: Doing) -> YipingError | None:
    """Nothing can be ended that was never tried."""
    tried = doing.case.mediation is not None and doing.case.mediation.sessions
    return None if tried else Conflict("engine_mediation_not_tried")


def _not_joint_yet(doing: Doing) -> YipingError | None:
    runs = any(one.kind == "联调" and one.closed_at is None for one in doing.case.collaborations)
    return Conflict("engine_joint_already") if runs else None


def _grave(doing: Doing) -> YipingError | None:
    """What cannot wait, moves many people, or has a task force, is told to those above as it goes on."""
    case = doing.case
    grave = case.priority in URGENT or case.crowd is not None or any(one.kind == "专班" for one in case.collaborations)
    return None if grave else Conflict("engine_brief_not_grave")


def next_briefs(case: Case) -> tuple[str, ...]:
    """Which reports may follow those that were made: one first, one last, any number between."""
    made = [one.kind for one in case.briefs]
    if not made:
        return BRIEFS[:1]
    return () if made[-1] == BRIEFS[-1] else BRIEFS[1:]


def _brief_follows(doing: Doing) -> YipingError | None:
    return None if next_briefs(doing.case) else Conflict("engine_brief_over")


def _brief_said(doing: Doing) -> YipingError | None:
    following = next_briefs(doing.case)
    if doing.said("kind") not in following:
        return BadInput("engine_brief_kind", known="、".join(following))
    return None if doing.said("text") else BadInput("feedback_empty")


def _papers_named(doing: Doing) -> YipingError | None:
    return None if doing.names("papers") else BadInput("engine_papers_needed")


def _agreement_open(doing: Doing) -> YipingError | None:
    said = doing.case.mediation
    waits = said is not None and said.agreed_at is not None and said.performed_at is None and said.broken_at is None
    return None if waits else Conflict("engine_no_agreement")


def _mediation_just_failed(doing: Doing) -> YipingError | None:
    said = doing.case.mediation
    failed = said is not None and said.failed_round == doing.case.round
    return None if failed else Conflict("engine_mediation_runs")


def _mediation_ended(doing: Doing) -> YipingError | None:
    said = doing.case.mediation
    ended = said is None or said.agreed_at is not None or said.failed_round is not None
    return None if ended else Conflict("engine_mediation_runs")


TOGETHER: Mapping[str, Guard] = {
    "known_kind": listed("engine_collaboration_kind", "kind", COLLABORATIONS),
    "units_named": _units_named,
    "called": _called,
    "level_above": _level_above,
    "level_below": _level_below,
    "mediation_open": _mediation_open,
    "papers_named": _papers_named,
    "session_said": _session_said,
    "agreement_open": _agreement_open,
    "mediation_just_failed": _mediation_just_failed,
    "mediation_ended": _mediation_ended,
    "session_held": _session_held,
    "advice_known": listed("engine_mediation_advice", "advice", ADVICE),
    "not_joint_yet": _not_joint_yet,
    "grave": _grave,
    "brief_follows": _brief_follows,
    "brief_said": _brief_said,
}
