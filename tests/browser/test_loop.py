"""The whole loop as people play it: from a picture, or from a point nobody came to, to an archived case."""

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import APIResponse, Browser, Route, expect

from gis.town_model import Lonlat
from tests.browser.conftest import RunningHall
from tests.browser.fleet import Fleet
from tests.browser.seats import PATIENCE_MS, Seat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

DESK, WALL, PHONE = (1920, 1080), (3840, 1080), (390, 844)
PASSWORD = "Feng-huo-2026"
CASE_CODE = re.compile(r"^ZZ\d{22}$")
# 20 by 20 pixels, grey; a real camera's picture is only larger.
PHOTO = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000014000000140800000000a8e242d1000000114944415478da63e8c10218"
    "4605079320007da1dac118ed854e0000000049454e44ae426082"
)


@dataclass
class Room:
    """The seats of a hall: two desks side by side and the wall."""

    hall: RunningHall
    chromium: Browser
    fleet: Fleet
    duty: Seat
    head: Seat
    wall: Seat

    def both_see(self, test_id: str, *, id: str | None = None, state: str | None = None) -> None:
        """Both desks show it, and the delay of the second after the first is noted."""
        self.duty.sees(test_id, id=id, state=state)
        began = time.monotonic()
        self.head.sees(test_id, id=id, state=state)
        print(f"{test_id} {state or ''}: second desk after {time.monotonic() - began:.2f} s")


@pytest.fixture
def room(hall: RunningHall, chromium: Browser, fleet: Fleet) -> Iterator[Room]:
    seats = [
        Seat(chromium, hall, "duty", size=DESK),
        Seat(chromium, hall, "head", size=DESK),
        Seat(chromium, hall, "wall", size=WALL),
    ]
    yield Room(hall, chromium, fleet, *seats)
    for seat in seats:
        seat.leave()


def test_a_camera_sees_something_and_the_case_is_closed(room: Room) -> None:
    camera_id = room.hall.zoned_cameras()[0]
    room.wall.sees("seats-agreement", state="agree")
    room.wall.picture("wall-calm")
    room.hall.trouble(camera_id, "person", 16)

    alert_id = _first_alert(room, "intrusion")
    room.both_see("alert-item", id=alert_id, state="raised")
    expect(room.wall.of("foreground", id=alert_id)).to_be_visible(timeout=PATIENCE_MS)
    room.duty.of("alert-item", id=alert_id).click()
    _live_picture_moves(room.duty)
    room.duty.picture("desk-verify")
    room.wall.picture("wall")

    room.duty.of("alert-take").click()
    room.both_see("alert-item", id=alert_id, state="taken")
    _the_ten_seconds_before_can_be_seen(room.duty)
    case_id = _confirm(room, alert_id)
    _clip_hangs_on_the_case_with_its_hash(room, camera_id)
    _link_another_camera(room.duty)
    _take_down_who_called_and_open_the_phone(room)
    camera = next(one for one in room.hall.town.cameras if one.id == camera_id)
    _handle(room, case_id, camera.lonlat, phone_name="responder1")
    _close(room, case_id)


def test_nobody_comes_to_a_mandatory_point_and_the_case_is_closed(room: Room) -> None:
    visited, missed = room.hall.town.places[0], room.hall.town.places[5]
    walker = room.hall.town.persons[0]
    planner = Seat(room.chromium, room.hall, "patrol", size=DESK)
    _add_point(planner, "必巡试点甲", visited.lonlat, visited.area, seconds=40)
    _add_point(planner, "必巡试点乙", missed.lonlat, missed.area, seconds=12)
    room.fleet.send(walker.id, visited.lonlat)

    planner.page.goto(f"{room.hall.url}/patrol")
    alert_id = _first_alert(room, "missed_point", of_place="必巡试点乙")
    room.both_see("alert-item", id=alert_id)
    point = planner.page.locator('[data-testid="point-item"]', has_text="必巡试点甲")
    credited = point.locator('[data-state="visited"]')
    expect(credited).to_be_visible(timeout=PATIENCE_MS)
    credited.click()
    planner.sees("duty-proof")
    planner.picture("patrol")
    planner.leave()

    room.duty.of("alert-item", id=alert_id).click()
    room.duty.sees("duty-facts")
    room.duty.picture("desk-missed-point")
    room.duty.of("alert-take").click()
    case_id = _confirm(room, alert_id)
    _handle(room, case_id, missed.lonlat, phone_name="responder2")
    _close(room, case_id)


def test_a_false_alarm_needs_a_reason_and_is_gone_from_every_seat(room: Room) -> None:
    camera_id = room.hall.zoned_cameras()[1]
    room.hall.trouble(camera_id, "covered", 12)
    alert_id = _first_alert(room, "covered")
    room.head.of("alert-item", id=alert_id).click()
    room.head.of("verify-dismiss").click()
    expect(room.head.of("dismiss-send")).to_be_disabled()
    room.head.of("dismiss-reason", id="maintenance").check()
    room.head.picture("desk-dismiss")
    room.head.of("dismiss-send").click()
    expect(room.duty.of("alert-item", id=alert_id)).to_have_count(0, timeout=PATIENCE_MS)
    expect(room.head.of("alert-item", id=alert_id)).to_have_count(0, timeout=PATIENCE_MS)


