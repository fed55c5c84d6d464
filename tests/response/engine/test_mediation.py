"""Levels, windows and attempts at their boundaries."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from command_center.errors import BadInput, Conflict
from command_center.registry.clocks import LOCAL
from command_center.response.engine.mediation import ADVICE
from tests.response.engine.people import Desk


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def mediated(at: str = "2026-03-02T10:00", profile: str = "xpy") -> Desk:
    """A dispute whose first session just failed."""
    desk = Desk(profile, now=local(at))
    return desk.through("accept", "dispatch", "receive", "start", "mediate")


def level(desk: Desk) -> int:
    assert desk.case.mediation is not None
    return desk.case.mediation.level


def test_the_third_attempt_in_vain_goes_up_the_same_minute() -> None:
    desk = mediated()
    desk.at(local("2026-03-03T09:00")).do("mediate")
    assert level(desk) == 0
    desk.do("mediate")
    assert level(desk) == 1
    assert desk.case.mediation is not None
    assert desk.case.mediation.level_started_at == local("2026-03-03T09:00")
    assert desk.case.mediation.flags == ()
    timer = desk.case.timer("T-LEVEL")
    assert timer is not None and timer.due_at == local("2026-03-19T00:00")


def test_a_level_lasts_until_the_end_of_its_last_day() -> None:
    desk = mediated()
    assert level(desk.at(local("2026-03-09T23:59:59"))) == 0
    assert level(desk.at(local("2026-03-10T00:00:00"))) == 1
    assert desk.case.mediation is not None
    assert desk.case.mediation.flags == ((0, "too_few"),)


def test_a_session_held_before_the_keeper_looked_belongs_to_the_level_that_was_due() -> None:
    desk = mediated()
    desk.now = local("2026-03-10T00:00:00")
    desk.do("mediate")
    assert desk.case.mediation is not None
    assert [one.level for one in desk.case.mediation.sessions] == [0, 1]
    assert desk.case.mediation.level_started_at == local("2026-03-10T00:00")


def test_success_at_the_third_attempt_never_goes_up() -> None:
    desk = mediated().do("mediate").do("mediate", result="成功", perform_by=None)
    assert level(desk) == 0
    assert desk.case.mediation is not None and desk.case.mediation.agreed_at == desk.now
    assert level(desk.at(desk.now + timedelta(days=60))) == 0
    with pytest.raises(Conflict):
        desk.do("mediate")


def test_who_does_not_come_uses_no_attempt() -> None:
    desk = mediated()
    for result in ("缺席", "改期", "缺席"):
        desk.do("mediate", result=result)
    assert level(desk) == 0
    desk.do("mediate").do("mediate")
    assert level(desk) == 1


def test_a_month_that_begins_on_the_last_day_ends_on_the_last_day() -> None:
    desk = Desk("bz", now=local("2026-01-31T10:00")).through("accept", "dispatch", "receive", "start", "mediate")
    timer = desk.case.timer("T-LEVEL")
    assert timer is not None and timer.due_at == local("2026-03-01T00:00")


def test_a_hall_that_was_down_for_months_finds_every_level_where_it_belongs() -> None:
    desk = mediated()
    desk.now = local("2026-09-01T08:00")
    desk.fire("T-LEVEL")
    assert level(desk) == 3
    assert desk.case.mediation is not None
    assert desk.case.mediation.level_started_at == local("2026-04-27T00:00")
    assert [one for one, _ in desk.case.mediation.flags] == [0, 1, 2]


def test_after_the_last_level_the_case_goes_to_review_with_advice_and_stays_a_risk() -> None:
    desk = Desk("bz", now=local("2026-03-02T10:00")).through("accept", "dispatch", "receive", "start", "mediate")
    desk.at(local("2026-04-03T00:00"))
    assert (desk.case.state, desk.case.result, desk.case.answer) == ("REVIEW", "未化解,已引导", ADVICE)
    assert {"flag": "unresolved_risk"} in [dict(effect.data) for effect in desk.effects]
    desk.do("send_back")
    assert desk.case.state == "HANDLING"
    desk.do("mediate", result="成功")
    assert desk.case.mediation is not None and desk.case.mediation.agreed_at is not None


def test_a_month_in_all_is_pointed_out_and_ends_nothing() -> None:
    desk = mediated()
    desk.at(local("2026-04-03T00:00"))
    flags = [effect.data.get("flag") for effect in desk.effects if effect.kind == "flag"]
    assert "over_a_month" in flags and desk.case.state == "HANDLING"


def test_an_agreement_is_reminded_of_on_its_day_and_keeps_the_case_from_the_archive() -> None:
    desk = Desk("xpy", now=local("2026-03-02T10:00")).through("accept", "dispatch", "receive", "start")
    desk.do("report", papers=["申请书", "权利义务告知书", "身份证明", "封底"])
    desk.do("mediate", result="成功", perform_by="2026-03-15T09:00+08:00")
    desk.through("request_close", "approve", "rate")
    with pytest.raises(Conflict, match="performance_open"):
        desk.do("archive")
    desk.at(local("2026-03-15T09:00"))
    assert "performance_due" in [effect.data.get("flag") for effect in desk.effects]
    desk.do("perform").do("archive")
    assert desk.case.state == "ARCHIVED"


def test_an_incomplete_file_names_the_papers_it_lacks() -> None:
    desk = Desk("xpy").through("accept", "dispatch", "receive", "start")
    desk.do("mediate", result="成功", form="口头", perform_by=None).through("request_close", "approve", "rate")
    with pytest.raises(Conflict) as refused:
        desk.do("archive")
    assert "申请书" in refused.value.text("zh") and "调解协议书" in refused.value.text("zh")


@pytest.mark.parametrize("more", [{"result": "也许"}, {"kind": "电报"}, {"result": "成功", "form": ""}])
def test_a_session_says_how_it_was_and_what_came_of_it(more: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        mediated().do("mediate", **more)
