"""The head of the center makes the way of another place his own, and the counter works by it."""

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import RunningHall
from tests.browser.seats import PATIENCE_MS, Seat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_the_way_of_another_place_is_copied_changed_mended_and_published(chromium: Browser, hall: RunningHall) -> None:
    head = Seat(chromium, hall, "leader", size=(1760, 1000))
    head.goes("response", "ways")
    head.sees("way-line", id="bz").click()
    head.sees("way", id="bz", state="shipped")
    head.of("way-copy").click()
    head.of("copy-id").fill("yanhe")
    head.of("copy-zh").fill("砚河镇来访办理")
    head.of("copy-en").fill("Visits at Yanhe")
    head.of("copy-send").click()
    head.sees("way", id="yanhe", state="draft")

    head.of("way-tab-words").click()
    head.of("way-word-SUBMITTED").fill("等着听您说")
    head.of("way-tab-clocks").click()
    head.of("term-T-ACCEPT-*").fill("10")
    head.of("way-tab-seats").click()
    for seat in ("unit", "handler"):
        head.of(f"may-receive-{seat}").uncheck()
    fault = head.sees("way-fault", id="RECEIVED")
    expect(fault).to_have_text("已接单：没有路能到这个状态")
    expect(head.of("way-publish")).to_be_disabled()
    fault.click()
    expect(head.of("way-state", id="RECEIVED")).to_have_attribute("aria-pressed", "true")
    head.of("way-tab-seats").click()
    for seat in ("unit", "handler"):
        head.of(f"may-receive-{seat}").check()
    head.sees("way-faults", state="ok")
    expect(head.of("way-changes").first).to_contain_text("30 分钟 → 10 分钟")
    head.of("way-tab-flow").click()
    head.picture("ways")

    head.of("way-publish").click()
    expect(head.of("way-publish-dialog")).to_contain_text("等着听您说")
    head.of("publish-send").click()
    head.sees("way", id="yanhe", state="published")
    head.of("door-window").select_option("yanhe")
    head.of("doors-save").click()
    expect(head.of("way-line", id="yanhe")).to_contain_text("1 个来源", timeout=PATIENCE_MS)

    clerk = Seat(chromium, hall, "intake", size=(1600, 900))
    case_id = _take_down(hall)
    clerk.page.goto(f"{hall.url}/work")
    clerk.sees("work-row", id=case_id).click()
    expect(clerk.of("work-state")).to_have_text("等着听您说", timeout=PATIENCE_MS)
    clerk.leave()
    head.leave()


def _take_down(hall: RunningHall) -> str:
    """A matter at the window, without the form, which has its own test."""
    with httpx.Client(base_url=f"{hall.url}/api/v1") as clerk:
        me = clerk.post("/session", json={"name": "intake", "password": hall.passwords["intake"]}).json()
        matter = {
            "channel": "window", "category": "01008", "text": "工地拖欠工资", "place": hall.town.places[3].name,
            "lonlat": hall.town.places[3].lonlat,
        }  # fmt: skip
        answer = clerk.post("/intake/cases", json=matter, headers={"X-CSRF-Token": me["csrf"]})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])
