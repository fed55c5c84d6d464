import threading
from datetime import timedelta

import pytest

from command_center.errors import BadInput, Conflict, NotFound
from command_center.response import orders
from command_center.response.candidates import Reason
from command_center.response.commands import Advice
from command_center.response.queries import called_away
from tests.response.hall import WANG, Hall, responder


def test_several_persons_are_sent_at_once_each_with_an_order_and_the_reasons(hall: Hall) -> None:
    case = hall.open_case()
    advice = {"R000": Advice(110.0, 640.0, (Reason("eta", {"s": 110, "m": 640}),))}
    first, second = hall.dispatch(case["id"], "R000", "R001", advice=advice, text="请速到现场")
    assert (first["eta_s"], first["distance_m"], first["reasons"][0]["code"]) == (110.0, 640.0, "eta")
    assert (second["eta_s"], second["reasons"]) == (None, [])
    assert (first["text"], first["state"]) == ("请速到现场", "sent")
    assert [first["code"], second["code"]] == ["ZL20260824-001", "ZL20260824-002"]
    assert hall.detail(case["id"])["case"]["order_ids"] == [first["id"], second["id"]]
    facts = [fact for fact in hall.timeline.since(0, 1000) if fact.kind == "response.dispatched"]
    assert [fact.parties for fact in facts] == [("R000",), ("R001",)]
    assert {"case", "order", "responder"} == set(facts[0].data)


def test_the_person_and_the_case_follow_the_order(hall: Hall) -> None:
    case = hall.open_case()
    (order,) = hall.dispatch(case["id"], "R002")
    seen = [(hall.status("R002"), hall.detail(case["id"])["case"]["state"])]
    for verb, more in (
        ("accept", {}),
        ("depart", {}),
        ("arrive", {"note": "到了"}),
        ("feedback", {"text": "已劝离"}),
        ("done", {}),
    ):
        hall.act(verb, order, **more)
        seen.append((hall.status("R002"), hall.detail(case["id"])["case"]["state"]))
    assert seen == [
        ("called", "ASSIGNED"),
        ("called", "RECEIVED"),
        ("en_route", "HANDLING"),
        ("on_scene", "HANDLING"),
        ("handling", "HANDLING"),
        ("returning", "HANDLING"),
    ]
    hall.manage("resolve", case["id"], answer="好")
    assert hall.status("R002") == "patrolling"


def test_nobody_is_left_on_scene_when_the_case_is_resolved(hall: Hall) -> None:
    case = hall.open_case()
    first, second, third = hall.dispatch(case["id"], "R002", "R003", "R004")
    hall.act("accept", first)
    hall.act("arrive", first, note="在")
    hall.act("feedback", first, text="好")
    hall.act("accept", second)
    hall.manage("resolve", case["id"], answer="好")
    states = {order["id"]: order["state"] for order in hall.detail(case["id"])["orders"]}
    assert states == {first["id"]: "void", second["id"]: "void", third["id"]: "void"}
    assert [hall.status(id) for id in ("R002", "R003", "R004")] == ["patrolling", "patrolling", "standby"]
    with pytest.raises(Conflict, match="order_state"):
        hall.act("depart", second)


def test_somebody_on_the_way_back_may_be_sent_elsewhere_and_is_not_pulled_off_by_the_first_case(hall: Hall) -> None:
    case = hall.open_case()
    order = hall.handle(case["id"], "R002")
    hall.act("done", order)
    hall.duty("patrol.missed")
    hall.take(hall.alerts()[0]["id"])
    other = hall.confirm(hall.alerts()[0]["id"], category="02999")
    hall.dispatch(other["id"], "R002")
    hall.manage("resolve", case["id"], answer="好")
    assert hall.status("R002") == "called"


def test_a_busy_person_is_not_sent_twice_and_nobody_else_is_sent_either(hall: Hall) -> None:
    case = hall.open_case()
    (order,) = hall.dispatch(case["id"], "R000")
    with pytest.raises(Conflict) as refused:
        hall.dispatch(case["id"], "R001", "R000")
    assert order["code"] in refused.value.text("zh")
    assert hall.status("R001") == "patrolling"
    assert len(hall.detail(case["id"])["orders"]) == 1
    with pytest.raises(BadInput):
        hall.dispatch(case["id"], "R001", "R001")
    with pytest.raises(BadInput):
        hall.dispatch(case["id"])
    with pytest.raises(NotFound):
        hall.dispatch(case["id"], "R999")


