"""All pictures on one screen, and the page of one camera: in a real Chromium with real feeds."""

import re
import sqlite3

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import RunningHall
from tests.browser.seats import PATIENCE_MS, Seat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

DESK, WALL = (1920, 1080), (3840, 1080)
FEEDS = 6


def all_fresh(seat: Seat) -> None:
    """Every feed has a painted picture, and the oldest of them gives way to a newer one."""
    seat.page.wait_for_function(
        """feeds => {
            const canvas = document.querySelector('[data-testid="mosaic-pictures"]');
            if (!canvas || canvas.dataset.shown !== String(feeds)) return false;
            const before = window.worstAge;
            window.worstAge = Number(canvas.dataset.ageWorst);
            return window.worstAge < before;
        }""",
        arg=FEEDS,
        timeout=PATIENCE_MS,
    )


def test_the_wall_shows_every_picture_and_says_how_old_they_are(hall: RunningHall, chromium: Browser) -> None:
    wall = Seat(chromium, hall, "wall", size=WALL)
    expect(wall.sees("watch-promise")).to_have_attribute("data-state", re.compile("kept|stretched"))
    wall.page.keyboard.press("m")
    wall.sees("mosaic-page", state="village")
    all_fresh(wall)
    expect(wall.of("mosaic-pictures")).to_have_attribute("data-age-p95", re.compile(r"^\d"))
    assert_some_colour(wall)
    wall.picture("mosaic")
    wall.page.keyboard.press("t")
    wall.sees("mosaic-page", state="trouble")
    all_fresh(wall)
    wall.page.keyboard.press("Escape")
    wall.sees("town-map")
    wall.leave()


def test_a_camera_in_trouble_is_named_in_the_mosaic(hall: RunningHall, chromium: Browser) -> None:
    camera_id = hall.zoned_cameras()[2]
    duty = Seat(chromium, hall, "duty", size=DESK)
    duty.goes("footage", "mosaic")
    duty.of("mosaic-trouble").click()
    hall.trouble(camera_id, "covered", 14)
    expect(duty.of("mosaic-troubled")).to_have_attribute("data-state", "1", timeout=PATIENCE_MS)
    # The alert that it raises stands before everything that is merely in trouble.
    expect(duty.page.locator(".mosaic-head[data-id=alert]")).to_be_visible(timeout=PATIENCE_MS)
    duty.picture("mosaic-trouble")
    expect(duty.of("mosaic-troubled")).to_have_attribute("data-state", "0", timeout=PATIENCE_MS)
    duty.leave()


def test_a_click_opens_the_live_picture_and_the_way_to_the_cameras_page(hall: RunningHall, chromium: Browser) -> None:
    camera = next(one for one in hall.town.cameras if one.id == hall.zoned_cameras()[0])
    duty = Seat(chromium, hall, "duty", size=DESK)
    duty.page.goto(f"{hall.url}/mosaic")
    all_fresh(duty)
    duty.of("mosaic-search").fill(camera.number)
    duty.page.keyboard.press("Enter")
    expect(duty.sees("mosaic-hint")).to_contain_text(camera.name)
    duty.page.keyboard.press("Enter")
    card = duty.sees("camera-card", id=camera.id)
    expect(card.locator('[data-testid="live-picture"]')).to_have_attribute(
        "data-first-ms", re.compile(r"^\d+$"), timeout=PATIENCE_MS
    )
    duty.of("camera-page-link").click()
    duty.sees("camera-page", id=camera.id)
    # A duty officer looks at settings; they are not his to change.
    expect(duty.of("zone-draw")).to_have_count(0)
    expect(duty.sees("sensitivity")).to_be_disabled()
    duty.leave()


