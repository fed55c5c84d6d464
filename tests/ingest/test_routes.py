"""Positions over HTTP, from devices, from a fleet, and from a responder's own phone."""

from typing import Any

import httpx
import pytest

from command_center.access.commands import add_user, register_device

from .conftest import Gate

PASSWORD = "Correct-Horse-42"
TOWN = "320724199"


@pytest.fixture
def server(address: str) -> str:
    return f"{address}/api/v1"


def _device(gate: Gate, person_id: str | None) -> dict[str, str]:
    with gate.timeline.transaction() as tx:
        _, token = register_device(tx, name="device", area=TOWN, person_id=person_id)
    return {"Authorization": f"Bearer {token}"}


def _report(gate: Gate, **more: Any) -> dict[str, Any]:
    return {"at": gate.clock().isoformat(), "lon": 119.4, "lat": 34.1} | more


def test_a_fleet_posts_for_everybody_in_one_request(gate: Gate, server: str) -> None:
    reports = [_report(gate, person_id="p1"), _report(gate, person_id="nobody"), _report(gate, person_id="p3")]
    answer = httpx.post(f"{server}/positions", json={"positions": reports}, headers=_device(gate, None))
    assert answer.json() == {"accepted": 2, "rejected": [{"index": 1, "reason": "unknown_person"}]}
    assert gate.intake.flush() == 0


def test_a_device_posts_for_its_person_and_nobody_posts_without_a_token(gate: Gate, server: str) -> None:
    headers = _device(gate, "p2")
    answer = httpx.post(f"{server}/positions", json={"positions": [_report(gate)]}, headers=headers)
    assert answer.json()["accepted"] == 1
    assert gate.heard[0].person_id == "p2"
    assert httpx.post(f"{server}/positions", json={"positions": [_report(gate)]}).status_code == 401


def test_a_responder_sends_his_own_position_from_his_phone(gate: Gate, server: str) -> None:
    for name, person_id in (("li", "p1"), ("nobody", None)):
        with gate.timeline.transaction() as tx:
            add_user(
                tx, name=name, display_name=name, role="responder", area=TOWN, password=PASSWORD, person_id=person_id
            )
    statuses = {}
    for name in ("li", "nobody"):
        with httpx.Client(base_url=server) as phone:
            csrf = phone.post("/session", json={"name": name, "password": PASSWORD}).json()["csrf"]
            phone.headers["X-CSRF-Token"] = csrf
            statuses[name] = phone.post("/positions", json={"positions": [_report(gate)]}).status_code
    assert statuses == {"li": 200, "nobody": 403}
    assert [position.person_id for position in gate.heard] == ["p1"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b'{"positions": 3}', b"\xff", b'{"positions": [' * 5000])
def test_a_body_that_is_no_list_of_positions_is_refused_as_a_whole(gate: Gate, server: str, body: bytes) -> None:
    answer = httpx.post(f"{server}/positions", content=body, headers=_device(gate, None))
    assert (answer.status_code, answer.json()["code"]) == (400, "positions_malformed")


def test_too_much_at_once_is_refused(gate: Gate, server: str) -> None:
    headers = _device(gate, None)
    assert httpx.post(f"{server}/positions", json={"positions": [0] * 20_001}, headers=headers).status_code == 400
    assert httpx.post(f"{server}/positions", content=b" " * 8_000_001, headers=headers).status_code == 413


def test_a_seat_sees_the_latest_positions_of_its_own_area_only(gate: Gate, server: str) -> None:
    gate.intake.take([gate.at(0), gate.at(0, person_id="p3")])
    with gate.timeline.transaction() as tx:
        for name, area in (("town", TOWN), ("village", "320724199002")):
            add_user(tx, name=name, display_name=name, role="duty_officer", area=area, password=PASSWORD)
    seen = {}
    for name in ("town", "village"):
        with httpx.Client(base_url=server) as seat:
            seat.post("/session", json={"name": name, "password": PASSWORD})
            seen[name] = {position["person_id"] for position in seat.get("/positions").json()}
    assert seen == {"town": {"p1", "p3"}, "village": {"p3"}}