def test_a_village_officer_sees_the_village_alone(hall: RunningHall, chromium: Browser) -> None:
    village = Seat(chromium, hall, "village", size=DESK)
    town = village.page.request.get(f"{hall.url}/api/v1/town").json()
    assert town["cameras"] and all(camera["area"].startswith("320724199201") for camera in town["cameras"])
    foreign = next(camera.id for camera in hall.town.cameras if not camera.area.startswith("320724199201"))
    assert village.page.request.get(f"{hall.url}/api/v1/cameras/{foreign}/picture.jpg").status == 404
    village.leave()


def test_positions_that_cannot_be_true_are_counted_and_shown(hall: RunningHall, chromium: Browser) -> None:
    wall = Seat(chromium, hall, "wall", size=WALL)
    person = hall.town.persons[0]
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    headers = {"Authorization": f"Bearer {hall.fleet_token}"}
    report = {"person_id": person.id, "at": ahead, "lon": person.base[0], "lat": person.base[1]}
    answer = wall.context.request.post(
        f"{hall.url}/api/v1/positions", data={"positions": [report, {**report, "lon": 400.0}]}, headers=headers
    )
    assert [one["reason"] for one in answer.json()["rejected"]] == ["future", "out_of_range"]
    expect(wall.sees("positions-refused")).to_contain_text("时间超前")
    wall.leave()


def test_the_language_is_a_switch(hall: RunningHall, chromium: Browser) -> None:
    desk = Seat(chromium, hall, "dispatch", size=DESK)
    desk.of("language").first.click()
    expect(desk.page.get_by_text("Alerts").first).to_be_visible()
    desk.picture("desk-english")
    desk.leave()


def _first_alert(room: Room, kind: str, *, of_place: str = "") -> str:
    """The id of the open alert of this kind, once it has come."""
    found = room.duty.page.locator(f'[data-testid="alert-item"][data-kind="{kind}"]', has_text=of_place).first
    expect(found).to_be_visible(timeout=PATIENCE_MS)
    return found.get_attribute("data-id") or ""


def _live_picture_moves(seat: Seat) -> None:
    video = seat.sees("verify-live")
    seat.page.wait_for_function(
        """element => {
            const video = element.tagName === 'VIDEO' ? element : element.querySelector('video');
            return video && video.videoWidth > 0 && video.currentTime > 1;
        }""",
        arg=video.element_handle(),
        timeout=PATIENCE_MS,
    )


def _the_ten_seconds_before_can_be_seen(seat: Seat) -> None:
    seat.sees("verify-replay", state="ready").click()
    clip = seat.sees("verify-clip")
    seat.page.wait_for_function(
        "video => video.videoWidth > 0 && video.duration > 10", arg=clip.element_handle(), timeout=PATIENCE_MS
    )
    expect(seat.of("verify-still")).to_have_count(10)
    seat.of("verify-replay").click()


def _confirm(room: Room, alert_id: str) -> str:
    room.duty.of("verify-confirm").click()
    room.duty.of("confirm-send").click()
    code = room.duty.sees("case-code")
    expect(code).to_have_text(CASE_CODE)
    expect(room.head.of("alert-item", id=alert_id)).to_have_count(0, timeout=PATIENCE_MS)
    case_id = room.duty.of("case-panel").get_attribute("data-id") or ""
    room.both_see("case-item", id=case_id)
    room.head.of("case-item", id=case_id).click()
    room.both_see("case-state", state="ACCEPTED")
    return case_id


def _clip_hangs_on_the_case_with_its_hash(room: Room, camera_id: str) -> None:
    room.duty.sees("linked-camera", id=camera_id, state="source")
    clip_id = room.duty.sees("evidence-clip").get_attribute("data-id")
    said = room.duty.of("evidence-hash").get_attribute("data-state")
    media = room.duty.page.request.get(f"{room.hall.url}/api/v1/clips/{clip_id}/media")
    assert media.ok
    assert hashlib.sha256(media.body()).hexdigest() == said


def _take_down_who_called_and_open_the_phone(room: Room) -> None:
    duty, phone = room.duty, "13598760421"
    duty.of("party-new").click()
    duty.of("party-phone").fill("135 9876 0421")
    duty.sees("earlier-cases", state="once")
    duty.of("party-form-name").fill("佟雪岚")
    duty.of("party-send").click()
    expect(duty.sees("party", state="reporter")).to_contain_text("佟雪岚")
    expect(room.head.sees("party", state="reporter")).to_contain_text("佟*")
    duty.of("party-reveal", id="phone").click()
    expect(duty.of("reveal-send")).to_be_disabled()
    duty.of("reveal-usual", id="call").click()
    duty.of("reveal-send").click()
    expect(duty.sees("party-value", id="phone", state="open")).to_have_text(phone)
    duty.picture("desk-parties")
    duty.of("party-hide").click()
    expect(duty.sees("party-value", id="phone", state="masked")).to_have_text("135****0421")
    expect(room.head.of("party-value", id="phone")).to_have_text("135****0421")


