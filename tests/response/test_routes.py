from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest

from command_center.evidence.commands import StoredMedia, add_clip, clip_key, still_key
from command_center.response.commands import attach_clip
from command_center.timeline.ids import new_id
from tests.response.hall import CAMERA, FAR_CAMERA, SECOND_CAMERA, Hall
from tests.response.serving_hall import ServedHall, said, served
from tests.response.small_town import OTHER_VILLAGE, corner

JPEG = cv2.imencode(".jpg", np.full((64, 64, 3), 90, np.uint8))[1].tobytes()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[ServedHall]:
    hall = Hall(f"sqlite:///{tmp_path}/hall.db")
    with served(hall, tmp_path) as made:
        yield made
    hall.timeline.close()


def open_case(here: ServedHall, officer: httpx.Client) -> Any:
    here.hall.see()
    id = said(officer.get("/alerts"))[0]["id"]
    said(officer.post(f"/alerts/{id}/take"))
    return said(officer.post(f"/alerts/{id}/confirm", json={"category": "02998"}))


def save_clip(here: ServedHall, content: bytes) -> str:
    alert = here.hall.alert()
    stored = StoredMedia(new_id(), "video/mp4", sha256(content).hexdigest(), len(content))
    here.media.put(clip_key(stored.id), content)
    here.media.put(still_key(stored.id, 0), JPEG)
    with here.hall.tx() as tx:
        row = add_clip(
            tx, stored, alert_id=alert["id"], case_id=None, camera_id=CAMERA, area=alert["area"],
            start_at=tx.now, end_at=tx.now, stills=1,
        )  # fmt: skip
        attach_clip(tx, row)
    return stored.id


def test_the_whole_loop_over_http(here: ServedHall) -> None:
    officer = here.sign_in("wang", "duty_officer")
    phone = here.sign_in("phone", "responder", person_id="R002")
    case = open_case(here, officer)
    here.stand("R002", corner(2))
    advice = said(officer.get(f"/cases/{case['id']}/candidates"))
    (best,) = advice["candidates"]
    assert (best["person"]["id"], best["eta_s"], best["distance_m"]) == ("R002", 100, 1000)
    assert [reason["code"] for reason in best["reasons"]][:2] == ["eta", "force_helps"]
    assert best["route"][0] == pytest.approx(corner(2), abs=1e-5)
    assert {one["reasons"][0]["code"] for one in advice["not_offered"]} <= {"position_unknown", "force_unfit"}
    sent = said(officer.post(f"/cases/{case['id']}/dispatch", json={"person_ids": ["R002"]}))
    assert (sent["case"]["state"], sent["orders"][0]["eta_s"]) == ("ASSIGNED", 100.0)
    (order,) = said(phone.get("/orders/mine"))["orders"]
    path = f"/orders/{order['id']}"
    said(phone.post(f"{path}/accept"))
    said(phone.post(f"{path}/depart"))
    said(phone.post(f"{path}/arrive", json={}), 400)
    said(phone.post(f"{path}/arrive", json={"note": "到了"}))
    reported = said(phone.post(f"{path}/feedback", data={"text": "已劝离"}, files={"photo": ("a.jpg", JPEG)}))
    photo_id = reported["feedback"][0]["photo_id"]
    assert said(phone.post(f"{path}/done"))["state"] == "done"
    id = case["id"]
    assert said(officer.get(f"/cases/{id}"))["actions"] == ["dispatch", "resolve", "link_camera"]
    said(officer.post(f"/cases/{id}/resolve", json={"answer": "人员已离开"}))
    said(officer.post(f"/cases/{id}/call-back", json={"rating": 5, "solved": True}))
    assert said(officer.post(f"/cases/{id}/archive"))["state"] == "ARCHIVED"
    detail = said(officer.get(f"/cases/{id}"))
    assert (detail["sealed"], detail["orders"][0]["feedback"][0]["photo_id"]) == (True, photo_id)
    for client in (officer, phone):
        photo = client.get(f"/photos/{photo_id}")
        assert (photo.content, photo.headers["content-type"]) == (JPEG, "image/jpeg")
    public = said(httpx.get(f"{officer.base_url}public/cases/{case['query_code'].lower()}"))
    assert [step["state"] for step in public["steps"]][:2] == ["ACCEPTED", "ASSIGNED"]
    assert (public["state"], public["answer"]) == ("ARCHIVED", "人员已离开")


