"""Seats in a browser: a signed-in page with the words that the tests use for what a person does on it."""

import os
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import RunningHall

# A feed is looked at each two seconds, a clip is complete five seconds after its event; the machine may be busy.
PATIENCE_MS = 60_000
DRAWN: set[str] = set()
PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"


class Seat:
    """One page of one signed-in person."""

    def __init__(
        self, chromium: Browser, hall: RunningHall, name: str, *, password: str | None = None, size: tuple[int, int]
    ) -> None:
        self.hall = hall
        self.context: BrowserContext = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(f"{hall.url}/signin")
        self.of("signin-name").fill(name)
        self.of("signin-password").fill(password or hall.passwords[name])
        self.of("signin-submit").click()
        self.page.wait_for_url(lambda url: not url.endswith("/signin"), timeout=PATIENCE_MS)
        expect(self.of("model-mark").first).to_be_visible(timeout=PATIENCE_MS)

    def of(self, test_id: str, *, id: str | None = None, state: str | None = None) -> Locator:
        """An element by its test id, and by the id or state of what it shows."""
        selector = f'[data-testid="{test_id}"]'
        selector += f'[data-id="{id}"]' if id else ""
        selector += f'[data-state="{state}"]' if state else ""
        return self.page.locator(selector)

    def sees(self, test_id: str, *, id: str | None = None, state: str | None = None) -> Locator:
        """Wait until it is there."""
        found = self.of(test_id, id=id, state=state).first
        expect(found).to_be_visible(timeout=PATIENCE_MS)
        return found

    def goes(self, room: str, page: str) -> None:
        """To a page by the list of its room in the bar."""
        self.of(f"room-{room}").hover()
        self.of(f"nav-{page}").click()

    def picture(self, name: str) -> None:
        """Keep what is on the screen for the documentation, when it is to be drawn anew; the first of a name counts."""
        if os.environ.get("YIPING_PICTURES") and name not in DRAWN:
            DRAWN.add(name)
            PICTURES.mkdir(exist_ok=True)
            self.page.screenshot(path=PICTURES / f"{name}.png")

    def leave(self) -> None:
        assert self.problems == []
        self.context.close()