def test_a_shift_head_draws_a_zone_tries_it_and_it_is_watched(hall: RunningHall, chromium: Browser) -> None:
    camera_id = hall.zoned_cameras()[0]
    head = Seat(chromium, hall, "head", size=DESK)
    head.page.goto(f"{hall.url}/cameras/{camera_id}")
    head.sees("preview")
    head.sees("health-strip")
    expect(head.sees("live-picture")).to_have_attribute("data-state", "playing", timeout=PATIENCE_MS)
    before = head.of("zone-item").count()
    draw(head, "crowd", ((0.55, 0.2), (0.9, 0.2), (0.9, 0.5), (0.55, 0.5)))
    expect(head.of("zone-item")).to_have_count(before + 1)
    head.of("zone-name").fill("广场")
    head.of("zone-limit").fill("8")
    head.of("sensitivity").fill("0.7")
    head.picture("camera-page")
    head.of("watch-save").click()
    head.sees("watch-saved")
    zones, sensitivity = stored(hall, camera_id)
    assert '"广场"' in zones and '"crowd"' in zones and sensitivity == 0.7
    head.page.reload()
    expect(head.of("zone-item", id="广场")).to_be_visible(timeout=PATIENCE_MS)
    head.leave()


def test_a_zone_whose_border_crosses_itself_is_refused_in_words(hall: RunningHall, chromium: Browser) -> None:
    camera_id = hall.zoned_cameras()[1]
    head = Seat(chromium, hall, "head", size=DESK)
    head.page.goto(f"{hall.url}/cameras/{camera_id}")
    expect(head.sees("live-picture")).to_have_attribute("data-state", "playing", timeout=PATIENCE_MS)
    draw(head, "intrusion", ((0.5, 0.1), (0.9, 0.5), (0.9, 0.1), (0.5, 0.5)))
    head.of("watch-save").click()
    expect(head.sees("watch-error")).to_contain_text("交叉")
    head.leave()


def test_an_officer_patrols_through_cameras_and_a_finding_becomes_an_alert(
    hall: RunningHall, chromium: Browser
) -> None:
    duty = Seat(chromium, hall, "duty", size=DESK)
    duty.page.goto(f"{hall.url}/patrol/video")
    duty.sees("eyes-round", state="open").get_by_test_id("eyes-open").click()
    duty.sees("eyes-screen", state="running")
    live = duty.of("eyes-picture").first
    expect(live.get_by_test_id("live-picture")).to_have_attribute("data-state", "playing", timeout=PATIENCE_MS)
    duty.picture("video-patrol")
    duty.page.keyboard.press("1")
    duty.of("eyes-note").fill("出口处有人推搡")
    duty.picture("video-patrol-finding")
    duty.of("eyes-kind", id="fight").click()
    expect(live).to_have_attribute("data-state", "finding", timeout=PATIENCE_MS)
    # The others of this screen deliver nothing here: the officer says so, and the next screen comes by itself.
    duty.page.keyboard.press(" ")
    expect(duty.of("eyes-screen")).to_have_attribute("data-screen", "1", timeout=PATIENCE_MS)
    duty.page.goto(f"{hall.url}/desk")
    expect(duty.page.get_by_text("巡查发现打架斗殴").first).to_be_visible(timeout=PATIENCE_MS)
    duty.leave()


def draw(seat: Seat, kind: str, corners: tuple[tuple[float, float], ...]) -> None:
    """Click the corners on the picture and finish with Enter, as the hint on the page says."""
    seat.of("zone-draw", id=kind).click()
    frame = seat.of("zone-editor").bounding_box()
    assert frame is not None
    for x, y in corners:
        seat.page.mouse.click(frame["x"] + frame["width"] * x, frame["y"] + frame["height"] * y)
    seat.page.keyboard.press("Enter")


def stored(hall: RunningHall, camera_id: str) -> tuple[str, float]:
    with sqlite3.connect(hall.data / "yiping.db") as db:
        query = "SELECT zones, sensitivity FROM ingest_feed WHERE camera_id = ?"
        zones, sensitivity = db.execute(query, (camera_id,)).fetchone()
    return str(zones), float(sensitivity)


def assert_some_colour(seat: Seat) -> None:
    """What is on the screen in the first picture is no flat area: a photograph has many colours."""
    shot = seat.page.locator('[data-testid="mosaic-pictures"]').screenshot()
    assert len(shot) > 100_000