def _link_another_camera(seat: Seat) -> None:
    link = seat.of("link-camera").first
    camera_id = link.get_attribute("data-id")
    link.click()
    expect(seat.of("link-send")).to_be_disabled()
    seat.of("link-why").fill("看得到来路")
    seat.of("link-send").click()
    seat.sees("linked-camera", id=camera_id, state="linked")


def _handle(room: Room, case_id: str, place_lonlat: Lonlat, *, phone_name: str) -> None:
    """Send the first of three ranked responders, who plays the order on a phone."""
    candidates = room.duty.of("candidate")
    expect(candidates).to_have_count(3, timeout=PATIENCE_MS)
    for index in range(3):
        expect(candidates.nth(index).locator('[data-testid="reason"]').first).to_be_visible()
    room.duty.picture("desk-dispatch")
    person_id = candidates.first.get_attribute("data-id") or ""
    for check in room.duty.of("candidate-check").all()[1:]:
        check.uncheck()
    room.duty.of("dispatch-send").click()
    room.both_see("order-state", state="sent")

    room.hall.add_responder(phone_name, person_id, PASSWORD)
    phone = Seat(room.chromium, room.hall, phone_name, password=PASSWORD, size=PHONE)
    phone.sees("phone-order", state="sent")
    phone.picture("phone-accept")
    phone.of("phone-accept").click()
    room.both_see("order-state", state="accepted")
    phone.of("phone-depart").click()
    room.both_see("order-state", state="departed")
    expect(phone.of("phone-arrive")).to_be_disabled()
    room.fleet.send(person_id, place_lonlat)
    phone.sees("phone-near")
    phone.picture("phone-arrive")
    held = _hold(phone, "**/arrive")
    phone.of("phone-arrive").click()
    room.both_see("order-state", state="arrived")
    phone.of("phone-feedback-text").fill("到场核实，人员已劝离")
    # The hall's answer comes after its fact: what is being written stays.
    _let_go(phone, held)
    phone.of("phone-feedback-photo").set_input_files({"name": "现场.png", "mimeType": "image/png", "buffer": PHOTO})
    phone.picture("phone-feedback")
    phone.of("phone-feedback-send").click()
    room.both_see("order-photo")
    phone.of("phone-done").click()
    room.both_see("order-state", state="done")
    phone.sees("phone-empty")
    phone.leave()


def _hold(seat: Seat, pattern: str) -> list[tuple[Route, APIResponse]]:
    """Let the hall take a command, and keep its answer from the page."""
    held: list[tuple[Route, APIResponse]] = []
    seat.page.route(pattern, lambda route: held.append((route, route.fetch())))
    return held


def _let_go(seat: Seat, held: list[tuple[Route, APIResponse]]) -> None:
    until = time.monotonic() + PATIENCE_MS / 1000
    while not held and time.monotonic() < until:
        seat.page.wait_for_timeout(50)
    assert held
    for route, answer in held:
        route.fulfill(response=answer)


def _close(room: Room, case_id: str) -> None:
    room.duty.of("resolve-answer").fill("已到场处理，现场恢复正常。")
    room.duty.picture("desk-resolve")
    room.duty.of("resolve-send").click()
    room.both_see("case-state", state="RESOLVED")
    room.duty.of("callback-rating-5").click()
    room.duty.of("callback-solved").check()
    room.duty.of("callback-send").click()
    room.both_see("case-state", state="RATED")
    room.duty.of("archive-send").click()
    room.both_see("case-state", state="ARCHIVED")
    room.duty.sees("archive-hash")
    room.duty.picture("desk-archived")
    room.both_see("seats-agreement", state="agree")
    room.wall.sees("seats-agreement", state="agree")


def _add_point(seat: Seat, name: str, lonlat: Lonlat, area: str, *, seconds: int) -> str:
    """A mandatory point whose window is now; by the API, because the form's windows are whole minutes."""
    now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    window = {"start": _clock(now - timedelta(seconds=2)), "end": _clock(now + timedelta(seconds=seconds))}
    csrf = seat.page.request.get(f"{seat.hall.url}/api/v1/session").json()["csrf"]
    point = {"name": name, "kind": "school", "lonlat": lonlat, "radius_m": 60, "dwell_s": 3, "windows": [window]}
    answer = seat.page.request.post(
        f"{seat.hall.url}/api/v1/patrol/points", data={**point, "area": area}, headers={"X-CSRF-Token": csrf}
    )
    assert answer.ok, answer.text()
    return str(answer.json()["id"])


def _clock(moment: datetime) -> str:
    return moment.strftime("%H:%M:%S")
