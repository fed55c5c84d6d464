"""Matters from the counter to the archive, under every way of working, as the people of the hall do it over HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import cv2
import httpx
import numpy as np
import pytest

from command_center.response.case_keeper import CaseKeeper
from command_center.response.engine.checking import shipped_profiles
from tests.response.hall import Hall
from tests.response.serving_hall import ServedHall, said, served
from tests.response.small_town import OTHER_VILLAGE, corner

PHOTO = cv2.imencode(".jpg", np.full((64, 64, 3), 90, np.uint8))[1].tobytes()
WAYS = sorted(profile.id for profile in shipped_profiles().values() if profile.start == "SUBMITTED")
COUNTY = "320724"


@dataclass
class Room:
    """Everybody who has a part in a case."""

    served: ServedHall
    clerk: httpx.Client
    dispatcher: httpx.Client
    head: httpx.Client
    leader: httpx.Client
    justice: httpx.Client
    labour: httpx.Client

    def take_down(self, **more: Any) -> Any:
        matter = {
            "channel": "window", "category": "01008", "text": "工地拖欠我们七个人三个月工资", "place": "砚河工地",
            "lonlat": corner(1), **more,
        }  # fmt: skip
        return said(self.clerk.post("/intake/cases", json=matter), 201)

    def work(self, who: httpx.Client, case: Any) -> Any:
        return said(who.get(f"/cases/{case['id']}/work"))

    def actions(self, who: httpx.Client, case: Any) -> set[str]:
        return {one["action"] for one in self.work(who, case)["offers"] if one["why_not"] is None}


def step(who: httpx.Client, case: Any, action: str, status: int = 200, **words: Any) -> Any:
    return said(who.post(f"/cases/{case['id']}/steps", json={"action": action, "said": words}), status)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("hall")
    hall = Hall(f"sqlite:///{folder}/hall.db")
    with served(hall, folder) as here:
        yield Room(
            here,
            here.sign_in("clerk", "intake"),
            here.sign_in("disp", "dispatcher"),
            here.sign_in("head", "shift_head"),
            here.sign_in("leader", "leader"),
            here.sign_in("justice", "department", unit_id="U02", area=COUNTY),
            here.sign_in("labour", "department", unit_id="U03", area=COUNTY),
        )
    hall.timeline.close()


def sent_out(room: Room, **matter: Any) -> Any:
    """A case that waits to be received by the labour office."""
    case = room.take_down(**matter)
    case = step(room.clerk, case, "accept")
    assert case["state"] == "TRIAGE"
    return step(room.dispatcher, case, "dispatch", lead="U03", helpers=["U02"])


def test_a_matter_goes_from_the_counter_through_a_department_to_the_archive(room: Room) -> None:
    case = sent_out(room, way="gn")
    assert (case["state"], case["lead"]) == ("ASSIGNED", "U03")
    (todo,) = [one for one in said(room.labour.get("/cases/queue"))["cases"] if one["id"] == case["id"]]
    assert todo["step"] == "交办"
    step(room.labour, case, "receive")
    step(room.labour, case, "start")
    photo = said(room.labour.post(f"/cases/{case['id']}/photos", files={"photo": ("p.jpg", PHOTO)}), 201)
    step(room.labour, case, "report", text="已约谈项目部", photos=[photo["id"]])
    case = step(room.labour, case, "request_close", result="已解决", answer="工资十五日前付清")
    assert case["state"] == "REVIEW"
    case = step(room.head, case, "approve")
    assert (case["state"], case["answer"]) == ("CALLBACK", "工资十五日前付清")
    case = step(room.clerk, case, "rate", rating=5, solved=True)
    case = step(room.clerk, case, "archive")
    assert case["state"] == "ARCHIVED"
    detail = room.work(room.head, case)
    assert detail["sealed"] is True
    assert [one["state"] for one in detail["work"]["steps"]] == ["done"] * 6
    assert detail["photos"][0]["id"] == photo["id"]
    told = [fact["data"]["step"]["action"] for fact in detail["facts"] if "step" in fact["data"]]
    assert told[:3] == ["accept", "dispatch", "receive"]
    assert said(room.head.get("/public/cases/" + case["query_code"]))["answer"] == "工资十五日前付清"


def test_a_department_sees_what_its_unit_is_at_work_on_and_nothing_else(room: Room) -> None:
    other = room.take_down(text="邻居的树枝越界了", category="01002")
    said(room.labour.get(f"/cases/{other['id']}"), 404)
    said(room.labour.get(f"/cases/{other['id']}/work"), 404)
    step(room.labour, other, "claim", status=404)
    case = sent_out(room, way="gn")
    said(room.labour.get(f"/cases/{case['id']}"))
    said(room.justice.get(f"/cases/{case['id']}"))
    assert "request_close" not in room.actions(room.justice, case)
    far = room.served.sign_in("village", "duty_officer", area=OTHER_VILLAGE)
    said(far.get(f"/cases/{case['id']}/work"), 404)
    assert said(far.get("/cases/queue?name=open")) == {"cases": [], "more": False}


def test_a_return_is_asked_for_decided_by_somebody_else_and_ends_at_the_joint_meeting(room: Room) -> None:
    case = sent_out(room, way="gn")
    words = {"reason": "不属于本所职责", "basis": "权责清单 12 条", "proposed_unit": "U02"}
    case = step(room.labour, case, "return", **words)
    assert (case["state"], case["asks"]) == ("ASSIGNED", True)
    assert step(room.labour, case, "return", status=409, **words)["code"] == "engine_asked_already"
    offered = {one["action"]: one["why_not"] for one in room.work(room.labour, case)["offers"]}
    assert "正在待审" in offered["return"]
    asked = room.work(room.dispatcher, case)["work"]["approvals"][0]
    assert (asked["mine"], asked["said"]["basis"]) == (True, "权责清单 12 条")
    path = f"/cases/{case['id']}/approvals/{asked['id']}"
    said(room.labour.post(path, json={"yes": True}), 403)
    assert case["id"] in [one["id"] for one in said(room.dispatcher.get("/cases/queue?name=asks"))["cases"]]
    case = said(room.dispatcher.post(path, json={"yes": True}))
    assert (case["state"], case["lead"], case["asks"]) == ("TRIAGE", None, False)
    said(room.labour.get(f"/cases/{case['id']}"), 404)
    case = step(room.dispatcher, case, "dispatch", lead="U02")
    case = step(room.justice, case, "return", **{**words, "proposed_unit": "U03"})
    asked = room.work(room.dispatcher, case)["work"]["approvals"][0]
    case = said(room.dispatcher.post(f"/cases/{case['id']}/approvals/{asked['id']}", json={"yes": True}))
    assert room.work(room.head, case)["work"]["calls"][0]["kind"] == "联席会议"
    assert step(room.dispatcher, case, "dispatch", status=409, lead="U03")["code"] == "engine_meeting_first"
    step(room.dispatcher, case, "dispatch", lead="U03", decided_by_meeting="会议纪要〔2026〕3 号")
    refused = step(room.labour, case, "return", status=409, **words)
    assert refused["code"] == "engine_returns_used"


def test_what_is_offered_can_be_done_and_the_rest_says_why_not(room: Room) -> None:
    case = sent_out(room, way="gn")
    step(room.labour, case, "receive")
    step(room.labour, case, "start")
    offers = {one["action"]: one for one in room.work(room.labour, case)["offers"]}
    assert offers["request_close"]["why_not"] is not None
    assert "反馈" in offers["report"]["name"]
    assert [field["name"] for field in offers["suspend"]["fields"]] == ["reason", "resume_at"]
    assert offers["suspend"]["asks"] is True
    assert not {"approve", "receive", "start"} & offers.keys()
    unknown = step(room.dispatcher, case, "fly", status=400)
    assert unknown["code"] == "engine_unknown_action"
    bad = step(room.labour, case, "collaborate", status=400, kind="吹哨", units=["U99"])
    assert bad["code"] == "units_unknown"


def test_a_duplicate_hands_its_people_on_and_a_merge_keeps_the_earlier_deadline(room: Room) -> None:
    main = sent_out(room, way="gn", lonlat=corner(4))
    again = room.take_down(text="工地拖欠工资，我们又来了", lonlat=corner(4))
    again = step(room.clerk, again, "mark_duplicate", target=main["code"])
    assert again["state"] == "DUPLICATE"
    assert room.work(room.clerk, main)["work"]["repeats"] == 1
    step(room.clerk, room.take_down(), "mark_duplicate", status=404, target="ZZ0")
    hints = said(room.clerk.post("/intake/hints", json={"text": "拖欠工资", "category": "01008", "lonlat": corner(4)}))
    assert hints["categories"][0]["code"] == "01008"
    assert [(one["id"], one["lead"]) for one in hints["units"]] == [("U03", True), ("U02", False)]
    assert main["id"] in [one["id"] for one in hints["cases"]]


def test_the_head_says_which_way_each_door_is_worked(room: Room) -> None:
    assert room.take_down(channel="petition")["profile"] == "petition"
    ways = {"petition": "petition", "hotline": "hotline", "window": "bz", "*": "tp"}
    said(room.clerk.put("/intake/ways", json={"ways": ways}), 403)
    for bad in ({"window": "bz"}, {"*": "hall"}, {"*": "nowhere"}, {"*": "tp", "door": "bz"}):
        said(room.head.put("/intake/ways", json={"ways": bad}), 400)
    said(room.head.put("/intake/ways", json={"ways": ways}))
    assert room.take_down(channel="window")["profile"] == "bz"
    assert room.take_down(channel="phone")["profile"] == "tp"
    said(room.head.put("/intake/ways", json={"ways": {"P0": "emergency", "hotline": "hotline", "*": "gn"}}))


def test_whoever_holds_the_code_rates_once_and_a_bad_rating_is_worked_on(room: Room) -> None:
    case = sent_out(room, way="gn")
    path = f"{room.clerk.base_url}public/cases/{case['query_code']}"
    bad = {"rating": 1, "solved": False, "note": "只付了一半"}
    said(httpx.post(f"{path}/rating", json=bad), 409)
    for action, words in (
        ("receive", {}), ("report", {"text": "已约谈"}), ("request_close", {"result": "已付", "answer": "已付清"}),
    ):  # fmt: skip
        case = step(room.labour, case, action, **words)
    step(room.head, case, "approve")
    assert said(httpx.get(path))["asks_rating"] is True
    assert said(httpx.post(f"{path}/rating", json=bad))["state"] == "RATED"
    said(httpx.post(f"{path}/rating", json=bad), 409)
    assert step(room.clerk, case, "archive", status=409)["code"] == "engine_rework_first"
    case = step(room.clerk, case, "rework", reason="只付了一半")
    assert (case["state"], room.work(room.head, case)["work"]["round"]) == ("HANDLING", 2)


def test_a_form_that_says_something_else_is_refused_and_a_case_of_orders_stays_at_the_desk(room: Room) -> None:
    case = room.take_down(way="gn")
    for words in ({"target": ["x"]}, {"target": True}, {"target": 7}):
        assert step(room.clerk, case, "mark_duplicate", status=400, **words)["code"] == "field_unreadable"
    step(room.clerk, case, "accept")
    assert step(room.dispatcher, case, "dispatch", status=400, lead="U03", helpers="U02")["code"] == "field_unreadable"
    room.served.hall.see()
    alert = said(room.head.get("/alerts"))[0]["id"]
    said(room.head.post(f"/alerts/{alert}/take"))
    live = said(room.head.post(f"/alerts/{alert}/confirm", json={"category": "02998"}))
    assert room.work(room.head, live)["offers"] == []
    assert step(room.head, live, "dispatch", status=409, lead="U03")["code"] == "worked_by_orders"


def test_what_cannot_wait_is_on_every_screen_at_once_and_goes_to_the_forces(room: Room) -> None:
    phone = room.served.sign_in("phone", "responder", person_id="R004")
    case = room.take_down(category="03001", text="老街着火了，有人被困")
    assert (case["profile"], case["state"]) == ("emergency", "SUBMITTED")
    assert case["id"] in [one["id"] for one in room.served.hall.snapshot()["cases"]]
    assert case["id"] in [one["id"] for one in said(room.dispatcher.get("/cases/queue"))["cases"]]
    room.served.stand("R004", corner(4))
    sent = said(room.head.post(f"/cases/{case['id']}/dispatch", json={"person_ids": ["R004"]}))
    assert sent["case"]["state"] == "ASSIGNED"
    order = sent["orders"][0]["id"]
    for verb, body in (("accept", None), ("depart", None), ("arrive", {"note": "到场"})):
        said(phone.post(f"/orders/{order}/{verb}", json=body))
    said(phone.post(f"/orders/{order}/feedback", data={"text": "火已扑灭，无人受伤"}))
    case = said(room.head.post(f"/cases/{case['id']}/resolve", json={"answer": "火已扑灭"}))
    assert case["state"] == "RESOLVED"
    assert said(room.head.post(f"/cases/{case['id']}/archive"))["state"] == "ARCHIVED"


def test_people_go_along_when_a_case_is_merged_and_their_numbers_stay_covered(room: Room) -> None:
    main, other = (sent_out(room, way="gn", lonlat=corner(5)) for _ in range(2))
    person = {"role": "reporter", "name": "张三丰", "phone": "13812345678"}
    said(room.clerk.post(f"/cases/{other['id']}/parties", json=person), 201)
    case = step(room.labour, other, "receive")
    case = step(room.labour, case, "report", text="已电话 13812345678 联系")
    case = step(room.head, case, "merge", target=main["query_code"])
    assert case["state"] == "MERGED"
    (party,) = said(room.head.get(f"/cases/{main['id']}/parties"))
    assert party["phone"] == "138****5678"
    assert "13812345678" not in room.head.get(f"/cases/{other['id']}/work").text
    seen = said(room.labour.get(f"/cases/{main['id']}/parties"))
    assert seen[0]["name"] == "张三丰"


def test_a_department_claims_what_is_in_its_duty_list_and_the_second_comes_too_late(room: Room) -> None:
    case = room.take_down(way="ls_jd")
    case = step(room.clerk, case, "accept")
    police = room.served.sign_in("police", "department", unit_id="U01", area=COUNTY)
    said(police.get(f"/cases/{case['id']}/work"), 404)
    for claimant in (room.labour, room.justice):
        assert case["id"] in [one["id"] for one in said(claimant.get("/cases/queue"))["cases"]]
    case = step(room.labour, case, "claim")
    assert (case["state"], case["lead"]) == ("ASSIGNED", "U03")
    step(room.justice, case, "claim", status=404)
    assert step(room.labour, case, "claim", status=409)["code"] == "case_state"


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_working_is_worked_to_its_end(room: Room, way: str) -> None:
    channel = "citizen" if way == "city" else "window"
    case = room.take_down(way=way, channel=channel)
    if case["state"] == "SUBMITTED" and way == "city":
        case = step(room.clerk, case, "to_verify")
        case = step(room.clerk, case, "verified")
    elif "accept" in room.actions(room.clerk, case):
        case = step(room.clerk, case, "accept")
    case = step(room.dispatcher, case, "dispatch", lead="U03")
    if case["asks"]:
        asked = room.work(room.leader, case)["work"]["approvals"][0]
        case = said(room.leader.post(f"/cases/{case['id']}/approvals/{asked['id']}", json={"yes": True}))
    step(room.labour, case, "receive")
    step(room.labour, case, "start")
    step(room.labour, case, "report", text="已到现场")
    if "request_close" in room.actions(room.labour, case):
        step(room.labour, case, "request_close", result="已解决", answer="已办好")
        case = step(room.head, case, "approve")
    else:
        case = step(room.head, case, "resolve", answer="已办好")
    if case["state"] == "CALLBACK":
        case = step(room.clerk, case, "rate", rating=4, solved=True)
    detail = room.work(room.clerk, case)
    case = step(room.clerk, case, "archive")
    assert case["state"] == "ARCHIVED", detail


def test_a_clock_that_runs_out_is_told_and_climbs_the_ladder(room: Room) -> None:
    case = sent_out(room, way="gn")
    _pass(room, days=40)
    supervisor = room.served.sign_in("super", "supervisor")
    assert case["id"] in [one["id"] for one in said(supervisor.get("/cases/queue?name=overdue"))["cases"]]
    assert [one["step"] for one in room.work(supervisor, case)["work"]["supervisions"]] == ["supervise"]
    _pass(room, days=10)
    leader = room.served.sign_in("boss", "leader")
    assert [one["step"] for one in room.work(leader, case)["work"]["supervisions"]] == ["supervise", "list"]


def _pass(room: Room, *, days: int) -> None:
    """Days go by, and the keeper acts on what runs out."""
    keeper = CaseKeeper(room.served.hall.timeline)
    room.served.hall.clock.wait(timedelta(days=days).total_seconds())
    while keeper.step():
        pass
