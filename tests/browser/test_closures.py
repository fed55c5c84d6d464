"""A road is closed on the desk: what it closes is seen before, the advice and the rings follow, every seat shows it."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect
from shapely.geometry import LineString

from command_center.registry.town_index import road_graph, town_travel
from gis.metric import bearing_deg, destination
from gis.roads import Closure
from gis.town_model import Lonlat, Town
from tests.browser.conftest import RunningHall
from tests.browser.fleet import Fleet
from tests.browser.seats import PATIENCE_MS, Seat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ZOOM = 8.0
PASSWORD = "Feng-huo-2026"


@dataclass(frozen=True)
class Cut:
    """Where a line across the usual way of somebody costs him more than a minute."""

    person_id: str
    corners: tuple[Lonlat, Lonlat]
    longer_s: float


def find_cut(town: Town, candidates: list[dict[str, Any]], goal: Lonlat) -> Cut:
    travel = town_travel(road_graph(town.network))
    profile = {"car": "car", "scooter": "bicycle", "foot": "foot"}
    persons = {person.id: person for person in town.persons}
    for one in candidates:
        route, person = one["route"], persons[one["person"]["id"]]
        for start, end in list(itertools.pairwise(route))[1:-1]:
            middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            across = bearing_deg(start, end) + 90.0
            corners = destination(middle, across, 25.0), destination(middle, across, -25.0)
            by = profile[person.travel]
            shut = travel.find(Closure("c", LineString(corners)))
            detour = travel.but([shut], 0.0).detour(by, one["person"]["lonlat"], goal)
            if detour is not None and 60.0 < detour.longer_s < 3600.0:
                return Cut(person.id, corners, detour.longer_s)
    pytest.fail("no way of a candidate has a place whose closing costs a minute")


class MapHand:
    """Clicks on places of a map that was sent home and then zoomed in on one of them."""

    def __init__(self, seat: Seat, town: Town, around: Lonlat) -> None:
        self._seat = seat
        seat.of("map-home").click()
        seat.page.wait_for_timeout(600)
        box = seat.of("town-map").bounding_box()
        assert box is not None
        west, south = np.min(np.array(town.outline), axis=0)
        east, north = np.max(np.array(town.outline), axis=0)
        (left, bottom), (right, top) = _mercator((west, south)), _mercator((east, north))
        padding = round(min(box["width"], box["height"]) * 0.03)
        scale = min((box["width"] - 2 * padding) / (right - left), (box["height"] - 2 * padding) / (bottom - top))
        x, y = _mercator(around)
        self._at = (
            box["x"] + box["width"] / 2 + (x - (left + right) / 2) * scale,
            box["y"] + box["height"] / 2 + (y - (top + bottom) / 2) * scale,
        )
        self._around, self._scale = (x, y), scale * ZOOM
        seat.page.mouse.move(*self._at)
        seat.page.mouse.wheel(0, -300.0 * np.log2(ZOOM))
        seat.page.wait_for_timeout(300)

    def click(self, place: Lonlat) -> None:
        x, y = _mercator(place)
        self._seat.page.mouse.click(
            self._at[0] + (x - self._around[0]) * self._scale, self._at[1] + (y - self._around[1]) * self._scale
        )


def _mercator(lonlat: Any) -> tuple[float, float]:
    sine = np.sin(np.radians(lonlat[1]))
    return (lonlat[0] + 180) / 360, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)


def open_case(seat: Seat, camera_id: str) -> str:
    seat.hall.trouble(camera_id, "person", 16)
    found = seat.page.locator('[data-testid="alert-item"][data-kind="intrusion"]').first
    expect(found).to_be_visible(timeout=PATIENCE_MS)
    found.click()
    seat.of("alert-take").click()
    seat.of("verify-confirm").click()
    seat.of("confirm-send").click()
    return seat.sees("case-panel").get_attribute("data-id") or ""


def ring_roads(seat: Seat) -> list[int]:
    seat.sees("rings", state="drawn")
    return [int(seat.of("ring", id=str(minutes)).get_attribute("data-state") or 0) for minutes in (1, 3, 5)]


def test_a_road_is_drawn_shut_and_advice_and_rings_follow_until_it_is_lifted(
    hall: RunningHall, chromium: Browser, fleet: Fleet
) -> None:
    desk, wall = Seat(chromium, hall, "duty", size=(1920, 1080)), Seat(chromium, hall, "wall", size=(3840, 1080))
    case_id = open_case(desk, hall.zoned_cameras()[0])
    expect(desk.of("candidate").first).to_be_visible(timeout=PATIENCE_MS)
    url = f"{hall.url}/api/v1/cases/{case_id}"
    goal = desk.page.request.get(url).json()["case"]["lonlat"]
    before = desk.page.request.get(f"{url}/candidates").json()["candidates"]
    cut = find_cut(hall.town, before, (goal[0], goal[1]))
    desk.of("rings-open").click()
    roads_before = ring_roads(desk)

    desk.of("closures-open").click()
    desk.of("closure-draw").click()
    hand = MapHand(desk, hall.town, cut.corners[0])
    hand.click(cut.corners[0])
    hand.click(destination(cut.corners[0], 0.0, 120.0))
    desk.sees("closure-preview", id="2")
    desk.page.keyboard.press("Backspace")
    hand.click(cut.corners[1])
    desk.sees("closure-preview", id="2", state="closes")
    desk.page.keyboard.press("Enter")
    desk.sees("closure-form", state="ended")
    desk.of("closure-lasts-60").check(force=True)
    desk.picture("desk-closure-draw")
    desk.of("closure-save").click()

    closed = desk.sees("closure", state="in_force")
    expect(wall.of("closures-open", state="1")).to_be_visible(timeout=PATIENCE_MS)
    expect(desk.page.locator('[data-testid="ring"]').last).not_to_have_attribute(
        "data-state", str(roads_before[2]), timeout=PATIENCE_MS
    )
    roads_after = ring_roads(desk)
    assert all(after <= usual for after, usual in zip(roads_after, roads_before, strict=True))
    assert roads_after[2] < roads_before[2]
    after = desk.page.request.get(f"{url}/candidates?limit=50").json()["candidates"]
    eta = {one["person"]["id"]: one["eta_s"] for one in after}
    usual_s = next(one["eta_s"] for one in before if one["person"]["id"] == cut.person_id)
    assert eta[cut.person_id] == pytest.approx(usual_s + cut.longer_s, abs=20)
    reasons = {one["person"]["id"]: {why["code"]: why["params"] for why in one["reasons"]} for one in after}
    assert reasons[cut.person_id]["detour"]["s"] == pytest.approx(cut.longer_s, abs=20)
    shown = desk.page.locator('[data-testid="candidate"]').first
    expect(shown).to_have_attribute("data-id", after[0]["person"]["id"], timeout=PATIENCE_MS)
    desk.picture("desk-closure")
    wall.of("closures-open").click()
    wall.of("rings-open").click()
    ring_roads(wall)
    expect(wall.of("closure-draw")).to_have_count(0)
    wall.picture("wall-closure")
    wall.of("rings-open").click()

    closed.locator("button").first.click()
    desk.of("closure-lift").click()
    desk.of("closure-lift-sure").click()
    expect(wall.of("closures-open", state="0")).to_be_visible(timeout=PATIENCE_MS)
    again = desk.page.request.get(f"{url}/candidates").json()["candidates"]
    assert [one["person"]["id"] for one in again] == [one["person"]["id"] for one in before]
    _who_is_on_his_way_is_told(chromium, desk, case_id, cut)
    for seat in (desk, wall):
        seat.leave()


def _who_is_on_his_way_is_told(chromium: Browser, desk: Seat, case_id: str, cut: Cut) -> None:
    """A road on the way of an order is closed after the order was sent: the phone says so."""
    hall, ask = desk.hall, desk.page.request
    headers = {"X-CSRF-Token": ask.get(f"{hall.url}/api/v1/session").json()["csrf"]}
    sent = ask.post(
        f"{hall.url}/api/v1/cases/{case_id}/dispatch", data={"person_ids": [cut.person_id]}, headers=headers
    )
    assert sent.ok, sent.text()
    hall.add_responder("driver7", cut.person_id, PASSWORD)
    phone = Seat(chromium, hall, "driver7", password=PASSWORD, size=(390, 844))
    phone.sees("phone-order", state="sent")
    expect(phone.of("phone-shut")).to_have_count(0)
    body = {"shape": "line", "corners": cut.corners, "profiles": ["car", "bicycle", "foot"], "reason": "flood"}
    closed = ask.post(f"{hall.url}/api/v1/closures", data={**body, "note": "水深 40 厘米"}, headers=headers)
    assert closed.ok, closed.text()
    phone.sees("phone-shut", id=closed.json()["id"])
    phone.picture("phone-closure")
    phone.leave()
