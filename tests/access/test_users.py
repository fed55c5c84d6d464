"""The administrator's work: users and devices come, change and go."""

from typing import Any

import pytest

from command_center.access.commands import add_user, audit, register_device
from command_center.access.passwords import check_password
from command_center.errors import BadInput, Conflict

from .conftest import PASSWORD, TOWN, Hall

NEW: dict[str, Any] = {
    "name": "li",
    "display_name": "李四",
    "role": "responder",
    "area": TOWN,
    "password": PASSWORD,
    "person_id": "p7",
}


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("Short-1", "password_short"),
        ("Aa1" * 100, "password_long"),
        ("xWANGx-12345", "password_like_name"),
        ("alllowercase", "password_classes"),
        ("lowercase1234", "password_classes"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, key: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_password(password, name="Wang")
    assert refused.value.key == key


def test_a_password_of_three_classes_is_taken() -> None:
    check_password("lowercase-1234", name="wang")
    check_password("灌南综治中心abc1234", name="wang")


def test_a_name_is_unique_however_it_is_written(hall: Hall) -> None:
    hall.user("wang", "duty_officer")
    with pytest.raises(Conflict):
        hall.user(" ＷＡＮＧ", "responder")


@pytest.mark.parametrize("wrong", [{"role": "king"}, {"area": "32072"}, {"name": "a b"}, {"role": "fleet"}])
def test_an_impossible_user_is_refused(hall: Hall, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput), hall.timeline.transaction() as tx:
        add_user(tx, **(NEW | wrong))


def test_an_administrator_adds_lists_and_deactivates(hall: Hall) -> None:
    hall.user("admin", "administrator")
    with hall.signed_in("admin") as admin:
        created = admin.post("/api/v1/users", json=NEW)
        assert created.status_code == 201 and "password" not in created.text
        assert [user["name"] for user in admin.get("/api/v1/users").json()] == ["admin", "li"]
        with hall.signed_in("li") as li:
            assert li.get("/api/v1/users").status_code == 403
            admin.post(f"/api/v1/users/{created.json()['id']}/deactivate")
            assert li.get("/api/v1/session").status_code == 401
        me = admin.get("/api/v1/session").json()["id"]
        assert admin.post(f"/api/v1/users/{me}/deactivate").status_code == 409


def test_a_new_password_ends_sessions_and_lifts_the_lockout(hall: Hall) -> None:
    hall.user("admin", "administrator")
    user_id = hall.user("li", "responder")
    with hall.signed_in("admin") as admin, hall.signed_in("li") as li, hall.browser() as stranger:
        for _ in range(5):
            stranger.post("/api/v1/session", json={"name": "li", "password": "wrong"})
        assert admin.get("/api/v1/users").json()[1]["locked_until"] is not None
        assert admin.post(f"/api/v1/users/{user_id}/password", json={"password": "Another-Way-77"}).status_code == 200
        assert li.get("/api/v1/session").status_code == 401
        with hall.signed_in("li", "Another-Way-77"):
            pass


def test_an_administrator_of_one_town_has_no_power_over_another(hall: Hall) -> None:
    hall.user("admin", "administrator")
    foreign_id = hall.user("foreign", "responder", area="320724100")
    with hall.signed_in("admin") as admin:
        assert [user["name"] for user in admin.get("/api/v1/users").json()] == ["admin"]
        assert admin.post(f"/api/v1/users/{foreign_id}/deactivate").status_code == 404
        assert admin.post("/api/v1/users", json=NEW | {"area": "320724"}).status_code == 400


def test_a_devices_token_is_shown_once_and_refused_after_it_was_deactivated(hall: Hall) -> None:
    hall.user("admin", "administrator")
    with hall.timeline.transaction() as tx:
        row, token = register_device(tx, name="fleet", area=TOWN)
    with hall.signed_in("admin") as admin, hall.browser() as device:
        bearer = {"Authorization": f"Bearer {token}"}
        assert device.post("/take", headers=bearer).status_code == 403
        assert token not in admin.post(f"/api/v1/devices/{row.id}/deactivate").text
        assert device.post("/take", headers=bearer).status_code == 401


def test_the_audit_says_who_looked_at_what_and_why(hall: Hall) -> None:
    hall.user("head", "shift_head")
    with hall.timeline.transaction() as tx:
        audit(tx, who=None, what="clip.seen", object_id="clip1", purpose="核实警情")
    with hall.signed_in("head") as head:
        lines = head.get("/api/v1/audit", params={"object_id": "clip1"}).json()
    assert [(line["what"], line["purpose"]) for line in lines] == [("clip.seen", "核实警情")]
