"""The servers of `bench wall`, each in its process: `python -m bench.wall_server KIND FOLDER PORT FACTS POSITIONS`.

`wall` is the real one: facts in real transactions on SQLite, positions through the lane. `broadcast` sends the same
bytes with `websockets.broadcast` and nothing of ours: the limit. `log` only writes facts, for viewers that poll.
Each waits for a line on standard input, works until the next, and then prints what it stored when, as JSON.
"""

import asyncio
import json
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI
from websockets.asyncio.server import ServerConnection, broadcast, serve

from command_center.settings import Settings
from command_center.timeline import Fact, Timeline, open_timeline
from command_center.timeline.tables import Base
from command_center.wall import Lane, MemoryBell, Providers, Viewer, Wall, WallSocket
from command_center.wall.routes import router

TOWN = "320724199"
UNITS = 1_000

# A warning as the hall tells it, about 900 bytes.
ALERT: dict[str, Any] = {
    "code": "YJ20260301-0042", "kind": "intrusion", "level": 2, "state": "raised", "place": "示范镇人民路解放路口",
    "area": "320724199001002", "lonlat": [119.41234, 34.12345], "camera_id": "32072419901310000873", "point_id": None,
    "duty_id": None, "happened_at": "2026-03-01T02:03:04.567Z", "received_at": "2026-03-01T02:03:04.897Z",
    "raised_at": "2026-03-01T02:03:04.997Z", "verify_by": "2026-03-01T02:06:04.997Z", "count": 1, "cleared_at": None,
    "last_at": "2026-03-01T02:03:04.567Z", "score": 0.87, "box": [0.1, 0.2, 0.3, 0.4], "detail": {"zone": "校门"},
    "taken_by": None, "taken_at": None, "closed_by": None, "closed_at": None, "reason": None, "note": None,
    "clip": None, "case_id": None, "version": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Display:
    """Whoever looks sees the whole town."""

    area: str = TOWN
    role: str = "wall_display"
    person_id: str | None = None

    def sees(self, area: str) -> bool:
        return area.startswith(self.area)


@dataclass
class Notes:
    """What was told and stored when (monotonic seconds), and how much processor time it took."""

    told_at: dict[int, float] = field(default_factory=dict)
    stored_at: dict[int, float] = field(default_factory=dict)
    began: tuple[float, float] = (0.0, 0.0)

    def start(self) -> None:
        self.began = time.monotonic(), time.process_time()

    def print(self) -> None:
        cores = (time.process_time() - self.began[1]) / (time.monotonic() - self.began[0])
        print(json.dumps({"told_at": self.told_at, "stored_at": self.stored_at, "cores": cores}), flush=True)


def steadily(per_s: float, act: Callable[[int], None], stop: threading.Event, together: int = 1) -> threading.Thread:
    """Call `act(n)` so many times a second in a thread, `together` calls at a time, on a steady clock."""

    def work() -> None:
        began, done = time.monotonic(), 0
        while not stop.is_set():
            for _ in range(together):
                act(done)
                done += 1
            stop.wait(max(0.0, began + done / per_s - time.monotonic()))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def teller(timeline: Timeline, notes: Notes) -> Callable[[int], None]:
    """One fact in one transaction."""

    def tell(number: int) -> None:
        told_at = time.monotonic()
        with timeline.transaction() as tx:
            alert = {"id": f"a{number}", **ALERT}
            tx.emit(Fact("prewarning.raised", f"a{number}", {"alert": alert}, area=ALERT["area"]))
        notes.told_at[timeline_seq[0]] = told_at

    timeline_seq = [0]

    def stored(seq: int) -> None:
        notes.stored_at[seq] = time.monotonic()
        timeline_seq[0] = seq

    timeline.on_commit(stored)
    return tell


def reporter(lane: Lane, timeline: Timeline) -> Callable[[int], None]:
    """One position; the speed carries when it was reported, so that a page can tell how long it took."""

    def report(number: int) -> None:
        unit = number % UNITS
        lon, lat = 119.4 + (number % 997) / 1e4, 34.1 + unit / 1e4
        lane.report(f"p{unit:04}", at=timeline.now(), lon=lon, lat=lat, speed_mps=time.monotonic(), area=ALERT["area"])

    return report


def open_log(folder: str) -> Timeline:
    timeline = open_timeline(f"sqlite:///{folder}/hall.db")
    Base.metadata.create_all(timeline.engine)
    return timeline


def wait_for_line() -> None:
    sys.stdin.readline()


def run_wall(folder: str, port: int, facts_per_s: float, positions_per_s: float) -> None:
    timeline, lane, notes, stop = open_log(folder), Lane(), Notes(), threading.Event()
    viewer: Viewer = Display()
    providers = Providers(
        who=lambda _websocket: viewer,
        still_signed_in=lambda _websocket, _viewer: True,
        snapshot=lambda _session, _viewer: {"alerts": []},
        health=lambda: {"feeds": {"total": 0}, "cameras": {}, "notes": []},
    )
    wall = Wall(timeline=timeline, bell=MemoryBell(), lane=lane, settings=Settings(), providers=providers)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with wall.running():
            yield

    def work() -> None:
        wait_for_line()
        notes.start()
        threads = [
            steadily(facts_per_s, teller(timeline, notes), stop),
            steadily(positions_per_s, reporter(lane, timeline), stop, together=max(1, int(positions_per_s / 50))),
        ]
        wait_for_line()
        stop.set()
        for thread in threads:
            thread.join()
        notes.print()
        server.should_exit = True

    app = FastAPI(lifespan=lifespan)
    app.state.wall = wall
    app.include_router(router)
    with socket.create_server(("127.0.0.1", port), backlog=1024) as listener:
        config = uvicorn.Config(
            app, ws=WallSocket, ws_per_message_deflate=False, log_level="warning", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        threading.Thread(target=work, daemon=True).start()
        server.run([listener])


def run_broadcast(folder: str, port: int, facts_per_s: float, positions_per_s: float) -> None:
    asyncio.run(_broadcast(port, facts_per_s, positions_per_s))


async def _broadcast(port: int, facts_per_s: float, positions_per_s: float) -> None:
    lines: set[ServerConnection] = set()
    notes, stop = Notes(), asyncio.Event()

    async def hold(line: ServerConnection) -> None:
        lines.add(line)
        await line.wait_closed()

    async def facts() -> None:
        began = time.monotonic()
        for number in range(1, 1_000_000):
            body = json.dumps({"alert": {"id": f"a{number}", **ALERT}}, ensure_ascii=False, separators=(",", ":"))
            notes.told_at[number] = notes.stored_at[number] = time.monotonic()
            broadcast(lines, f'{{"type":"fact","seq":{number},"prev":{number - 1},"data":{body}}}')
            await asyncio.sleep(max(0.0, began + number / facts_per_s - time.monotonic()))

    async def positions() -> None:
        while True:
            await asyncio.sleep(0.25)
            row = ["p0001", 119.41234, 34.12345, None, time.monotonic(), 0.1]
            broadcast(lines, json.dumps({"type": "positions", "units": [row] * int(positions_per_s / 4)}))

    async with serve(hold, "127.0.0.1", port, compression=None):
        await asyncio.to_thread(wait_for_line)
        notes.start()
        tasks = [asyncio.create_task(facts()), asyncio.create_task(positions())]
        await asyncio.to_thread(wait_for_line)
        stop.set()
        for task in tasks:
            task.cancel()
        notes.print()


def run_log(folder: str, port: int, facts_per_s: float, positions_per_s: float) -> None:
    timeline, notes, stop = open_log(folder), Notes(), threading.Event()
    wait_for_line()
    notes.start()
    thread = steadily(facts_per_s, teller(timeline, notes), stop)
    wait_for_line()
    stop.set()
    thread.join()
    notes.print()


if __name__ == "__main__":
    kinds = {"wall": run_wall, "broadcast": run_broadcast, "log": run_log}
    kinds[sys.argv[1]](sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5]))
