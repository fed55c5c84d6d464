"""The people of a case over HTTP: who sees what, what asking costs, and who called before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from command_center.access.guard import Who
from command_center.errors import Conflict
from command_center.response import commands as cases
from command_center.response.engine.stored import from_json
from command_center.response.parties import commands
from command_center.response.parties.facts import Plain
from command_center.response.parties.keys import Keyring
from command_center.response.tables import CaseRow
from tests.response.hall import FAR_CAMERA, WANG, Hall
from tests.response.parties.people import LI, ZHANG, id_number
from tests.response.serving_hall import ServedHall, said, served
from tests.response.small_town import OTHER_VILLAGE, VILLAGE

ZHANG_SAID = {
    "role": "reporter",
    "name": ZHANG.name,
    "phone": "138 1234 5678",
    "id_number": ZHANG.id_number,
    "address": ZHANG.address,
    "note": ZHANG.note,
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[ServedHall]:
    hall = Hall(f"sqlite:///{tmp_path}/hall.db")
    with served(hall, tmp_path) as made:
        yield made
    hall.timeline.close()


def open_case(here: ServedHall, officer: httpx.Client, **how: Any) -> Any:
    here.hall.see(**how)
    id = next(alert["id"] for alert in here.hall.alerts() if alert["state"] == "raised")
    said(officer.post(f"/alerts/{id}/take"))
    return said(officer.post(f"/alerts/{id}/confirm", json={"category": "02998"}))


def test_who_took_the_person_down_and_who_handles_the_case_know_the_name_and_nobody_a_number(here: ServedHall) -> None:
    clerk, other = here.sign_in("clerk", "dispatcher"), here.sign_in("other", "duty_officer")
    phone = here.sign_in("phone", "responder", person_id="R002")
    case = open_case(here, here.sign_in("wang", "duty_officer"))
    path = f"/cases/{case['id']}/parties"
    added = said(clerk.post(path, json=ZHANG_SAID), 201)
    assert (added["name"], added["phone"], added["id_number"]) == (
        "张三丰",
        "138****5678",
        "320724********999" + ZHANG.id_number[-1],
    )
    assert (added["address"], added["note"]) == ("示范镇一村***", "夜里打 139****4321")
    (seen,) = said(other.get(path))
    assert (seen["name"], seen["name_masked"], seen["note"]) == ("张*", True, "******")
    assert seen["may_reveal"] == ["name", "phone", "id_number", "address", "note"]
    said(phone.get(path), 404)
    said(other.post(f"/cases/{case['id']}/dispatch", json={"person_ids": ["R002"]}))
    (seen,) = said(phone.get(path))
    assert (seen["name"], seen["phone"], seen["may_reveal"]) == ("张三丰", "138****5678", ["phone", "address"])
    said(phone.post(path, json=ZHANG_SAID), 403)
    (order,) = said(phone.get("/orders/mine"))["orders"]
    said(phone.post(f"/orders/{order['id']}/decline", json={"reason": "车坏了"}))
    said(phone.get(path), 404)


def test_a_full_value_is_in_the_audit_before_it_is_shown_and_not_for_every_seat(here: ServedHall) -> None:
    officer, head = here.sign_in("wang", "duty_officer"), here.sign_in("head", "shift_head")
    phone = here.sign_in("phone", "responder", person_id="R002")
    case = open_case(here, officer)
    path = f"/cases/{case['id']}/parties"
    party = said(officer.post(path, json=ZHANG_SAID), 201)
    ask = f"{path}/{party['id']}/reveal"
    for wrong, status in (
        ({"field": "phone"}, 422),
        ({"field": "phone", "purpose": " "}, 400),
        ({"field": "key", "purpose": "回访"}, 422),
    ):
        said(officer.post(ask, json=wrong), status)
    wish = {"field": "phone", "purpose": "回访 13812345678"}
    answer = officer.post(ask, json=wish, headers={"Idempotency-Key": "the-same-key"})
    assert (said(answer)["value"], answer.headers["cache-control"]) == ("13812345678", "no-store")
    assert said(officer.post(ask, json=wish, headers={"Idempotency-Key": "the-same-key"}))["value"] == "13812345678"
    assert said(officer.post(ask, json={"field": "id_number", "purpose": "核实"}))["value"] == ZHANG.id_number
    lines = said(head.get("/audit", params={"object_id": party["id"]}))
    assert [line["what"] for line in lines] == ["party.id_number_revealed", *["party.phone_revealed"] * 2]
    assert (lines[-1]["user_name"], lines[-1]["purpose"]) == ("wang", f"{case['code']} 回访 138****5678")
    said(officer.post(f"/cases/{case['id']}/dispatch", json={"person_ids": ["R002"]}))
    said(phone.post(ask, json={"field": "id_number", "purpose": "核实"}), 403)
    assert said(phone.post(ask, json=wish))["value"] == "13812345678"
    for role in ("coordinator", "administrator", "wall_display", "citizen"):
        client = here.sign_in(role, role)
        said(client.get(path), 403)
        said(client.post(ask, json=wish), 403)
        said(client.post("/callers", json={"phone": "13812345678"}), 403)


def test_asking_has_a_limit_an_hour_that_says_so(here: ServedHall) -> None:
    officer = here.sign_in("wang", "duty_officer")
    case = open_case(here, officer)
    party = said(officer.post(f"/cases/{case['id']}/parties", json=ZHANG_SAID), 201)
    ask = f"/cases/{case['id']}/parties/{party['id']}/reveal"
    for _ in range(30):
        said(officer.post(ask, json={"field": "phone", "purpose": "回访"}))
    refused = said(officer.post(ask, json={"field": "phone", "purpose": "回访"}), 429)
    assert refused["detail"] == "一小时内最多 30 次，请稍后再查；确有需要请找管理员"
    here.hall.clock.wait(899)
    said(officer.get("/session"))
    for _ in range(4):
        here.hall.clock.wait(800)
        said(officer.get("/session"))
    said(officer.post(ask, json={"field": "phone", "purpose": "回访"}))


def test_a_change_needs_the_version_and_keeps_what_is_left_out(here: ServedHall) -> None:
    officer = here.sign_in("wang", "duty_officer")
    case = open_case(here, officer)
    path = f"/cases/{case['id']}/parties"
    party = said(officer.post(path, json=ZHANG_SAID), 201)
    one = f"{path}/{party['id']}"
    changed = said(officer.patch(one, json={"version": 1, "name": "张三", "note": "", "role": "party"}))
    assert (changed["name"], changed["version"], changed["role"]) == ("张三", 2, "party")
    assert changed["filled"] == ["name", "phone", "id_number", "address"]
    assert said(officer.patch(one, json={"version": 1, "name": "李四"}), 409)["code"] == "party_changed_meanwhile"
    for wrong, code in (
        ({"phone": "123"}, "party_phone_bad"),
        ({"id_number": ZHANG.id_number[:-1] + "0"}, "party_id_check"),
    ):
        assert said(officer.patch(one, json={"version": 2, **wrong}), 400)["code"] == code
    assert said(officer.post(path, json={"role": "party"}), 400)["code"] == "party_unknown_person"
    kinds = [fact.kind for fact in here.hall.timeline.about([case["id"]])]
    assert kinds[-2:] == ["response.party_added", "response.party_changed"]


def test_minors_and_the_sheltered_have_no_name_until_somebody_asks(here: ServedHall) -> None:
    officer = here.sign_in("wang", "duty_officer")
    path = f"/cases/{open_case(here, officer)['id']}/parties"
    child = {"role": "party", "name": "小明", "id_number": id_number(born="20150601")}
    said(officer.post(path, json={**ZHANG_SAID, "sheltered": True}), 201)
    said(officer.post(path, json=child), 201)
    first, second = said(officer.get(path))
    assert (first["name"], second["name"]) == ("当事人甲", "当事人乙")
    assert {first["phone"], first["id_number"], first["address"], first["note"], second["id_number"]} == {"******"}
    ask = f"{path}/{second['id']}/reveal"
    assert said(officer.post(ask, json={"field": "name", "purpose": "通知监护人"}))["value"] == "小明"


def test_the_same_caller_is_known_by_phone_or_identity_number_within_the_area(here: ServedHall) -> None:
    officer, village = here.sign_in("wang", "duty_officer"), here.sign_in("li", "dispatcher", area=VILLAGE)
    first = open_case(here, officer)
    said(officer.post(f"/cases/{first['id']}/parties", json=ZHANG_SAID), 201)
    far = open_case(here, officer, kind="loitering", camera_id=FAR_CAMERA)
    assert far["area"].startswith(OTHER_VILLAGE)
    by_id = {"role": "party", "id_number": ZHANG.id_number.lower()}
    said(officer.post(f"/cases/{far['id']}/parties", json=by_id), 201)
    said(officer.post(f"/cases/{far['id']}/parties", json={"role": "reporter", "phone": "13812345678"}), 201)
    known = said(officer.post("/callers", json={"phone": "+86 138-1234-5678"}))
    assert (known["phone"], known["count"], known["open"], known["repeated"]) == ("138****5678", 2, 2, True)
    assert [one["id"] for one in known["cases"]] == [far["id"], first["id"]]
    assert known["last_at"] == far["opened_at"]
    assert said(village.post("/callers", json={"phone": "13812345678"}))["count"] == 1
    again = {"phone": "13812345678", "category": "02998"}
    assert said(village.post("/callers", json=again))["repeated"]
    assert said(officer.post("/callers", json={"phone": "13900000000"})) == {
        "phone": "139****0000",
        "count": 0,
        "open": 0,
        "last_at": None,
        "repeated": False,
        "cases": [],
    }
    (party,) = said(officer.get(f"/cases/{first['id']}/parties"))
    assert party["earlier"] == 1
    earlier = said(officer.get(f"/cases/{first['id']}/parties/{party['id']}/earlier"))
    assert ([one["id"] for one in earlier["cases"]], earlier["repeated"]) == ([far["id"]], True)
    said(village.get(f"/cases/{far['id']}/parties"), 404)


def two_cases(hall: Hall, keys: Keyring) -> tuple[str, str]:
    first, second = hall.open_case(), hall.open_case(kind="loitering")
    with hall.tx() as tx:
        for case, who, role in (
            (first, ZHANG, "reporter"),
            (first, LI, "party"),
            (second, Plain(name="王五"), "witness"),
        ):
            commands.add(tx, case_id=case["id"], who=WANG, keys=keys, role=role, said=who)
    return first["id"], second["id"]


def test_merged_cases_lose_nobody_and_the_engine_knows_them_all(hall: Hall, tmp_path: Path) -> None:
    keys = Keyring(tmp_path / "names.key")
    keys.add_key(hall.clock())
    first, second = two_cases(hall, keys)
    with hall.tx() as tx:
        source, target = (cases.find(tx, id=id, who=WANG) for id in (first, second))
        assert commands.move_parties(tx, from_case=source, to_case=target, who=WANG, keys=keys) == 2
    with hall.timeline.reading() as session:
        found = commands.queries.parties(session, case_id=second, who=WANG, keys=keys)
        value = from_json(session.get_one(CaseRow, second).value)
    assert {(one["name"], one["role"], one["came_from"]) for one in found} == {
        ("张三丰", "reporter", first),
        ("欧阳小李", "party", first),
        ("王五", "witness", None),
    }
    ids = {one["role"]: one["id"] for one in found}
    assert (value.reporters, value.parties) == ({ids["reporter"]}, {ids["party"], ids["witness"]})
    assert hall.kinds()[-2:] == ["response.parties_moved"] * 2
    assert found == _seen(hall, keys, second, WANG)
    with hall.tx() as tx, pytest.raises(Conflict):
        same = cases.find(tx, id=second, who=WANG)
        commands.move_parties(tx, from_case=same, to_case=same, who=WANG, keys=keys)


def _seen(hall: Hall, keys: Keyring, case_id: str, who: Who) -> Any:
    with hall.timeline.reading() as session:
        return commands.queries.parties(session, case_id=case_id, who=who, keys=keys)
