"""Signing in and out: what is refused, what locks, what ends by itself."""

import httpx
from sqlalchemy import select

from command_center.access.tables import AuditRow, SessionRow, UserRow

from .conftest import PASSWORD, Hall


def test_a_user_signs_in_and_is_told_who_he_is(hall: Hall) -> None:
    hall.user("Wang", "duty_officer", display_name="王值班")
    with hall.signed_in("ＷANG ") as client:
        me = client.get("/api/v1/session").json()
    assert (me["name"], me["display_name"], me["role"], me["area"]) == ("wang", "王值班", "duty_officer", "320724199")
    assert me["mode"] == "live"
    assert "alert.take" in me["verbs"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    hall.user("wall", "wall_display")
    with hall.browser() as client:
        cookie = client.post("/api/v1/session", json={"name": "wang", "password": PASSWORD}).headers["set-cookie"]
        assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower() and "max-age" not in cookie.lower()
        cookie = client.post("/api/v1/session", json={"name": "wall", "password": PASSWORD}).headers["set-cookie"]
        assert "max-age" in cookie.lower()


def test_neither_password_nor_token_is_stored(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.signed_in("wang") as client, hall.timeline.reading() as db:
        token = client.cookies["yiping_session"]
        assert db.scalars(select(UserRow.password_hash)).one().startswith("$argon2id$")
        assert token not in db.scalars(select(SessionRow.token_hash)).one()


def test_five_failures_lock_the_name_for_fifteen_minutes(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.browser() as client:
        for _ in range(5):
            assert _try(client, "wang", "wrong") == (401, "wrong_credentials")
        assert _try(client, "wang", PASSWORD) == (429, "locked_out")
        hall.clock.wait(899)
        assert _try(client, "wang", PASSWORD) == (429, "locked_out")
        hall.clock.wait(2)
        assert _try(client, "wang", PASSWORD) == (200, None)


def test_an_unknown_name_is_answered_and_locked_like_a_known_one(hall: Hall) -> None:
    with hall.browser() as client:
        answers = [_try(client, "nobody", "wrong") for _ in range(6)]
    assert answers == [(401, "wrong_credentials")] * 5 + [(429, "locked_out")]


def test_a_success_forgets_earlier_failures(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.browser() as client:
        for _ in range(3):
            for _ in range(4):
                _try(client, "wang", "wrong")
            assert _try(client, "wang", PASSWORD)[0] == 200


def test_a_lockout_tells_how_long_to_wait_in_the_callers_language(hall: Hall) -> None:
    with hall.browser() as client:
        for _ in range(5):
            _try(client, "nobody", "wrong")
        body = {"name": "nobody", "password": "wrong"}
        english = client.post("/api/v1/session", json=body, headers={"Accept-Language": "en"})
        chinese = client.post("/api/v1/session", json=body)
    assert english.json()["detail"] == "Too many failed sign-ins; try again in 900 seconds"
    assert english.headers["retry-after"] == "900"
    assert "900 秒" in chinese.json()["detail"]


def test_signing_out_ends_the_session_at_once(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.signed_in("wang") as client:
        token = client.cookies["yiping_session"]
        assert client.delete("/api/v1/session").status_code == 204
        client.cookies.set("yiping_session", token)
        assert client.get("/api/v1/session").status_code == 401


def test_a_session_ends_when_idle_and_use_keeps_it_open(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.signed_in("wang") as client:
        for _ in range(4):
            hall.clock.wait(800)
            assert client.get("/api/v1/session").status_code == 200
        hall.clock.wait(901)
        assert client.get("/api/v1/session").status_code == 401
        hall.clock.wait(-500)
        assert client.get("/api/v1/session").status_code == 401


def test_a_wall_never_goes_idle(hall: Hall) -> None:
    hall.user("wall", "wall_display")
    with hall.signed_in("wall") as client:
        hall.clock.wait(30 * 86_400)
        assert client.get("/api/v1/session").status_code == 200


def test_sign_ins_sign_outs_and_failures_are_written_down(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with hall.browser() as client:
        _try(client, "wang", "wrong")
    with hall.signed_in("wang") as client:
        client.delete("/api/v1/session")
    with hall.timeline.reading() as db:
        lines = [(row.what, row.user_name) for row in db.scalars(select(AuditRow).order_by(AuditRow.id))]
    assert lines == [
        ("user.added", ""),
        ("session.refused", "wang"),
        ("session.opened", "wang"),
        ("session.closed", "wang"),
    ]


def _try(client: httpx.Client, name: str, password: str) -> tuple[int, str | None]:
    answer = client.post("/api/v1/session", json={"name": name, "password": password})
    return answer.status_code, answer.json().get("code")
