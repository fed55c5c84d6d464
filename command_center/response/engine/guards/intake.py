"""Conditions of taking in, refusing, linking and sending out a case. Pure."""

from collections.abc import Mapping
from datetime import timedelta

from command_center.errors import BadInput, Conflict, Forbidden, YipingError
from command_center.response.engine.doing import Doing
from command_center.response.engine.guards.common import Guard, listed, needs

# 12345: party, courts, army, other numbers; in litigation, arbitration, discipline, review, petition; closed before.
REFUSALS = ("党委", "法院", "军队", "110等专线", "诉讼", "仲裁", "纪检", "复议", "信访", "已办结无新事实", "超出职责")
OUTSIDE = ("诉讼", "仲裁", "纪检", "异地")
SAME_MATTER_DAYS = 90


def _something_to_handle(doing: Doing) -> YipingError | None:
    given = doing.said("text") or doing.said("category") or doing.case.text or doing.case.category
    return None if given else BadInput("engine_nothing_to_handle")


def _placed(doing: Doing) -> YipingError | None:
    given = doing.said("place") or doing.said("unit") or doing.case.place
    channel = doing.said("channel") or doing.case.channel
    return None if given and channel else BadInput("engine_place_needed")


def _worth_verifying(doing: Doing) -> YipingError | None:
    known = doing.profile.verify_channels | doing.profile.verify_required
    ok = doing.case.channel in known or doing.case.colour <= 2
    return None if ok else Conflict("engine_not_to_verify", channel=doing.case.channel or "-")


def _verified_first(doing: Doing) -> YipingError | None:
    required = doing.case.channel in doing.profile.verify_required
    return Conflict("engine_verify_first", channel=doing.case.channel) if required else None


def _picture_given(doing: Doing) -> YipingError | None:
    return None if doing.number("photos") > 0 else BadInput("engine_picture_needed")


def _within_scope(doing: Doing) -> YipingError | None:
    return BadInput("engine_out_of_scope") if doing.event.body.get("in_scope") is False else None


def _same_matter(doing: Doing) -> YipingError | None:
    """Row 7: the main case is open, or was closed less than 90 days ago."""
    target = doing.said("target")
    if not target or target == doing.case.id:
        return BadInput("engine_target_needed")
    closed = doing.moment("target_closed_at")
    if closed is not None and doing.now - closed >= timedelta(days=SAME_MATTER_DAYS):
        return Conflict("engine_target_too_old", days=SAME_MATTER_DAYS)
    return None


def _target_open(doing: Doing) -> YipingError | None:
    """Row 31: a target that is open is merged into nothing, so merges cannot go round in a circle."""
    target, state = doing.said("target"), doing.said("target_state")
    if not target or target == doing.case.id:
        return BadInput("engine_target_needed")
    open_ = state in doing.profile.states and state not in doing.profile.ends and state not in ("RESOLVED", "RATED")
    return None if open_ and state not in ("DRAFT", "CALLBACK") else Conflict("engine_target_closed")


def _one_lead(doing: Doing) -> YipingError | None:
    lead = doing.said("lead")
    return None if lead and lead not in doing.names("helpers") else BadInput("engine_one_lead")


def _somebody_sent(doing: Doing) -> YipingError | None:
    return None if doing.names("helpers") else BadInput("engine_one_lead")


def _deadline_ahead(doing: Doing) -> YipingError | None:
    until = doing.moment("until")
    return BadInput("engine_deadline_past") if until is not None and until < doing.now else None


def _no_meeting_pending(doing: Doing) -> YipingError | None:
    """A case that two units gave back waits for the joint meeting to say whose it is."""
    waits = any(one.kind == "联席会议" and one.waits for one in doing.case.collaborations)
    return Conflict("engine_meeting_first") if waits and not doing.said("decided_by_meeting") else None


def _competent(doing: Doing) -> YipingError | None:
    ok = doing.event.body.get("competent") is True and doing.actor.org
    return None if ok else Forbidden("engine_not_in_duty_list")


INTAKE: Mapping[str, Guard] = {
    "something_to_handle": _something_to_handle,
    "placed": _placed,
    "worth_verifying": _worth_verifying,
    "picture_given": _picture_given,
    "within_scope": _within_scope,
    "verified_first": _verified_first,
    "refusal_reason": listed("engine_refusal_reason", "reason", REFUSALS),
    "advice_given": needs("engine_advice_needed", "advice"),
    "same_matter": _same_matter,
    "one_lead": _one_lead,
    "somebody_sent": _somebody_sent,
    "deadline_ahead": _deadline_ahead,
    "no_meeting_pending": _no_meeting_pending,
    "competent": _competent,
    "target_open": _target_open,
    "outside_competence": listed("engine_outside_reason", "reason", OUTSIDE),
    "handed_over": needs("engine_hand_over_needed", "hand_over"),
    "written_withdrawal": needs("engine_withdrawal_needed", "withdrawal", "settlement"),
}
