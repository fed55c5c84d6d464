from datetime import timedelta

import pytest

from command_center.errors import BadInput, Conflict, Forbidden, NotFound
from command_center.registry.codes import parse_case_code
from command_center.response.archive import is_sealed
from command_center.response.tables import CaseRow
from tests.response.hall import CAMERA, FAR_CAMERA, LI, SECOND_CAMERA, WANG, Hall, officer
from tests.response.small_town import OTHER_VILLAGE


def clock(case: dict[str, object], name: str) -> dict[str, str | None]:
    (found,) = [one for one in case["clocks"] if one["name"] == name]  # type: ignore[attr-defined]
    return found  # type: ignore[no-any-return]


def test_a_confirmed_alert_becomes_a_case_with_its_camera_in_one_step(hall: Hall) -> None:
    case = hall.open_case()
    assert (case["state"], case["priority"], case["level"], case["source"]) == ("ACCEPTED", "P1", 2, "camera")
    assert case["title"] == "街口1 区域入侵"
    assert parse_case_code(case["code"]).sequence == 1
    assert len(case["query_code"]) == 8
    assert [(link["camera_id"], link["role"], link["by"]) for link in case["cameras"]] == [(CAMERA, "source", None)]
    assert hall.alert()["case_id"] == case["id"]
    assert hall.kinds()[-2:] == ["prewarning.confirmed", "response.opened"]
    assert len({fact.stored_at for fact in hall.timeline.since(0, 100)[-2:]}) == 1


def test_a_case_goes_its_whole_way_and_ends_sealed(hall: Hall) -> None:
    case = hall.open_case()
    hall.handle(case["id"])
    hall.clock.wait(600)
    resolved = hall.manage("resolve", case["id"], answer="人员已离开")
    assert (resolved["state"], resolved["answer"], resolved["resolved_by"]["id"]) == ("RESOLVED", "人员已离开", "li")
    rated = hall.manage("call_back", case["id"], rating=5, solved=True)
    assert (rated["state"], rated["callback"]["rating"]) == ("RATED", 5)
    archived = hall.manage("archive", case["id"])
    assert archived["state"] == "ARCHIVED"
    detail = hall.detail(case["id"])
    assert detail["sealed"] is True
    assert detail["actions"] == []
    assert [fact["kind"].split(".")[1] for fact in detail["facts"]] == [
        "raised", "taken", "confirmed", "opened", "dispatched", "order_accepted", "order_departed", "order_arrived",
        "order_reported", "order_voided", "resolved", "called_back", "archived",
    ]  # fmt: skip


def test_an_archived_case_is_changed_by_nothing(hall: Hall) -> None:
    case = hall.open_case()
    hall.handle(case["id"])
    hall.manage("resolve", case["id"], answer="好")
    hall.manage("call_back", case["id"], rating=4, solved=True)
    hall.manage("archive", case["id"])
    before = hall.detail(case["id"])["case"]
    attempts = [
        lambda: hall.dispatch(case["id"], "R000"),
        lambda: hall.manage("resolve", case["id"], answer="再办"),
        lambda: hall.manage("call_back", case["id"], rating=1, solved=False),
        lambda: hall.manage("archive", case["id"]),
        lambda: hall.manage("link_camera", case["id"], camera_id=SECOND_CAMERA, why="补充"),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict) as refused:
            attempt()
        assert "已归档" in refused.value.text("zh")
        assert "ARCHIVED" in refused.value.text("en")
    assert hall.detail(case["id"])["case"] == before


def test_a_changed_log_breaks_the_seal(hall: Hall) -> None:
    case = hall.open_case()
    hall.handle(case["id"])
    for verb, more in (("resolve", {"answer": "好"}), ("call_back", {"rating": 5, "solved": True}), ("archive", {})):
        hall.manage(verb, case["id"], **more)
    with hall.tx() as tx:
        row = tx.session.get(CaseRow, case["id"])
        assert row is not None
        assert is_sealed(tx.session, row)
        row.archive_hash = "0" * 64
        assert not is_sealed(tx.session, row)


@pytest.mark.parametrize(
    ("verb", "more"),
    [("resolve", {"answer": "好"}), ("call_back", {"rating": 5, "solved": True}), ("archive", {})],
)
def test_no_step_can_be_skipped_and_the_refusal_says_what_is_possible(hall: Hall, verb: str, more: object) -> None:
    case = hall.open_case()
    with pytest.raises(Conflict) as refused:
        hall.manage(verb, case["id"], **more)  # type: ignore[arg-type]
    assert "已受理" in refused.value.text("zh")
    assert "调度" in refused.value.text("zh")


def test_a_case_is_not_resolved_without_an_answer_or_without_evidence(hall: Hall) -> None:
    case = hall.open_case()
    (order,) = hall.dispatch(case["id"], "R002")
    hall.act("accept", order)
    hall.act("depart", order)
    with pytest.raises(BadInput, match="answer_needed"):
        hall.manage("resolve", case["id"], answer="  ")
    with pytest.raises(Conflict, match="evidence_needed"):
        hall.manage("resolve", case["id"], answer="好")
    hall.act("feedback", order, text="路上")
    assert hall.manage("resolve", case["id"], answer="好")["state"] == "RESOLVED"


