"""Ways of working of the center itself: drafts, faults, versions that leave old cases alone, rights, two writers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from command_center.timeline.facts import StoredFact
from tests.response.hall import Hall
from tests.response.serving_hall import said, served
from tests.response.small_town import corner

DRAFT = {
    "extends": "bz", "name": {"zh": "砚河办法", "en": "The Yanhe way"},
    "labels": {"SUBMITTED": "等着听您说", "accept": "接下来办"},
    "timers": {"T-ACCEPT": {"term": {"*": "10m"}}},
}  # fmt: skip


@dataclass
class Room:
    hall: Hall
    leader: httpx.Client
    keeper: httpx.Client
    head: httpx.Client
    clerk: httpx.Client
    dispatcher: httpx.Client

    def write(self, id: str, version: int = 0, status: int = 200, **more: Any) -> Any:
        return said(self.leader.put(f"/ways/{id}", json={"table": {**DRAFT, **more}, "version": version}), status)

    def publish(self, id: str, version: int, status: int = 200) -> Any:
        return said(self.leader.post(f"/ways/{id}/publish", json={"version": version}), status)

    def open_case(self, status: int = 201, **more: Any) -> Any:
        matter = {
            "channel": "window", "category": "01008", "text": "工地拖欠我们七个人三个月工资", "place": "砚河工地",
            "lonlat": corner(1), **more,
        }  # fmt: skip
        return said(self.clerk.post("/intake/cases", json=matter), status)

    def work(self, case: Any, who: httpx.Client | None = None) -> Any:
        return said((who or self.clerk).get(f"/cases/{case['id']}/work"))

    def facts(self) -> list[StoredFact]:
        return self.hall.timeline.since(0)

    def offers(self, case: Any, who: httpx.Client | None = None) -> dict[str, str]:
        return {one["action"]: one["name"] for one in self.work(case, who)["offers"]}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("ways")
    hall = Hall(f"sqlite:///{folder}/hall.db")
    with served(hall, folder) as here:
        seats = [("leader", "leader"), ("keeper", "administrator"), ("head", "shift_head"), ("clerk", "intake")]
        clients = [here.sign_in(name, role) for name, role in [*seats, ("disp", "dispatcher")]]
        yield Room(hall, *clients)
    hall.timeline.close()


def step(who: httpx.Client, case: Any, action: str, status: int = 200, **words: Any) -> Any:
    return said(who.post(f"/cases/{case['id']}/steps", json={"action": action, "said": words}), status)


def test_a_case_stays_under_the_version_it_was_opened_under(room: Room) -> None:
    draft = room.write("yanhe")
    assert (draft["published"], draft["draft"]) == (None, True)
    room.open_case(404, way="yanhe")
    way = room.publish("yanhe", draft["version"])
    assert (way["published"], way["draft"]) == (1, False)
    old = room.open_case(way="yanhe")
    assert room.work(old)["work"]["state_name"] == "等着听您说"
    assert room.offers(old)["accept"] == "接下来办"
    (clock,) = [one for one in old["clocks"] if one["name"] == "T-ACCEPT"]
    assert datetime.fromisoformat(clock["due_at"]) - room.hall.timeline.now() == timedelta(minutes=10)

    again = room.write(
        "yanhe", way["version"], labels={"SUBMITTED": "新来的"}, may={"accept": ["leader"]},
        steps=[{"name": "听", "states": ["SUBMITTED"]}, {"name": "办", "states": ["ACCEPTED", "TRIAGE", "HANDLING"]}],
    )  # fmt: skip
    assert room.work(room.open_case(way="yanhe"))["work"]["state_name"] == "等着听您说"
    way = room.publish("yanhe", again["version"])
    new = room.open_case(way="yanhe")
    assert (room.work(new)["work"]["state_name"], room.work(old)["work"]["state_name"]) == ("新来的", "等着听您说")
    assert [one["name"] for one in room.work(new)["work"]["steps"]] == ["听", "办"]
    assert "accept" in room.offers(old) and "accept" not in room.offers(new)
    assert "accept" in room.offers(new, room.leader) and "accept" not in room.offers(old, room.leader)
    step(room.clerk, new, "accept", status=403)
    assert step(room.leader, new, "accept")["state"] == step(room.clerk, old, "accept")["state"] == "TRIAGE"
    detail = said(room.leader.get("/ways/yanhe"))
    assert [(one["version"], one["open_cases"]) for one in detail["versions"]] == [(2, 1), (1, 2)]
    body = said(room.head.get("/profiles/yanhe?version=1"))["body"]
    assert body["labels"]["SUBMITTED"] == "等着听您说"
    assert said(room.head.get("/profiles/yanhe"))["version"] == 2
    facts = [fact.kind for fact in room.facts() if fact.id == "yanhe"]
    assert facts == [f"response.way_{what}" for what in ("written", "published", "written", "published")]


def test_a_way_with_a_dead_end_is_kept_as_a_draft_and_refused_with_every_fault_named(room: Room) -> None:
    bad = {
        "may": {"receive": []}, "timers": {"T-ACCEPT": {"term": {"*": "5wd"}, "on_expiry": ["do:reopen"]}},
        "rungs": ["still_urged"],
    }  # fmt: skip
    draft = room.write("deadend", **bad)
    refused = room.publish("deadend", draft["version"], 400)
    named = {(one["code"], one["where"]) for one in refused["problems"]}
    assert {
        ("profile_unreachable", "RECEIVED"), ("profile_timer_no_way", "timers.T-ACCEPT"),
        ("profile_rung_lost", "rungs.still_urged"),
    } <= named  # fmt: skip
    assert all(one["text"] in refused["detail"] for one in refused["problems"])
    english = room.leader.post(
        "/ways/deadend/publish", json={"version": draft["version"]}, headers={"Accept-Language": "en"}
    ).json()
    assert "no way leads to this state" in english["detail"]
    looked = said(room.leader.post("/ways/look", json={"table": {**DRAFT, "id": "deadend", **bad}}))
    assert {(one["code"], one["where"]) for one in looked["problems"]} == named
    assert looked["states"] and not looked["ok"]
    room.open_case(404, way="deadend")
    said(room.leader.delete(f"/ways/deadend/draft?version={draft['version']}"))
    said(room.leader.get("/ways/deadend"), 404)


def test_what_differs_from_the_base_and_from_the_version_in_force_is_listed(room: Room) -> None:
    draft = room.write("differs")
    way = room.publish("differs", draft["version"])
    table = {**DRAFT, "id": "differs", "timers": {"T-ACCEPT": {"term": {"*": "2h"}}}, "approvals": {"suspend": []}}
    looked = said(room.leader.post("/ways/look", json={"table": table}))
    changed = {one["where"]: (one["before"], one["after"]) for one in looked["changes"]}
    assert changed["labels.SUBMITTED"] == ("待受理", "等着听您说")
    assert changed["timers.T-ACCEPT.term.*"] == ("30m", "2h")
    assert changed["timers.T-ACCEPT.term.P0"] == ("1m", None)
    assert changed["approvals.suspend"] == (["head", "leader"], [])
    assert "labels.reject" not in changed
    claimed = said(room.head.post("/ways/look", json={"table": said(room.head.get("/ways/ls_jd"))["table"]}))
    assert {"where": "seats.leader", "before": None, "after": ["街道政法委员"]} in claimed["changes"]
    since = {one["where"]: (one["before"], one["after"]) for one in looked["since"]}
    assert since == {"timers.T-ACCEPT.term.*": ("10m", "2h"), "approvals.suspend": (["head", "leader"], [])}
    suspended = [row for state in looked["states"] for row in state["rows"] if row["action"] == "suspend"]
    assert [row["approvers"] for row in suspended] == [[]]
    same = room.write("differs", way["version"])
    assert room.publish("differs", same["version"], 409)["code"] == "way_nothing_new"


def test_doors_lead_to_an_own_way_and_a_withdrawn_one_goes_on_for_its_cases_only(room: Room) -> None:
    draft = room.write("doors", labels={"SUBMITTED": "门口"})
    said(room.leader.put("/intake/ways", json={"ways": {"window": "doors", "*": "gn"}}), 400)
    way = room.publish("doors", draft["version"])
    said(room.leader.put("/intake/ways", json={"ways": {"window": "doors", "*": "gn"}}))
    assert said(room.clerk.get("/intake"))["names"]["doors"]["zh"] == "砚河办法"
    case = room.open_case()
    assert room.work(case)["work"]["state_name"] == "门口"
    line = next(one for one in said(room.head.get("/ways")) if one["id"] == "doors")
    assert (line["doors"], line["open_cases"], line["counter"]) == (["window"], 1, True)
    seen = {"version": way["version"]}
    assert said(room.leader.post("/ways/doors/withdraw", json=seen), 409)["code"] == "way_in_use"
    said(room.leader.put("/intake/ways", json={"ways": {"P0": "emergency", "*": "gn"}}))
    way = said(room.leader.post("/ways/doors/withdraw", json=seen))
    assert room.open_case(400, way="doors")["code"] == "way_withdrawn"
    said(room.leader.put("/intake/ways", json={"ways": {"*": "doors"}}), 400)
    assert "doors" not in [one["id"] for one in said(room.head.get("/profiles"))]
    assert step(room.clerk, case, "accept")["state"] == "TRIAGE"
    said(room.leader.post("/ways/doors/restore", json={"version": way["version"]}))
    assert room.work(room.open_case(way="doors"))["work"]["state_name"] == "门口"


def test_only_who_answers_for_the_center_writes_and_nobody_overwrites_what_comes_with_the_product(room: Room) -> None:
    body = {"table": DRAFT, "version": 0}
    for nobody in (room.head, room.clerk, room.dispatcher):
        said(nobody.put("/ways/other", json=body), 403)
        said(nobody.post("/ways/bz/publish", json={"version": 1}), 403)
    said(room.clerk.get("/ways/bz"))
    said(room.keeper.put("/ways/other", json=body))
    assert room.write("bz", status=409)["code"] == "way_shipped"
    assert room.write("base", status=409)["code"] == "way_shipped"
    assert room.write("Way 1", status=400)["code"] == "way_id_bad"
    assert room.write("other", status=409)["code"] == "way_id_taken"
    assert room.write("more", extends="hall", status=400)["code"] == "way_base_bad"
    assert room.write("more", name={"zh": "一", "en": ""}, status=400)["code"] == "way_name_needed"
    assert room.write("other", 1, extends="gn", status=409)["code"] == "way_base_stays"


def test_of_two_who_write_at_once_the_second_is_told_who_was_first(room: Room) -> None:
    draft = room.write("twice")
    seen = {"table": {**DRAFT, "labels": {}}, "version": draft["version"]}
    said(room.keeper.put("/ways/twice", json=seen))
    late = said(room.leader.put("/ways/twice", json=seen), 409)
    assert late["code"] == "way_changed" and "keeper" in late["detail"]
    assert room.publish("twice", draft["version"], 409)["code"] == "way_changed"
    assert said(room.leader.get("/ways/twice"))["table"]["labels"] == {}


def test_cases_of_an_own_emergency_way_are_on_every_screen(room: Room) -> None:
    draft = room.write("urgent", extends="emergency", timers={}, labels={"SUBMITTED": "十万火急"})
    room.publish("urgent", draft["version"])
    case = room.open_case(way="urgent")
    (fact,) = [fact for fact in room.facts() if fact.id == case["id"]]
    assert fact.data["case"]["id"] == case["id"]
