"""The camera simulator: scenes in, many RTSP cameras out, one clock for all of them."""

from __future__ import annotations

import asyncio
import heapq
import json
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from video.simulator.camera import TROUBLES, Change, NoSuchTrouble, PackedVariant, SimulatedCamera, pack_variant
from video.simulator.footage import Say
from video.simulator.library import build_library
from video.simulator.script import Step, by_itself, read_script
from video.simulator.segments import FPS, still_units
from video.simulator.server import ClientConnection

Zone = tuple[tuple[float, float], ...]


class CameraSimulator:
    """Serves `count` cameras as `rtsp://host:port/camera/0001` and so on.

    Footage is prepared by `prepare()` (blocking, once per cache folder); `start()` only opens the port.
    """

    def __init__(
        self,
        count: int,
        *,
        cache: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        clips: Path | None = None,
        script: Path | None = None,
        auto: bool = False,
        seed: int = 1,
        truth: Path | None = None,
        scenes: int | None = None,
        drawn: bool = False,
        say: Say = lambda text: None,
    ) -> None:
        """Describe a simulator; nothing is opened or encoded yet.

        Args:
            count: how many cameras.
            cache: folder for downloaded and encoded footage.
            host: address to listen on.
            port: port to listen on, 0 for a free one.
            clips: folder of own clips instead of the built-in footage.
            script: JSON lines of scripted trouble.
            auto: let something happen every 30 to 60 seconds.
            seed: decides which camera gets what in `auto`.
            truth: file that gets one JSON line whenever trouble really starts or ends.
            scenes: use only the first so many scenes.
            drawn: use drawn streets only and download nothing.
            say: told about progress.
        """
        self.count, self.port = count, port
        self._host, self._cache, self._clips, self._say = host, cache, clips, say
        self._script, self._auto, self._seed, self._truth_path = script, auto, seed, truth
        self._scenes, self._drawn = scenes, drawn
        self._variants: list[PackedVariant] = []
        self._cameras: list[SimulatedCamera] = []
        self._clients: list[set[ClientConnection]] = []
        self._server: asyncio.Server | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._truth: IO[str] | None = None

    def prepare(self) -> None:
        """Fetch, encode or load the footage. Blocks; run it before the event loop or in a thread."""
        if not self._variants:
            still = still_units()
            library = build_library(
                self._cache, clips=self._clips, scenes=self._scenes, drawn=self._drawn, say=self._say
            )
            self._variants = [pack_variant(variant, still) for variant in library]

    async def start(self) -> None:
        """Open the port and let the cameras run."""
        await asyncio.get_running_loop().run_in_executor(None, self.prepare)
        many = len(self._variants)
        self._cameras = [
            SimulatedCamera(index, self._variants[index % many], first_group=7 * (index // many) + 3 * index)
            for index in range(self.count)
        ]
        self._clients = [set() for _ in range(self.count)]
        if self._truth_path is not None:
            self._truth = self._truth_path.open("a", encoding="utf-8")
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: ClientConnection(self), self._host, self.port, backlog=1024)
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._tasks = [asyncio.create_task(self._run_cameras())]
        steps = self._steps()
        if steps is not None:
            self._tasks.append(asyncio.create_task(self._run_steps(steps)))

    async def stop(self) -> None:
        """Close the port and every client."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._server is not None:
            self._server.close()
            self._server = None
        for client in [client for clients in self._clients for client in clients]:
            client.close()
        if self._truth is not None:
            self._truth.close()
            self._truth = None

    def url(self, index: int) -> str:
        """Address of a camera; `index` counts from 0, the path from 0001."""
        return f"rtsp://{self._host}:{self.port}/camera/{index + 1:04d}"

    def zone(self, index: int) -> Zone:
        """The default zone of a camera (polygon in fractions of the picture): quiet unless a person is sent through.

        Empty for footage in which no part is quiet.
        """
        return self._variants[index % len(self._variants)].zone

    def trouble(self, index: int, kind: str, seconds: float) -> None:
        """Send a camera into trouble for some seconds, from its next group of pictures (at most 2 s later) on.

        Args:
            index: camera from 0.
            kind: covered, frozen, lost or person.
            seconds: how long, up to a day.

        Raises:
            NoSuchTrouble: unknown camera or kind, or a scene without a zone.
        """
        known = next((name for name in TROUBLES if name == kind), None)
        if known is None or not 0 <= index < self.count or not 0 < seconds <= 86_400:
            raise NoSuchTrouble(f"no trouble {kind} for {seconds} s on camera {index + 1}")
        self._cameras[index].trouble(known, time.time() + seconds)

    def camera_at(self, url: str) -> SimulatedCamera | None:
        """The camera a request is about."""
        parts = urlsplit(url).path.strip("/").split("/")
        if len(parts) < 2 or parts[0] != "camera" or not parts[1].isdigit():
            return None
        index = int(parts[1]) - 1
        return self._cameras[index] if 0 <= index < self.count else None

    def join(self, index: int, client: ClientConnection) -> None:
        self._clients[index].add(client)

    def leave(self, index: int, client: ClientConnection) -> None:
        self._clients[index].discard(client)

    async def _run_cameras(self) -> None:
        """Step every camera 15 times a second, each at its own phase, all from one heap of due times."""
        period = 1.0 / FPS
        started = time.monotonic()
        due = [(started + 2.0 * (index * 0.618034 % 1.0), index) for index in range(self.count)]
        heapq.heapify(due)
        while True:
            now = time.monotonic()
            wall = time.time()
            while due and due[0][0] <= now:
                at, index = due[0]
                # Far behind (a laptop that slept): skip what nobody saw instead of rushing through it.
                heapq.heapreplace(due, (at + period if now - at < 1.0 else now + period, index))
                self._step(index, wall)
            await asyncio.sleep(max(0.001, due[0][0] - now) if due else 1.0)

    def _step(self, index: int, now: float) -> None:
        camera = self._cameras[index]
        unit, change = camera.step(now)
        if unit is not None:
            for client in self._clients[index]:
                client.send_unit(unit)
        if change is not None:
            self._changed(change)

    def _changed(self, change: Change) -> None:
        if change.kind == "lost" and change.event == "start":
            for client in list(self._clients[change.camera]):
                client.close()
        if self._truth is not None:
            at = datetime.fromtimestamp(change.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            row = {"at": at, "camera": change.camera, "kind": change.kind, "event": change.event}
            self._truth.write(json.dumps(row) + "\n")
            self._truth.flush()

    def _steps(self) -> Iterator[Step] | None:
        if self._script is not None:
            return iter(read_script(self._script))
        return by_itself(self.count, self._seed) if self._auto and self.count else None

    async def _run_steps(self, steps: Iterable[Step]) -> None:
        started = time.monotonic()
        for step in steps:
            await asyncio.sleep(max(0.0, started + step.at_s - time.monotonic()))
            try:
                self.trouble(step.camera, step.kind, step.seconds)
            except NoSuchTrouble as error:
                self._say(f"script: {error}")