def test_who_handled_a_case_may_not_review_it(hall: Hall) -> None:
    case = hall.open_case()
    hall.handle(case["id"], "R002")
    both = officer("both", "shift_head", person_id="R002")
    with pytest.raises(Forbidden):
        hall.manage("resolve", case["id"], both, answer="我自己办的")
    hall.manage("resolve", case["id"], answer="好")
    with pytest.raises(Forbidden):
        hall.manage("call_back", case["id"], both, rating=5, solved=True)


def test_clocks_are_instants_that_start_and_stop_with_the_case(hall: Hall) -> None:
    case = hall.open_case()
    assert case["clocks"] == []
    hall.clock.wait(30)
    (order,) = hall.dispatch(case["id"], "R002")
    running = hall.detail(case["id"])["case"]
    assert clock(running, "T-RECV")["due_at"] == order["accept_by"] == "2026-08-24T01:05:30.000Z"
    assert clock(running, "T-ARRIVE")["due_at"] == order["arrive_by"] == "2026-08-24T01:15:30.000Z"
    assert clock(running, "T-RESOLVE")["due_at"] == "2026-08-25T01:00:30.000Z"
    hall.clock.wait(60)
    hall.act("accept", order)
    hall.clock.wait(60)
    hall.act("arrive", order, note="就在附近")
    hall.act("feedback", order, text="好了")
    hall.clock.wait(60)
    resolved = hall.manage("resolve", case["id"], answer="好")
    stops = {one["name"]: one["stopped_at"] for one in resolved["clocks"]}
    assert stops == {
        "T-RECV": "2026-08-24T01:01:30.000Z",
        "T-ARRIVE": "2026-08-24T01:02:30.000Z",
        "T-RESOLVE": "2026-08-24T01:03:30.000Z",
        "T-CALLBACK": None,
    }
    assert clock(resolved, "T-CALLBACK")["due_at"] == "2026-08-25T16:00:00.000Z"
    rated = hall.manage("call_back", case["id"], rating=5, solved=True)
    assert clock(rated, "T-CALLBACK")["stopped_at"] is not None


def test_a_second_order_does_not_restart_the_clocks(hall: Hall) -> None:
    case = hall.open_case()
    (first,) = hall.dispatch(case["id"], "R002")
    due = hall.detail(case["id"])["case"]["clocks"]
    hall.act("accept", first)
    hall.act("decline", first, reason="车坏了")
    declined = hall.detail(case["id"])["case"]
    assert (declined["state"], clock(declined, "T-RECV")["stopped_at"]) == ("ACCEPTED", None)
    hall.clock.wait(120)
    (second,) = hall.dispatch(case["id"], "R003")
    assert hall.detail(case["id"])["case"]["clocks"] == due
    assert second["accept_by"] > first["accept_by"]


def test_another_camera_is_linked_with_who_when_and_why(hall: Hall) -> None:
    case = hall.open_case()
    linked = hall.manage("link_camera", case["id"], camera_id=SECOND_CAMERA, why="看得到逃离方向")
    link = linked["cameras"][1]
    assert (link["role"], link["by"], link["why"]) == ("linked", LI.json(), "看得到逃离方向")
    with pytest.raises(Conflict, match="camera_linked_already"):
        hall.manage("link_camera", case["id"], camera_id=CAMERA, why="再来")
    with pytest.raises(BadInput, match="link_needs_reason"):
        hall.manage("link_camera", case["id"], camera_id=FAR_CAMERA, why=" ")


def test_a_case_outside_the_area_does_not_exist(hall: Hall) -> None:
    case = hall.open_case()
    stranger = officer("stranger", area=OTHER_VILLAGE)
    with pytest.raises(NotFound):
        hall.detail(case["id"], stranger)
    with pytest.raises(NotFound):
        hall.dispatch(case["id"], "R002", who=stranger)
    assert hall.snapshot(stranger)["cases"] == []


def test_cases_are_found_by_state_and_by_words(hall: Hall) -> None:
    from_camera = hall.open_case()
    hall.duty("patrol.missed")
    missed = hall.alerts()[0]
    hall.take(missed["id"])
    from_patrol = hall.confirm(missed["id"], category="02999", title="小学未巡", level=4, note="去看看")
    assert (from_patrol["source"], from_patrol["level"], from_patrol["cameras"]) == ("patrol", 4, [])
    assert hall.find(q="小学") == [from_patrol["id"]]
    assert hall.find(q=from_camera["code"][-6:]) == [from_camera["id"]]
    assert hall.find(q="%") == []
    hall.dispatch(from_camera["id"], "R002")
    assert hall.find(states=("ASSIGNED",)) == [from_camera["id"]]
    assert set(hall.find()) == {from_camera["id"], from_patrol["id"]}


def test_yesterdays_archive_leaves_the_screen(hall: Hall) -> None:
    case = hall.open_case()
    hall.handle(case["id"])
    for verb, more in (("resolve", {"answer": "好"}), ("call_back", {"rating": 5, "solved": True}), ("archive", {})):
        hall.manage(verb, case["id"], **more)
    assert len(hall.snapshot()["cases"]) == 1
    hall.clock.moment += timedelta(days=1)
    assert hall.snapshot(WANG)["cases"] == hall.snapshot(WANG)["orders"] == []
