"""The camera simulator: scenes in, many RTSP cameras out, one clock for all of them."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from video.simulator.camera import SimulatedCamera
from video.simulator.coding import FPS
from video.simulator.connection import Connection
from video.simulator.director import Director, shoot_all
from video.simulator.doors import Door
from video.simulator.footage import Say
from video.simulator.kinds import NoSuchTrouble, kind_named
from video.simulator.library import Library, open_library
from video.simulator.mix import EVEN, Mix
from video.simulator.plan import Plan, Planned
from video.simulator.power import Power
from video.simulator.recorders import Recorder, number_in, recorders_of
from video.simulator.rehearsal import films_ahead, wide_spots
from video.simulator.script import Step, by_itself, read_script
from video.simulator.truth import Truth
from video.simulator.wheel import SLOTS, Wheel

Zone = tuple[tuple[float, float], ...]


class CameraSimulator:
    """Serves `count` cameras as `rtsp://host:port/channel/1` and so on, a recorder's 32 behind a port each.

    All of them are also there as `rtsp://host:port/camera/0001` behind the platform's `port`. Footage is prepared by
    `prepare()` (blocking, once per cache folder); `start()` only opens ports.
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
        mix: Mix = EVEN,
        plan: Plan | None = None,
        recorders: Sequence[int] = (),
        say: Say = lambda text: None,
    ) -> None:
        """Describe a simulator; nothing is opened or encoded yet.

        Args:
            count: how many cameras.
            cache: folder for downloaded and encoded footage.
            host: address to listen on.
            port: the platform's port, 0 for a free one; recorders take the ones after it, or free ones.
            clips: folder of own clips instead of the built-in footage.
            script: JSON lines of scripted trouble.
            auto: let something happen every 30 to 60 seconds.
            seed: decides which camera gets what in `auto`.
            truth: file that gets JSON lines whenever trouble really starts or ends.
            scenes: use only the first so many scenes.
            drawn: use drawn streets only and download nothing.
            mix: how unlike the cameras are; all alike by default.
            plan: planned trouble on a part of the cameras.
            recorders: numbers of cameras behind the first recorders.
            say: told about progress.
        """
        self.count, self.port = count, port
        self.host, self._cache, self._clips, self._say = host, cache, clips, say
        self._script, self._auto, self._seed, self._truth_path = script, auto, seed, truth
        self._scenes, self._drawn, self._mix, self._plan = scenes, drawn, mix, plan
        self._library: Library | None = None
        self._planned: list[Planned] = []
        self._script_steps: list[Step] = []
        self.recorders = recorders_of(count, recorders)
        self._recorder_at = [recorder for recorder in self.recorders for _ in recorder.cameras]
        self._cameras: list[SimulatedCamera] = []
        self._viewers: dict[SimulatedCamera, list[Connection]] = defaultdict(list)
        self._clients: set[Connection] = set()
        self._doors: list[Door] = []
        self._platform: Door | None = None
        self.wheel = Wheel()
        self._tasks: list[asyncio.Task[None]] = []
        self._pool = ThreadPoolExecutor(max_workers=os.cpu_count(), thread_name_prefix="footage")

    def prepare(self) -> None:
        """Fetch, encode or load the footage. Blocks; run it before the event loop or in a thread."""
        if self._library is not None:
            return
        library = open_library(
            self._cache,
            clips=self._clips,
            scenes=self._scenes,
            drawn=self._drawn,
            codings={self._mix.coding(index) for index in range(self.count)},
            say=self._say,
        )
        many = library.scenes
        self._cameras = [
            SimulatedCamera(
                index,
                library.track(index % many, self._mix.coding(index)),
                slot=int(index * 0.618034 % 1.0 * SLOTS),
                phase=int(index * 0.754878 % 1.0 * 100_003) + 31 * (index // many),
                manner=self._mix.manner(index),
            )
            for index in range(self.count)
        ]
        if self._plan is not None:
            self._planned = self._plan.made_for(self._cameras)
        self._script_steps = read_script(self._script) if self._script is not None else []
        films = films_ahead(self._planned, self._script_steps, self._cameras, self.recorders)
        shoot_all(self._cache, films, self._pool, self._say)
        self._library = library

    async def start(self) -> None:
        """Open the ports and let the cameras run."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self.prepare)
        self._open_doors()
        self._truth = Truth(self._truth_path)
        self._director = Director(self.wheel, self._truth, self._cache, self._pool, self._hang_up)
        self._power = Power(self.wheel, self._truth, self._cut)
        self.wheel.start()
        for one in self._planned:
            self._director.begin_at(self._cameras[one.camera], one.spot, one.seconds, one.at_s)
        steps = self._steps()
        if steps is not None:
            self._tasks = [loop.create_task(self._run_steps(steps))]

    def _open_doors(self) -> None:
        self._platform = Door(self.host, self.port, lambda connected: self._enter(connected, None))
        self._platform.open()
        wanted, self.port = self.port, self._platform.port
        for recorder in self.recorders:
            port = wanted + 1 + recorder.index if wanted else 0
            self._doors.append(self._open_door(port, recorder.index))

    def _open_door(self, port: int, number: int) -> Door:
        door = Door(self.host, port, lambda connected: self._enter(connected, number))
        try:
            door.open()
        except OSError:
            # Somebody else has the port after the platform's: any other will do, addresses are told.
            door.port = 0
            door.open()
        return door

    async def stop(self) -> None:
        """Close the ports and every client."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._platform is None:
            return
        self.wheel.stop()
        if self.wheel.skipped_s >= 1:
            self._say(f"the machine was too busy: {self.wheel.skipped_s:.0f} s of pictures were left out")
        await self._director.stop()
        for door in (self._platform, *self._doors):
            door.shut()
        self._platform = None
        for client in list(self._clients):
            client.close()
        self._truth.close()
        self._pool.shutdown(cancel_futures=True)

    def url(self, index: int) -> str:
        """Address of a camera at its recorder; `index` counts from 0, channels from 1."""
        if not 0 <= index < self.count or not self._doors:
            return f"rtsp://{self.host}:{self.port}/camera/{index + 1:04d}"
        recorder = self.recorder(index)
        return f"rtsp://{self.host}:{self._doors[recorder.index].port}/channel/{index - recorder.first + 1}"

    def recorder(self, index: int) -> Recorder:
        """The recorder that a camera hangs on."""
        return self._recorder_at[index]

    def recorder_url(self, recorder: Recorder) -> str:
        """Where a recorder listens while it is up."""
        return f"rtsp://{self.host}:{self._doors[recorder.index].port}/"

    def camera(self, index: int) -> SimulatedCamera:
        return self._cameras[index]

    def zone(self, index: int) -> Zone:
        """The default zone of a camera (polygon in fractions of the picture): quiet unless a person is sent through.

        Empty for footage in which no part is quiet.
        """
        return self._cameras[index].track.variant.zone

    def trouble(self, index: int, kind: str, seconds: float) -> None:
        """Send a camera into trouble for some seconds: loss at once, all else within about 4 s, amid a group.

        Args:
            index: camera from 0.
            kind: one of `TROUBLES`. Dusk takes two and a half minutes, whatever `seconds` says.
            seconds: how long, up to a day.

        Raises:
            NoSuchTrouble: unknown camera or kind, or a scene without a zone.
        """
        known = kind_named(kind)
        if not 0 <= index < self.count or not 0 < seconds <= 86_400:
            raise NoSuchTrouble(f"no trouble {kind} for {seconds} s on camera {index + 1}")
        self._director.begin_soon(self._cameras[index], known, seconds)

    def recorder_down(self, number: int, seconds: float) -> None:
        """Switch a recorder off for some seconds: its port refuses, its cameras are gone.

        Args:
            number: recorder from 0.
            seconds: how long, up to a day.

        Raises:
            NoSuchTrouble: there is no such recorder, or it cannot be off that long.
        """
        if not 0 <= number < len(self.recorders) or not 0 < seconds <= 86_400:
            raise NoSuchTrouble(f"no recorder {number + 1} to be off for {seconds} s")
        recorder = self.recorders[number]
        cameras = [self._cameras[index] for index in recorder.cameras]
        self._power.off(recorder, self._doors[number], cameras, seconds)

    def recorder_up(self, number: int) -> None:
        """Switch a recorder on again before its time.

        Raises:
            NoSuchTrouble: there is no such recorder.
        """
        if not 0 <= number < len(self.recorders):
            raise NoSuchTrouble(f"no recorder {number + 1}")
        self._power.on(self.recorders[number])

    def camera_at(self, url: str, door: int | None) -> SimulatedCamera | None:
        """The camera a request at a door is about: a channel of a recorder, or any camera at the platform."""
        index = (number_in(url, "camera") or 0) - 1
        channel = number_in(url, "channel")
        if channel is not None and door is not None:
            recorder = self.recorders[door]
            index = recorder.first + channel - 1 if 1 <= channel <= recorder.count else -1
        if not 0 <= index < self.count or door not in (None, self._recorder_at[index].index):
            return None
        return self._cameras[index]

    def order(self, url: str, body: str, door: int | None) -> int:
        """`trouble: covered 20` on a camera, `recorder: down 20` or `recorder: up` on a recorder; the status."""
        name, _, value = body.strip().partition(":")
        words = value.split()
        number = door if door is not None else (number_in(url, "recorder") or 0) - 1
        camera = self.camera_at(url, door)
        try:
            match name.strip().lower(), words:
                case "trouble", [kind, seconds] if camera is not None:
                    self.trouble(camera.index, kind, float(seconds))
                case "recorder", ["down", seconds]:
                    self.recorder_down(number, float(seconds))
                case "recorder", ["up"]:
                    self.recorder_up(number)
                case "trouble", [_, _]:
                    return 404
                case _:
                    return 400
        except ValueError:
            return 400
        return 200

    def entered(self, client: Connection) -> None:
        self._clients.add(client)

    def left(self, client: Connection) -> None:
        self._clients.discard(client)

    def join(self, client: Connection, camera: SimulatedCamera) -> None:
        self._viewers[camera].append(client)
        self.wheel.board(camera.slot, client)

    def leave(self, client: Connection, camera: SimulatedCamera) -> None:
        self._viewers[camera].remove(client)
        self.wheel.leave(camera.slot, client)

    def tick_now(self) -> int:
        return self.wheel.step // SLOTS

    def _enter(self, connected: socket.socket, door: int | None) -> None:
        Connection(self, connected, door)

    def _hang_up(self, camera: SimulatedCamera) -> None:
        for client in list(self._viewers[camera]):
            client.close()

    def _cut(self, recorder: Recorder) -> None:
        for index in recorder.cameras:
            self._hang_up(self._cameras[index])
        for client in [one for one in self._clients if one.door == recorder.index]:
            client.close()

    def _steps(self) -> Iterator[Step] | None:
        if self._script is not None:
            return iter(self._script_steps)
        return by_itself(self.count, len(self.recorders), self._seed) if self._auto and self.count else None

    async def _run_steps(self, steps: Iterable[Step]) -> None:
        for step in steps:
            now_s = self.wheel.step / SLOTS / FPS
            await asyncio.sleep(max(0.0, step.at_s - now_s))
            try:
                self._take_step(step)
            except NoSuchTrouble as error:
                self._say(f"script: {error}")

    def _take_step(self, step: Step) -> None:
        if step.kind == "recorder_down":
            self.recorder_down(step.recorder, step.seconds)
            return
        if not step.is_wide:
            self.trouble(step.camera, step.kind, step.seconds)
        for camera, spot in wide_spots(step, self._cameras, self.recorders):
            self._director.begin_at(camera, spot, step.seconds, step.at_s)
