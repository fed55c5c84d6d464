"""Who is let in: verbs, areas, forged requests, sockets, and devices."""

import json

import pytest
from sqlalchemy import update
from websockets.exceptions import InvalidStatus

from command_center.access import roles
from command_center.access.commands import register_device
from command_center.access.guard import require
from command_center.access.tables import UserRow

from .conftest import TOWN, Hall


def test_a_command_without_the_sessions_own_token_is_refused(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.signed_in("wang") as client:
        assert client.post("/take").status_code == 200
        for forged in (b"", b"x" * 43, b"\xe9"):
            answer = client.post("/take", headers={b"X-CSRF-Token": forged})
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")


def test_a_command_from_a_page_of_another_site_is_refused(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.signed_in("wang") as client:
        assert client.post("/take", headers={"Origin": f"http://{hall.host}"}).status_code == 200
        for origin in ("http://evil.test", "null", f"http://{hall.host}.evil"):
            assert client.post("/take", headers={"Origin": origin}).json()["code"] == "foreign_origin"


def test_another_site_cannot_sign_a_browser_in(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.browser() as client:
        answer = client.post(
            "/api/v1/session", json={"name": "wang", "password": "x"}, headers={"Origin": "http://a.b"}
        )
        assert answer.status_code == 403


def test_nobody_gets_in_without_a_session(hall: Hall) -> None:
    with hall.browser() as client:
        for token in (None, "made-up"):
            if token:
                client.cookies.set("yiping_session", token)
            assert client.post("/take").status_code == 401
            assert client.post("/take", headers={"Authorization": "Bearer made-up"}).status_code == 401


@pytest.mark.parametrize("role", roles.USER_ROLES)
def test_a_role_does_exactly_what_the_table_says_and_administrator_is_no_exception(hall: Hall, role: str) -> None:
    hall.user("somebody", role, unit_id="U01" if role == "department" else None)
    with hall.signed_in("somebody") as client:
        expected = 200 if role in {"duty_officer", "shift_head", "dispatcher"} else 403
        assert client.post("/take").status_code == expected


def test_a_verb_that_no_role_has_is_noticed_when_the_program_starts() -> None:
    for verbs in (("duty_officer",), ("alert.take", "alert.tkae"), ()):
        with pytest.raises(ValueError, match="no such verbs"):
            require(*verbs)


def test_what_lies_in_a_foreign_area_does_not_exist(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.signed_in("wang") as client:
        assert client.get(f"/things/{TOWN}").status_code == 200
        assert client.get(f"/things/{TOWN}001002").status_code == 200
        for foreign in ("320724", "320724100", "320724100001"):
            assert client.get(f"/things/{foreign}").status_code == 404


def test_a_deactivated_user_is_out_within_seconds_even_if_another_process_did_it(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.signed_in("wang") as client:
        with hall.timeline.transaction() as tx:
            tx.session.execute(update(UserRow).values(active=False))
        hall.clock.wait(5)
        assert client.post("/take").status_code == 401


def test_a_socket_opens_for_a_page_of_this_site_only(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.signed_in("wang") as client:
        with hall.socket(client, {"Origin": f"http://{hall.host}"}) as socket:
            assert json.loads(socket.recv()) == {"name": "wang", "own_only": False}
        for headers in ({"Origin": "http://evil.test"}, {}):
            with pytest.raises(InvalidStatus):
                hall.socket(client, headers)


def test_an_open_socket_learns_that_its_session_went_idle_and_does_not_keep_it_open(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.signed_in("wang") as client, hall.socket(client, {"Origin": f"http://{hall.host}"}) as socket:
        socket.recv()
        hall.clock.wait(600)
        socket.send("?")
        assert json.loads(socket.recv()) == {"alive": True}
        hall.clock.wait(301)
        socket.send("?")
        assert json.loads(socket.recv()) == {"alive": False}


def test_responders_hear_only_their_own_and_citizens_and_administrators_nothing(hall: Hall) -> None:
    for role in ("responder", "citizen", "administrator"):
        hall.user(role, role)
        with hall.signed_in(role) as client:
            if role == "responder":
                with hall.socket(client, {"Origin": f"http://{hall.host}"}) as socket:
                    assert json.loads(socket.recv())["own_only"] is True
            else:
                with pytest.raises(InvalidStatus):
                    hall.socket(client, {"Origin": f"http://{hall.host}"})


def test_a_fleet_token_listens_and_acts_only_for_simulated_persons_and_only_in_a_demonstration(hall: Hall) -> None:
    with hall.timeline.transaction() as tx:
        _, token = register_device(tx, name="模拟人员", area=TOWN, acts_for=["p1"])
    bearer = {"Authorization": f"Bearer {token}"}
    with hall.browser() as client:
        with hall.socket(client, bearer) as socket:
            assert json.loads(socket.recv()) == {"name": "模拟人员", "own_only": False}
        assert client.post("/act", headers=bearer).status_code == 403
        assert client.post("/act", headers=bearer | {"X-Act-For": "p1"}).json()["code"] == "may_not_act_for"
        hall.app.state.demo = True
        assert client.post("/act", headers=bearer | {"X-Act-For": "p1"}).json()["person_id"] == "p1"
        assert client.post("/act", headers=bearer | {"X-Act-For": "p2"}).json()["code"] == "may_not_act_for"
