"""Rows, clocks, the ladder and approvals of single cases, at their boundaries."""

from datetime import datetime, timedelta

import pytest

from command_center.errors import BadInput, Conflict, Forbidden
from command_center.registry.clocks import LOCAL
from command_center.response.engine import timers
from command_center.response.engine.calendar import PUBLISHED
from command_center.response.engine.case import Event, Timer
from command_center.response.engine.checking import shipped_profiles
from command_center.response.engine.step import step
from tests.response.engine.people import Desk, opened, somebody


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def handled(profile: str = "bz", at: str = "2026-03-02T10:00", **more: object) -> Desk:
    return Desk(profile, now=local(at), **more).through("accept", "dispatch", "receive", "start")


def clock(desk: Desk, name: str, of: str = "") -> Timer:
    timer = desk.case.timer(name, of)
    assert timer is not None
    return timer


def steps(desk: Desk) -> list[str]:
    return [one.step for one in desk.case.supervisions]


def test_a_case_goes_its_whole_way_and_nothing_is_asked_twice() -> None:
    desk = handled().through("report", "request_close", "approve", "rate", "archive")
    assert (desk.case.state, str(desk.case.clock)) == ("ARCHIVED", "STOPPED")
    assert set(desk.case.handlers) == {"worker"}
    assert desk.kinds().count("number") == 1
    assert [effect.data["to"] for effect in desk.effects if effect.kind == "moved"] == [
        "ACCEPTED", "TRIAGE", "ASSIGNED", "RECEIVED", "HANDLING", "HANDLING", "REVIEW", "RESOLVED", "CALLBACK", "RATED",
        "ARCHIVED",
    ]  # fmt: skip


def test_an_emergency_goes_out_at_once_and_what_was_skipped_is_filled_in() -> None:
    desk = Desk("emergency", priority="P0").do("dispatch")
    assert desk.case.state == "ASSIGNED" and desk.case.numbered
    assert {"states": ["ACCEPTED", "TRIAGE"]} in [dict(one.data) for one in desk.effects if one.kind == "back_filled"]


def test_no_answer_or_no_evidence_no_closing() -> None:
    desk = handled()
    with pytest.raises(Conflict, match="evidence_needed"):
        desk.do("request_close")
    with pytest.raises(BadInput, match="answer_needed"):
        desk.do("report").do("request_close", answer=" ")


def test_who_handled_it_does_not_review_it_and_who_dispatched_does_not_close_where_that_is_kept_apart() -> None:
    both = somebody("both", org="司法所")
    desk = Desk("tp").do("accept").do("dispatch", both).do("receive", somebody("worker", org="司法所"))
    desk.do("start", somebody("worker", org="司法所")).do("report").do("request_close")
    with pytest.raises(Forbidden, match="handler_may_not_review"):
        desk.do("approve", somebody("worker"))
    with pytest.raises(Forbidden, match="dispatcher_may_not_close"):
        desk.do("approve", both)
    with pytest.raises(Forbidden, match="handler_may_not_supervise"):
        desk.do("supervise", somebody("worker"))
    assert desk.do("approve", somebody("third")).case.state == "CALLBACK"


def test_two_returns_lead_to_the_joint_meeting_and_there_is_no_third() -> None:
    desk = Desk("bz").do("accept")
    for _ in range(2):
        desk.do("dispatch", decided_by_meeting="-").agreed("return")
    assert desk.case.returns == 2 and desk.case.state == "TRIAGE"
    (meeting,) = desk.case.collaborations
    with pytest.raises(Conflict, match="meeting_first"):
        desk.do("dispatch")
    desk.do("join", somebody("head"), collaboration=meeting.id, text="由司法所承办").do("dispatch")
    with pytest.raises(Conflict, match="returns_used"):
        desk.do("return")


def test_the_clock_runs_from_the_first_dispatch_whoever_gives_it_back() -> None:
    desk = Desk("bz", now=local("2026-03-02T10:00")).do("accept").do("dispatch")
    first = clock(desk, "T-RESOLVE")
    desk.now = local("2026-03-03T15:00")
    desk.agreed("return").do("dispatch")
    assert clock(desk, "T-RESOLVE") == first
    assert clock(desk, "T-RECV").started_at == desk.now


