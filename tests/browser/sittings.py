"""What people do on the page of work: open a case, press an action, say what it asks for, send it."""

import subprocess
import sys
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import ROOT, RunningHall
from tests.browser.seats import PATIENCE_MS, Seat

DESK = (1600, 1000)
PASSWORD = "Correct-Horse-42"


class Sitting(Seat):
    """Somebody at the page of work."""

    def opens(self, case_id: str) -> None:
        """By the list of all that are open."""
        if self.of("work-case", id=case_id).count() > 0:
            return
        self.of("queue-open").click()
        self.sees("work-row", id=case_id).click()
        self.sees("work-case", id=case_id)

    def finds(self, words: str) -> str:
        """The case that waits for him and says this."""
        self.of("queue-todo").click()
        row = self.of("work-row").filter(has_text=words).first
        expect(row).to_be_visible(timeout=PATIENCE_MS)
        row.click()
        return str(self.sees("work-case").get_attribute("data-id"))

    def does(self, action: str, case_id: str, **said: Any) -> None:
        """Press the button of an action, fill its form if it has one, send it, and see it in the story."""
        self.opens(case_id)
        story = self.of("story").locator("li")
        before = story.count()
        self.of(f"offer-{action}").click()
        for name, value in said.items():
            fill(self.of(f"field-{name}"), value)
        if said or self.of("offer-form").count() > 0:
            self.of("offer-send").click()
        expect(story).not_to_have_count(before, timeout=PATIENCE_MS)

    def is_in(self, state: str) -> None:
        self.sees("work-case", state=state)

    def takes_in(self, text: str, *, channel: str, category: str, place: str, **more: Any) -> str:
        """At the counter, or at the station that hands over: the form filled, not yet sent; what was said."""
        self.of("take-down").click()
        self.sees("intake-form")
        if self.of("intake-channel").count() > 0:
            self.of("intake-channel").locator(f'input[value="{channel}"]').check()
        for name, value in more.items():
            fill(self.of(name.replace("_", "-")), value)
        self.of("intake-text").fill(text)
        self.of("intake-category").select_option(category)
        self.of("address-input").fill(place)
        self.of("address-row").first.click()
        return text

    def takes_down(self, text: str, *, channel: str, category: str, place: str, **more: Any) -> str:
        """The same, sent; the id of the case."""
        self.takes_in(text, channel=channel, category=category, place=place, **more)
        self.of("intake-send").click()
        return str(self.sees("work-case", state="SUBMITTED").get_attribute("data-id"))


def photo(of: str) -> bytes:
    """A picture such as phones take: a stone at a boundary, or a page of an archive."""
    picture = np.full((360, 540, 3), (96, 140, 110), np.uint8)
    if of == "stone":
        cv2.rectangle(picture, (0, 190), (540, 360), (60, 92, 118), -1)
        cv2.rectangle(picture, (238, 96), (302, 270), (176, 180, 182), -1)
        cv2.line(picture, (0, 268), (540, 262), (40, 60, 80), 3)
    else:
        picture[:] = (222, 236, 240)
        for row in range(40, 330, 26):
            cv2.line(picture, (50, row), (490, row), (120, 120, 130), 2)
    return bytes(cv2.imencode(".png", picture)[1].tobytes())


def fill(field: Locator, value: Any) -> None:
    """Say something in a field, in the way of its kind."""
    tag = field.evaluate("element => element.tagName")
    if value is True:
        field.check()
    elif isinstance(value, bytes):
        field.set_input_files({"name": "现场.png", "mimeType": "image/png", "buffer": value})
        expect(field.locator("xpath=..")).to_contain_text("已传 1 张", timeout=PATIENCE_MS)
    elif tag == "SELECT":
        field.select_option(field.locator("option", has_text=value).first.get_attribute("value"))
    elif tag == "SPAN":
        for word in value if isinstance(value, list) else [value]:
            field.get_by_text(word, exact=True).click()
    else:
        field.fill(value)


def seat_of_unit(chromium: Browser, hall: RunningHall, name: str, unit: str) -> Sitting:
    """Somebody of a unit that has no sign-in in the model town."""
    command = [sys.executable, "-m", "command_center", "user", "add", name, "--role", "department", "--unit", unit]
    more = ["--area", hall.town.center.code, "--display-name", unit, "--data", str(hall.data)]
    subprocess.run([*command, *more], input=PASSWORD, text=True, check=True, cwd=ROOT)
    return Sitting(chromium, hall, name, password=PASSWORD, size=DESK)
