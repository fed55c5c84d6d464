"""The day is planned on its page: at a click, changed by dragging, published to a phone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import RunningHall
from tests.browser.seats import PATIENCE_MS, Seat

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PASSWORD = "Feng-huo-2026"


def test_a_day_is_planned_dragged_and_published_to_the_phones(hall: RunningHall, chromium: Browser) -> None:
    seat = Seat(chromium, hall, "patrol", size=(1920, 1080))
    seat.page.goto(f"{hall.url}/patrol")
    seat.of("plan-open").click()
    # The day by which people go now; before five in the morning it is still yesterday's.
    seat.of("plan-day").fill((datetime.now(UTC) + timedelta(hours=3)).date().isoformat())
    # Late in the evening too few teams would be left to drag anything to.
    seat.of("plan-from-now").uncheck()
    seat.of("plan-make").click()
    seat.sees("plan-solving")
    expect(seat.of("plan-page", state="draft")).to_be_visible(timeout=2 * PATIENCE_MS)
    seat.sees("plan-met")
    seat.sees("plan-map", state="drawn")
    seat.picture("patrol-plan")

    stop = seat.page.locator('[data-testid="plan-stop"]:not(.rest)').first
    stop_id = stop.get_attribute("data-id") or ""
    stop.scroll_into_view_if_needed()
    box = stop.bounding_box()
    assert box is not None
    mouse = seat.page.mouse
    mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + 600 if box["x"] < 900 else box["x"] - 600, box["y"] + 10, steps=4)
    seat.sees("plan-checks", state="wrong")
    seat.page.keyboard.press("Escape")
    mouse.up()
    seat.sees("plan-checks", state="clean")

    seat.of("plan-stop-team").select_option(index=5)
    seat.of("plan-stop-move").click()
    moved = seat.page.locator('[data-testid="plan-row"]').nth(5).locator(f'[data-id="{stop_id}"]')
    expect(moved).to_be_visible(timeout=PATIENCE_MS)
    seat.of("plan-publish").click()
    seat.sees("plan-state", state="published")

    id = seat.of("plan-versions").input_value()
    detail = seat.page.request.get(f"{hall.url}/api/v1/patrol/plans/{id}").json()
    round_ = max(detail["rounds"], key=lambda one: len(one["stops"]))
    crew = next(one for one in detail["crews"] if one["id"] == round_["team_id"])
    hall.add_responder("walker9", crew["persons"][0], PASSWORD)
    phone = Seat(chromium, hall, "walker9", password=PASSWORD, size=(390, 844))
    expect(phone.sees("own-route").locator("li")).to_have_count(len(round_["stops"]))
    assert phone.page.get_by_text(re.compile("签到|打卡")).count() == 0
    phone.picture("phone-route")
    phone.leave()
    seat.leave()


@pytest.mark.usefixtures("fleet")
def test_a_team_is_added_and_an_hour_of_the_day_is_played_again(hall: RunningHall, chromium: Browser) -> None:
    seat = Seat(chromium, hall, "patrol", size=(1366, 768))
    seat.page.goto(f"{hall.url}/patrol/plan")
    seat.sees("plan-team-add").click()
    seat.of("team-name").fill("夜巡88")
    seat.of("team-base").select_option(index=1)
    seat.page.locator('[data-testid="team-member"] input').first.check()
    seat.picture("patrol-team")
    seat.of("team-save").click()
    expect(seat.of("plan-teams").get_by_text("夜巡88").first).to_be_visible(timeout=PATIENCE_MS)

    seat.page.goto(f"{hall.url}/patrol/day")
    seat.sees("day-page", state="read")
    hour = (datetime.now(UTC) + timedelta(hours=8)).hour
    seat.of(f"day-hour-{hour}").click()
    seat.sees("day-map", state="replay")
    seat.sees("replay", state="paused")
    seat.of("replay-play").click()
    seat.sees("replay", state="playing")
    seat.of("replay-play").click()
    seat.sees("replay", state="paused")
    seat.picture("patrol-day")
    seat.leave()