def test_a_return_is_in_time_when_it_was_asked_for_in_time() -> None:
    desk = Desk("bz", now=local("2026-03-02T10:00")).do("accept").do("dispatch").do("return")
    desk.now = local("2026-03-05T10:00")
    assert desk.decide().case.state == "TRIAGE"
    desk.do("dispatch")
    desk.now = local("2026-03-06T18:00:01")
    with pytest.raises(Conflict, match="return_late"):
        desk.do("return")


def test_nobody_decides_on_his_own_request_and_a_no_needs_a_reason() -> None:
    desk = handled().do("suspend")
    (asked,) = [one for one in desk.case.approvals if one.is_open]
    with pytest.raises(Forbidden):
        desk.decide(who=somebody("worker"))
    with pytest.raises(Conflict, match="asked_already"):
        desk.do("suspend")
    body = {"approval": asked.id, "yes": False}
    with pytest.raises(BadInput):
        step(desk.case, Event("decide", somebody("x"), body), desk.now, PUBLISHED, desk.profile)
    assert desk.decide(False).case.state == "HANDLING"


def test_a_request_lapses_when_the_case_moves_on() -> None:
    desk = handled().do("suspend").do("report").do("request_close")
    assert [(one.decision, one.note) for one in desk.case.approvals] == [(False, "状态已变")]


@pytest.mark.parametrize(
    ("profile", "term", "resume", "due"),
    [
        ("bz", "7d", "2026-03-05T15:00", "2026-03-13T00:00"),
        ("bz", "5wd", "2026-03-05T15:00", "2026-03-12T18:00"),
        ("bz", "48h", "2026-03-05T15:00", "2026-03-07T15:00"),
        ("bz", "8wh", "2026-03-05T15:00", "2026-03-06T16:00"),
    ],
)
def test_a_pause_moves_the_deadline_by_as_much_as_it_lasted(profile: str, term: str, resume: str, due: str) -> None:
    desk = handled(profile, terms={"resolve": term})
    desk.agreed("suspend", resume_at=f"{resume}+08:00")
    assert (desk.case.state, desk.case.clock) == ("SUSPENDED", "PAUSED")
    assert timers.light(clock(desk, "T-RESOLVE"), desk.now, PUBLISHED) == "grey"
    desk.at(local(resume))
    assert (desk.case.state, desk.case.clock) == ("HANDLING", "RUN")
    assert clock(desk, "T-RESOLVE").due_at == local(due)


def test_what_may_not_wait_does_not_wait_and_no_case_waits_a_third_time() -> None:
    with pytest.raises(Conflict, match="urgent_no_wait"):
        handled(priority="P1").do("suspend")
    desk = handled()
    with pytest.raises(BadInput, match="wait_until"):
        desk.do("suspend", resume_at=(desk.now + timedelta(days=31)).isoformat())
    for _ in range(2):
        desk.agreed("suspend").do("resume")
    with pytest.raises(Conflict, match="pauses_used"):
        desk.do("suspend")


def test_an_extension_is_asked_for_before_the_deadline_and_only_as_far_as_allowed() -> None:
    desk = handled("petition")
    first = clock(desk, "T-RESOLVE")
    assert first.due_at == local("2026-05-07T00:00")  # 1 May is a holiday to the 5th: the 60th day moves to the 6th
    with pytest.raises(BadInput, match="extend_too_long"):
        desk.do("extend", by="31d")
    with pytest.raises(BadInput, match="extend_unit"):
        desk.do("extend", by="30wd")
    desk.agreed("extend", by="30d")
    assert clock(desk, "T-RESOLVE").counted_at == first.counted_at
    assert clock(desk, "T-RESOLVE").due_at == local("2026-06-02T00:00")
    with pytest.raises(Conflict, match="extensions_used"):
        desk.do("extend", by="1d")
    late = handled("hotline", "2026-03-02T10:00")
    late.now = clock(late, "T-RESOLVE").due_at
    with pytest.raises(Conflict, match="extend_late"):
        late.do("extend", by="3wd")


