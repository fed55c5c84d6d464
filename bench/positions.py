"""Positions through every door into a whole hall: how many a second, how long until stored and answered, and none lost.

The hall is the real one on SQLite with the model town and its mandatory points, so every position is checked, weighed,
held against the points and stored. Its 2,000 devices share the machine with it.
"""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import insert

from bench.positions_senders import PACE_PER_S, phone_of
from bench.report import Figure, Report, quantile
from command_center.access.commands import register_device
from command_center.demo import load
from command_center.registry.tables import PersonRow
from command_center.settings import Settings
from command_center.timeline import open_timeline
from gis.town import generate_town

ROOT = Path(__file__).resolve().parent.parent
DOORS = ("http", "osmand", "jt808", "mqtt")
NAMES = {
    "http": "HTTP, batches of 100",
    "osmand": "OsmAnd, one a request on 1,000 lines",
    "jt808": "JT/T 808, 2,000 terminals",
    "mqtt": "MQTT QoS 1 through mosquitto",
}
DEVICES = 2_000
MOSQUITTO = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
SETTLE_S = 15.0


@dataclass(frozen=True)
class Run:
    """One door: positions; seconds from the first sent to the last stored; delays; processor cores."""

    sent: int
    stored: int
    refused: int
    seconds: float
    delays_ms: Sequence[float]
    cores: float
    sender_cores: float


def run(seconds: float = 60, doors: Sequence[str] = DOORS) -> Report:
    """Measure one door after the other on the same hall; MQTT only where there is a broker."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="yiping-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        town = _prepare(folder)
        ports = {door: _free_port() for door in DOORS}
        if "mqtt" in doors and MOSQUITTO:
            stack.enter_context(_broker(folder, ports["mqtt"]))
        hall = stack.enter_context(_hall(folder, ports))
        ports["osmand"] = ports["http"]
        for door in doors:
            if door != "mqtt" or MOSQUITTO:
                figures += _figures(NAMES[door], _measure(door, ports[door], seconds, folder, town, hall))
    return Report("positions", figures)


def _figures(name: str, run: Run) -> list[Figure]:
    return [
        # The target less the moment in which the last ones are written.
        Figure(f"{name}: stored", run.stored / run.seconds, "/s", PACE_PER_S * 0.97, "higher"),
        Figure(f"{name}: send → stored and answered, p50", quantile(run.delays_ms, 0.5), "ms"),
        Figure(f"{name}: send → stored and answered, p95", quantile(run.delays_ms, 0.95), "ms", 1_000),
        Figure(f"{name}: hall", run.cores, "cores", None, "lower", "its senders", run.sender_cores),
        Figure(f"{name}: sent and not stored", run.sent - run.stored, "", 0),
        Figure(f"{name}: refused", run.refused, "", 0),
    ]


def _measure(door: str, port: int, seconds: float, folder: Path, town: Path, hall: int) -> Run:
    before, used = _stored(folder), _cpu_s(hall)
    ages: list[float] = []
    stop = threading.Event()
    watcher = threading.Thread(target=_watch_newest, args=(folder, ages, stop))
    began = time.monotonic()
    if door == "mqtt":
        watcher.start()
    command = [sys.executable, "-m", "bench.positions_senders", door, str(port), str(seconds), str(town)]
    told: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    cores = (_cpu_s(hall) - used) / (time.monotonic() - began)
    if door == "mqtt":
        stop.set()
        watcher.join()
    _until_settled(folder, before + told["sent"])
    elapsed = max(seconds, time.time() - told["began"])
    delays = ages if door == "mqtt" else told["delays_ms"]
    return Run(told["sent"], _stored(folder) - before, told["refused"], elapsed, delays, cores, told["cores"])


def _watch_newest(folder: Path, ages_ms: list[float], stop: threading.Event) -> None:
    """How long ago what was stored last had been sent, looked at again and again: never less than send to stored."""
    with sqlite3.connect(folder / "yiping.db") as db:
        known = 0
        while not stop.wait(0.02):
            row = db.execute("SELECT at_ms FROM ingest_position ORDER BY received_ms DESC LIMIT 1").fetchone()
            if row and row[0] != known:
                known = row[0]
                ages_ms.append(time.time() * 1000 - known)
    # The first look finds what an earlier door left.
    del ages_ms[:1]


def _prepare(folder: Path) -> Path:
    """The model town, more people, and a device of each kind for everybody."""
    timeline = open_timeline(Settings(data_dir=folder).timeline_url)
    town = generate_town()
    load(timeline, town)
    like = town.persons[0]
    persons = [f"B{number:05}" for number in range(DEVICES)]
    centre, posts = town.center.code, [person.base for person in town.persons]
    lonlats = [posts[number % len(posts)] for number in range(DEVICES)]
    rows = [
        {"id": id, "name": id, "call_sign": id, "force": like.force, "unit_id": like.unit_id, "area": like.area,
         "lon": lonlat[0], "lat": lonlat[1], "travel": like.travel}
        for id, lonlat in zip(persons, lonlats, strict=True)
    ]  # fmt: skip
    with timeline.transaction() as tx:
        tx.session.execute(insert(PersonRow), rows)
        _, token = register_device(tx, name="fleet", area=centre)
        for number, id in enumerate(persons):
            for kind in ("osmand", "jt808", "mqtt"):
                external_id = phone_of(number)
                register_device(tx, name=id, area=centre, person_id=id, kind=kind, external_id=external_id)
    timeline.close()
    file = folder / "devices.json"
    file.write_text(json.dumps({"persons": persons, "lonlats": lonlats, "token": token}))
    return file


@contextmanager
def _hall(folder: Path, ports: dict[str, int]) -> Iterator[int]:
    environment = {**os.environ, "YIPING_JT808_PORT": str(ports["jt808"])}
    if MOSQUITTO:
        environment["YIPING_MQTT_URL"] = f"mqtt://127.0.0.1:{ports['mqtt']}"
    command = [sys.executable, "-m", "command_center", "serve", "--data", str(folder), "--port", str(ports["http"])]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        _until_up(f"http://127.0.0.1:{ports['http']}/healthz", process)
        yield process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@contextmanager
def _broker(folder: Path, port: int) -> Iterator[None]:
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "user root", "persistence false"]
    lines += ["max_inflight_messages 1000", "max_queued_messages 0"]
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
    assert MOSQUITTO
    command = [MOSQUITTO, "-c", str(folder / "mosquitto.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _until_up(url: str, process: subprocess.Popen[bytes], patience_s: float = 60.0) -> None:
    end = time.monotonic() + patience_s
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError("the hall did not start")


def _until_settled(folder: Path, wanted: int) -> None:
    """Until all is stored, or nothing has come for a while."""
    known, since = -1, time.monotonic()
    while (now := _stored(folder)) < wanted and time.monotonic() - since < SETTLE_S:
        if now != known:
            known, since = now, time.monotonic()
        time.sleep(0.2)


def _stored(folder: Path) -> int:
    with sqlite3.connect(folder / "yiping.db") as db:
        count: int = db.execute("SELECT count(*) FROM ingest_position").fetchone()[0]
        return count


def _cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