def test_of_two_dispatchers_who_send_the_same_person_at_once_one_wins(hall: Hall) -> None:
    cases = [hall.open_case(kind=kind)["id"] for kind in ("intrusion", "covered", "freeze", "signal_loss")]
    start = threading.Barrier(len(cases))
    outcomes: list[str] = []

    def send(case_id: str) -> None:
        start.wait()
        try:
            hall.dispatch(case_id, "R003", "R002")
            outcomes.append("sent")
        except Conflict as refused:
            outcomes.append(refused.key)

    threads = [threading.Thread(target=send, args=(case_id,)) for case_id in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["responder_busy"] * 3 + ["sent"]
    assert len(hall.snapshot()["orders"]) == 2


def test_an_order_is_only_ones_own(hall: Hall) -> None:
    case = hall.open_case()
    (order,) = hall.dispatch(case["id"], "R000")
    for stranger in (responder("R001"), WANG):
        with hall.tx() as tx, pytest.raises(NotFound):
            orders.accept(tx, id=order["id"], who=stranger)


def test_each_step_of_an_order_comes_only_after_the_one_before(hall: Hall) -> None:
    case = hall.open_case()
    (order,) = hall.dispatch(case["id"], "R000")
    for verb, more in (("depart", {}), ("arrive", {"note": "到"}), ("feedback", {"text": "x"}), ("done", {})):
        with pytest.raises(Conflict) as refused:
            hall.act(verb, order, **more)
        assert "待签收" in refused.value.text("zh")
        assert "签收、拒单" in refused.value.text("zh")


def test_arrival_that_positions_do_not_show_needs_words(hall: Hall) -> None:
    case = hall.open_case()
    (order,) = hall.dispatch(case["id"], "R000")
    hall.act("accept", order)
    with pytest.raises(BadInput, match="arrival_needs_note"):
        hall.act("arrive", order)
    arrived = hall.act("arrive", order, note="地下车库无信号")
    assert (arrived["arrived_how"], arrived["arrived_note"]) == ("manual", "地下车库无信号")


def test_an_empty_report_is_no_report(hall: Hall) -> None:
    case = hall.open_case()
    (order,) = hall.dispatch(case["id"], "R000")
    hall.act("accept", order)
    hall.act("depart", order)
    with pytest.raises(BadInput, match="feedback_empty"):
        hall.act("feedback", order, text=" ")


def test_a_declined_order_gives_the_case_back(hall: Hall) -> None:
    case = hall.open_case()
    first, second = hall.dispatch(case["id"], "R000", "R001")
    hall.act("accept", first)
    with pytest.raises(BadInput, match="decline_needs_reason"):
        hall.act("decline", first, reason="")
    hall.act("decline", first, reason="车坏了")
    assert hall.detail(case["id"])["case"]["state"] == "ASSIGNED"
    hall.act("decline", second, reason="有急事")
    assert hall.detail(case["id"])["case"]["state"] == "ACCEPTED"
    assert [hall.status(id) for id in ("R000", "R001")] == ["patrolling", "patrolling"]
    (again,) = hall.dispatch(case["id"], "R000")
    assert again["code"] == "ZL20260824-003"


def test_a_phone_is_told_only_of_its_own_orders(hall: Hall) -> None:
    case = hall.open_case()
    hall.dispatch(case["id"], "R000", "R001")
    own = hall.snapshot(responder("R001"))
    assert [order["person_id"] for order in own["orders"]] == ["R001"]
    assert [one["id"] for one in own["cases"]] == [case["id"]]
    assert [one["id"] for one in own["responders"]] == ["R001"]
    assert own["alerts"] == []
    assert hall.snapshot(responder("R005"))["cases"] == []


def test_a_person_is_called_away_from_accepting_an_order_to_the_end_of_it(hall: Hall) -> None:
    case = hall.open_case()
    (order,) = hall.dispatch(case["id"], "R002")
    sent = hall.clock()
    hall.clock.wait(60)
    hall.act("accept", order)
    accepted = hall.clock()
    hall.clock.wait(600)
    hall.act("arrive", order, note="在")
    with hall.timeline.reading() as session:
        assert called_away(session, "R002", sent, accepted) is None
        assert called_away(session, "R002", accepted, hall.clock()) == case["id"]
        assert called_away(session, "R001", accepted, hall.clock()) is None
    hall.act("done", order)
    ended = hall.clock()
    with hall.timeline.reading() as session:
        assert called_away(session, "R002", ended, ended + timedelta(hours=1)) is None
        assert called_away(session, "R002", ended - timedelta(seconds=1), ended) == case["id"]