def test_the_hotline_counts_by_what_is_asked_for() -> None:
    for kind, due in (("求助", "2026-03-05T18:00"), ("投诉", "2026-03-19T18:00")):
        assert clock(handled("hotline", kind=kind), "T-RESOLVE").due_at == local(due)


def test_a_case_nobody_begins_climbs_the_ladder_by_itself_and_each_rung_once() -> None:
    desk = Desk("gn", now=local("2026-03-02T10:00"), terms={"resolve": "10wd"}).do("accept").do("dispatch")
    assert steps(desk.at(local("2026-03-09T15:14"))) == []
    assert steps(desk.at(local("2026-03-09T15:15"))) == ["supervise"]
    assert "督办单" in [effect.data["paper"] for effect in desk.effects if effect.kind == "paper"]
    assert steps(desk.at(local("2026-03-12T17:59"))) == ["supervise"]
    assert steps(desk.at(local("2026-03-12T18:00"))) == ["supervise", "key"]
    assert steps(desk.at(local("2026-04-15T00:00"))) == ["supervise", "key", "list"]
    assert steps(desk.at(local("2026-06-16T00:00"))) == ["supervise", "key", "list", "call_out"]


def test_a_case_that_is_worked_on_is_reminded_urged_and_then_supervised() -> None:
    desk = handled("gn", terms={"resolve": "10d"})
    seen = []
    for moment in (
        "2026-03-09T23:59",
        "2026-03-11T23:59",
        "2026-03-12T23:59:59",
        "2026-03-13T00:00",
        "2026-03-19T18:00",
    ):
        desk.at(local(moment))
        seen.append(steps(desk))
    assert seen == [
        ["remind"], ["remind", "urge"], ["remind", "urge"], ["remind", "urge", "urge"],
        ["remind", "urge", "urge"],
    ]  # fmt: skip
    desk.at(local("2026-03-20T18:00"))
    assert steps(desk)[-1] == "supervise"
    assert [one.rung for one in desk.case.supervisions][2] == "day_after"
    desk.do("answer_supervision").at(local("2026-03-31T00:00"))
    assert steps(desk)[-1] == "supervise"


def test_a_listed_case_is_struck_off_by_approval_before_it_is_archived() -> None:
    desk = handled("ls_jd").do("supervise", step="list").through("report", "request_close", "approve", "rate")
    with pytest.raises(Conflict, match="supervision_open"):
        desk.do("archive")
    desk.do("delist")
    desk.decide()
    assert desk.case.supervision == "CLEARED"
    assert desk.do("archive").case.state == "ARCHIVED"


def test_supervision_only_goes_up() -> None:
    desk = handled().do("supervise", step="key")
    with pytest.raises(Conflict, match="rung_below"):
        desk.do("supervise", step="urge")


def test_a_bad_rating_is_put_right_under_supervision_before_the_archive() -> None:
    desk = handled().through("report", "request_close", "approve").do("rate", rating=1, solved=False)
    with pytest.raises(Conflict, match="rework_first"):
        desk.do("archive")
    desk.do("rework")
    assert (desk.case.state, desk.case.round, desk.case.supervision) == ("HANDLING", 2, "supervise")
    assert clock(desk, "T-RECTIFY").unit == "wd"


def test_who_does_not_answer_three_times_leaves_the_case_unrated() -> None:
    desk = handled().through("report", "request_close", "approve")
    desk.at(local("2026-03-04T00:00"))
    assert (desk.case.state, desk.case.tries) == ("CALLBACK", 1)
    desk.at(local("2026-03-12T00:00"))
    assert (desk.case.state, desk.case.rating) == ("RATED", None)
    assert desk.do("archive").case.state == "ARCHIVED"


def test_an_anonymous_case_is_archived_without_a_call() -> None:
    desk = handled(contactable=False).through("report", "request_close", "approve")
    assert desk.case.state == "RESOLVED"
    assert desk.do("archive").case.state == "ARCHIVED"