def test_a_conflict_says_who_and_in_the_readers_language(here: ServedHall) -> None:
    wang, li = here.sign_in("wang", "duty_officer"), here.sign_in("li", "dispatcher")
    here.hall.see()
    id = said(wang.get("/alerts", params={"state": "raised"}))[0]["id"]
    said(wang.post(f"/alerts/{id}/take"))
    refused = said(li.post(f"/alerts/{id}/take", headers={"Accept-Language": "en"}), 409)
    assert refused["detail"] == "The alert is in the hands of wang"
    assert said(li.post(f"/alerts/{id}/dismiss", json={"reason": "animal"}), 409)["code"] == "alert_taken"


def test_roles_do_only_what_is_theirs(here: ServedHall) -> None:
    officer, wall = here.sign_in("wang", "duty_officer"), here.sign_in("wall", "wall_display")
    phone = here.sign_in("phone", "responder", person_id="R002")
    case = open_case(here, officer)
    said(wall.get("/cases"))
    said(wall.post(f"/cases/{case['id']}/dispatch", json={"person_ids": ["R002"]}), 403)
    said(phone.get("/cases"), 403)
    said(phone.get("/alerts"), 403)
    said(officer.get("/orders/mine"), 403)


def test_a_foreign_area_and_an_unknown_id_look_the_same(here: ServedHall) -> None:
    officer = here.sign_in("wang", "duty_officer")
    stranger = here.sign_in("stranger", "shift_head", area=OTHER_VILLAGE)
    case = open_case(here, officer)
    clip = save_clip(here, b"video")
    for path in (f"/cases/{case['id']}", f"/alerts/{case['alert_id']}", f"/cases/{case['id']}/candidates",
                 f"/cases/{case['id']}/cameras/near", f"/clips/{clip}", f"/clips/{clip}/media",
                 f"/clips/{clip}/stills/0"):  # fmt: skip
        said(officer.get("/cases"))
        foreign, unknown = stranger.get(path), officer.get(path.replace(path.split("/")[2], "01JUNKNOWN"))
        assert (foreign.status_code, unknown.status_code) == (404, 404)
        assert foreign.json()["code"] == unknown.json()["code"]
    assert said(stranger.get("/cases")) == []


