"""The simulator as a command: flags in, addresses out, cameras until interrupted."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop

from video.simulator.mix import EVEN, Mix
from video.simulator.plan import Plan
from video.simulator.simulator import CameraSimulator

DEFAULT_CACHE = Path.home() / ".cache" / "yiping" / "footage"


def simulate_cameras(
    count: int,
    port: int = 8554,
    clips: Path | None = None,
    cache: Path = DEFAULT_CACHE,
    script: Path | None = None,
    auto: bool = False,
    seed: int = 1,
    *,
    host: str = "127.0.0.1",
    truth: Path | None = None,
    as_json: bool = False,
    with_parent: bool = False,
    mix: Mix = EVEN,
    plan: Plan | None = None,
    recorders: Sequence[int] = (),
) -> None:
    """Serve simulated cameras until interrupted.

    Args:
        count: how many cameras.
        port: where to listen, 0 for a free port.
        clips: folder of own clips instead of the built-in footage.
        cache: where footage is kept.
        script: JSON lines of scripted trouble.
        auto: something happens every 30 to 60 seconds.
        seed: decides what happens in `auto`.
        host: address to listen on.
        truth: file that gets the ground truth, JSON lines at start and end of trouble.
        as_json: print one line `{"port", "cameras": [...], "recorders": [...]}` when ready, progress on stderr.
        with_parent: end when standard input is closed, so that no simulator outlives who started it.
        mix: how unlike the cameras are.
        plan: planned trouble on a part of the cameras.
        recorders: numbers of cameras behind the first recorders, 32 behind each further one.

    Raises:
        ValueError: the clips or the script cannot be used.
    """

    def say(text: str) -> None:
        print(text, file=sys.stderr if as_json else sys.stdout, flush=True)

    _allow_many_files()
    simulator = CameraSimulator(
        count,
        cache=cache,
        host=host,
        port=port,
        clips=clips,
        script=script,
        auto=auto,
        seed=seed,
        truth=truth,
        mix=mix,
        plan=plan,
        recorders=recorders,
        say=say,
    )
    simulator.prepare()
    try:
        uvloop.run(_serve(simulator, as_json, with_parent))
    except KeyboardInterrupt:
        say("cameras are off")


def _allow_many_files() -> None:
    """A socket per viewer: take as many descriptors as the machine lets a process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _serve(simulator: CameraSimulator, as_json: bool, with_parent: bool) -> None:
    await simulator.start()
    if as_json:
        print(json.dumps(addresses(simulator)), flush=True)
    else:
        first, last = simulator.url(0), simulator.url(simulator.count - 1)
        platform = f"rtsp://127.0.0.1:{simulator.port}/camera/0001 …"
        print(f"{simulator.count} cameras: {first} … {last}, all of them also at {platform}", flush=True)
    try:
        if with_parent:
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
        else:
            await asyncio.Event().wait()
    finally:
        await simulator.stop()


def addresses(simulator: CameraSimulator) -> dict[str, Any]:
    """What a reader of `--as-json` gets: where every camera and every recorder is, and what they are like."""
    return {
        "port": simulator.port,
        "cameras": [_camera(simulator, index) for index in range(simulator.count)],
        "recorders": [
            {
                "id": recorder.id,
                "switch": recorder.switch,
                "url": simulator.recorder_url(recorder),
                "platform_url": f"rtsp://{simulator.host}:{simulator.port}/recorder/{recorder.index + 1}",
                "cameras": list(recorder.cameras),
            }
            for recorder in simulator.recorders
        ],
    }


def _camera(simulator: CameraSimulator, index: int) -> dict[str, Any]:
    camera, recorder = simulator.camera(index), simulator.recorder(index)
    variant = camera.track.variant
    return {
        "url": simulator.url(index),
        "zone": simulator.zone(index),
        "recorder": recorder.id,
        "switch": recorder.switch,
        "scene": variant.key,
        "coding": variant.coding.name,
        "manner": camera.manner,
    }