def test_a_reopened_case_within_ninety_days_is_a_rebound_and_is_listed() -> None:
    desk = handled().through("report", "request_close", "approve", "rate", "archive")
    desk.now += timedelta(days=89)
    desk.agreed("reopen")
    assert (desk.case.state, desk.case.rebounds, desk.case.round) == ("HANDLING", 1, 2)
    assert steps(desk.at(desk.now + timedelta(seconds=1))) == ["list"]


def test_a_triage_that_needs_a_word_from_above_waits_for_it_unless_life_is_in_danger() -> None:
    desk = Desk("ls_jd").do("accept").do("dispatch")
    assert desk.case.state == "TRIAGE"
    assert desk.decide().case.state == "ASSIGNED"
    assert Desk("ls_jd", priority="P0").do("accept").do("dispatch").case.state == "ASSIGNED"


def test_the_first_department_that_claims_has_it() -> None:
    desk = Desk("ls_jd").do("accept").do("claim", somebody("a", "unit", org="甲"), competent=True)
    with pytest.raises(Conflict):
        desk.do("claim", somebody("b", "unit", org="乙"), competent=True)
    assert desk.case.lead == "甲"
    with pytest.raises(Forbidden):
        Desk("ls_jd").do("accept").do("claim", somebody("c", "unit", org="丙"), competent=False)


def test_a_merge_keeps_parties_and_the_earlier_deadline_and_cannot_go_round() -> None:
    one, other = handled(id="c1", parties=frozenset({"甲"})), handled(id="c2", parties=frozenset({"乙"}))
    other.now += timedelta(days=1)
    one.do("merge", target="c2", target_state=other.case.state)
    (data,) = [effect.data for effect in one.effects if effect.kind == "absorb"]
    other.case, _ = step(
        other.case, Event("absorb", somebody("system", "system"), data), other.now, PUBLISHED, other.profile
    )
    assert other.case.parties == {"甲", "乙"}
    with pytest.raises(Conflict, match="target_closed"):
        other.do("merge", target="c1", target_state=one.case.state)
    with pytest.raises(BadInput):
        other.do("merge", target="c2", target_state="HANDLING")


def test_a_grid_worker_closes_a_simple_matter_with_two_pictures_and_only_that() -> None:
    desk = handled("ha", kind="简易事项").do("report")
    with pytest.raises(BadInput):
        desk.do("close_self", before="")
    assert desk.do("close_self").case.state == "CALLBACK"
    with pytest.raises(Conflict, match="not_simple"):
        handled("ha").do("report").do("close_self")


def test_what_comes_from_the_public_is_verified_first_where_a_city_says_so() -> None:
    desk = Desk("city", channel="公众")
    with pytest.raises(Conflict, match="verify_first"):
        desk.do("accept")
    assert desk.do("to_verify").do("verified").case.state == "TRIAGE"


def test_a_step_is_for_the_seats_of_its_row_and_says_so() -> None:
    with pytest.raises(Forbidden) as refused:
        Desk("bz").do("accept", somebody("x", "citizen"))
    assert "受理" in refused.value.text("zh")
    with pytest.raises(Conflict) as closed:
        Desk("bz").do("approve")
    assert "待受理" in closed.value.text("zh") and "不予受理" in closed.value.text("zh")


def test_a_case_stays_under_the_version_it_was_opened_under() -> None:
    case = opened(shipped_profiles()["bz"])
    with pytest.raises(ValueError, match="under bz 1"):
        step(case, Event("accept", somebody("x")), case.opened_at, PUBLISHED, shipped_profiles()["gn"])


@pytest.mark.parametrize(
    ("moment", "light"),
    [("2026-03-02T10:00", "green"), ("2026-03-09T19:47", "green"), ("2026-03-09T19:49", "yellow"),
     ("2026-03-12T00:00", "orange"), ("2026-03-13T00:00", "red")],
)  # fmt: skip
def test_lights_turn_at_seventy_and_ninety_percent(moment: str, light: str) -> None:
    desk = handled(terms={"resolve": "10d"})
    assert timers.light(clock(desk, "T-RESOLVE"), local(moment), PUBLISHED) == light