def test_a_clip_plays_in_ranges_and_every_look_is_written_down(here: ServedHall) -> None:
    officer = here.sign_in("wang", "duty_officer")
    open_case(here, officer)
    clip = save_clip(here, bytes(range(100)))
    for _ in range(3):
        part = officer.get(f"/clips/{clip}/media", headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
        assert part.headers["content-range"] == "bytes 10-19/100"
    whole = officer.get(f"/clips/{clip}/media")
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    assert whole.headers["cache-control"].startswith("private")
    assert officer.get(f"/clips/{clip}/media", headers={"Range": "bytes=100-"}).status_code == 416
    assert officer.get(f"/clips/{clip}/stills/0").content == JPEG
    said(officer.get(f"/clips/{clip}/stills/1"), 404)
    here.hall.clock.wait(601)
    officer.get(f"/clips/{clip}/media", params={"why": "复核"})
    lines = said(officer.get(f"/clips/{clip}/custody"))
    assert [(line["action"], line["why"]) for line in lines] == [("saved", "alert"), ("viewed", ""), ("viewed", "复核")]
    assert lines[1]["who"]["name"] == "wang"


def test_a_photo_that_is_none_is_refused_and_nothing_stays(here: ServedHall) -> None:
    officer, phone = here.sign_in("wang", "duty_officer"), here.sign_in("phone", "responder", person_id="R002")
    stranger = here.sign_in("other", "responder", person_id="R001")
    case = open_case(here, officer)
    (order,) = said(officer.post(f"/cases/{case['id']}/dispatch", json={"person_ids": ["R002"]}))["orders"]
    path = f"/orders/{order['id']}/feedback"
    said(phone.post(path, files={"photo": ("a.jpg", JPEG)}), 409)
    said(stranger.post(path, files={"photo": ("a.jpg", JPEG)}), 404)
    said(phone.post(f"/orders/{order['id']}/accept"))
    said(phone.post(f"/orders/{order['id']}/depart"))
    said(phone.post(path, data={"text": ""}), 400)
    assert said(phone.post(path, files={"photo": ("a.jpg", b"<html>")}), 400)["code"] == "photo_type"
    large = JPEG + bytes(9 * 1024 * 1024)
    assert said(phone.post(path, files={"photo": ("a.jpg", large)}), 413)["code"] == "photo_too_large"
    assert [file for file in here.media.directory.rglob("*") if file.is_file()] == []
    assert said(officer.get(f"/cases/{case['id']}"))["orders"][0]["feedback"] == []
    photo = said(phone.post(path, files={"photo": ("a.jpg", JPEG)}))["feedback"][0]["photo_id"]
    said(stranger.get(f"/photos/{photo}"), 404)


def test_the_same_key_sends_nobody_twice(here: ServedHall) -> None:
    officer = here.sign_in("wang", "duty_officer")
    case = open_case(here, officer)
    asked = {"json": {"person_ids": ["R002"]}, "headers": {"Idempotency-Key": "key-of-this-order"}}
    answers = [said(officer.post(f"/cases/{case['id']}/dispatch", **asked)) for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(said(officer.get(f"/cases/{case['id']}"))["orders"]) == 1


def test_cameras_that_see_the_place_come_first_and_are_linked_with_a_reason(here: ServedHall) -> None:
    officer = here.sign_in("wang", "duty_officer")
    case = open_case(here, officer)
    near = said(officer.get(f"/cases/{case['id']}/cameras/near"))
    assert [(one["camera"]["id"], one["sees"]) for one in near] == [(CAMERA, True), (SECOND_CAMERA, True)]
    assert [one["camera"]["has_feed"] for one in near] == [True, False]
    linked = said(officer.post(f"/cases/{case['id']}/cameras", json={"camera_id": SECOND_CAMERA, "why": "看得到路口"}))
    assert [link["role"] for link in linked["cameras"]] == ["source", "linked"]
    unknown = {"camera_id": "32072400111326009999", "why": "x"}
    said(officer.post(f"/cases/{case['id']}/cameras", json=unknown), 404)
    said(officer.post(f"/cases/{case['id']}/cameras", json={"camera_id": FAR_CAMERA, "why": ""}), 400)


def test_the_ranking_goes_by_road_status_and_age_of_position(here: ServedHall) -> None:
    officer = here.sign_in("wang", "duty_officer")
    here.stand("R001", corner(1))
    here.stand("R003", corner(5), age_s=400)
    here.stand("R000", corner(3))
    here.stand("R002", corner(4))
    case = open_case(here, officer)
    advice = said(officer.get(f"/cases/{case['id']}/candidates", params={"limit": 5}))
    assert [one["person"]["id"] for one in advice["candidates"]] == ["R000", "R002", "R003"]
    assert [(one["person_id"], one["reasons"][0]["code"]) for one in advice["not_offered"]] == [
        ("R001", "position_stale"),
        ("R004", "force_unfit"),
        ("R005", "force_unfit"),
    ]
    (order,) = said(officer.post(f"/cases/{case['id']}/dispatch", json={"person_ids": ["R000"]}))["orders"]
    against = said(officer.get(f"/cases/{case['id']}/candidates"))["not_offered"]
    busy = next(one for one in against if one["person_id"] == "R000")
    assert busy["reasons"] == [{"code": "busy", "params": {"order": order["code"]}}]


def test_lists_take_states_as_pages_send_them(here: ServedHall) -> None:
    officer = here.sign_in("wang", "duty_officer")
    open_case(here, officer)
    assert len(said(officer.get("/cases?state=&q="))) == 1
    assert len(said(officer.get("/cases?state=ACCEPTED,ASSIGNED"))) == 1
    assert said(officer.get("/cases?state=ARCHIVED")) == []


def test_ways_of_working_are_listed_read_and_checked_over_http(here: ServedHall) -> None:
    officer = here.sign_in("wang", "duty_officer")
    listed = {one["id"]: one for one in said(officer.get("/profiles"))}
    assert len(listed) == 13
    assert [step["name"] for step in listed["xpy"]["steps"]] == ["点单", "派单", "接单", "办理", "验单"]
    shown = said(officer.get("/profiles/ls_jd"))
    assert (shown["states"]["TRIAGE"], shown["clocks"]["T-RESOLVE"]) == ("待分流", "办结时限")
    assert "领办" in shown["actions"]["TRIAGE"]
    said(officer.get("/profiles/nowhere"), 404)
    said(officer.get("/profiles/xpy?version=99"), 404)
    mine = {**shown["body"], "id": "mine", "version": 2, "labels": {"dispatch": "交办"}}
    good = said(officer.post("/profiles/check", json=mine))
    assert good["ok"] and "交办" in good["profile"]["actions"]["TRIAGE"]
    for language, text in (("zh", "到不了任何终点"), ("en", "no end can be reached")):
        body = {**mine, "only": ["accept", "triage", "dispatch", "receive", "start"]}
        bad = said(officer.post("/profiles/check", json=body, headers={"Accept-Language": language}))
        assert not bad["ok"] and bad["profile"] is None
        assert any(text in one["text"] for one in bad["problems"])
    phone = here.sign_in("phone", "responder", person_id="R002")
    said(phone.get("/profiles"), 403)
