"""What the command line offers of the video engine; plain functions, wired into `yiping` by the command center."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import uvloop

from video.scan import Row, read_zones
from video.scan import scan as scan_target
from video.simulator import CameraSimulator

DEFAULT_CACHE = Path.home() / ".cache" / "yiping" / "footage"


def _print(text: str) -> None:
    print(text, flush=True)


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
        truth: file that gets the ground truth, one JSON line per start and end of trouble.
        as_json: print one line `{"port", "cameras": [{"url", "zone"}]}` when ready, progress on stderr.
        with_parent: end when standard input is closed, so that no simulator outlives who started it.

    Raises:
        ValueError: the clips or the script cannot be used.
    """

    def say(text: str) -> None:
        print(text, file=sys.stderr if as_json else sys.stdout, flush=True)

    simulator = CameraSimulator(
        count, cache=cache, host=host, port=port, clips=clips, script=script, auto=auto, seed=seed, truth=truth, say=say
    )
    simulator.prepare()
    try:
        uvloop.run(_serve(simulator, as_json, with_parent))
    except KeyboardInterrupt:
        say("cameras are off")


async def _serve(simulator: CameraSimulator, as_json: bool, with_parent: bool) -> None:
    await simulator.start()
    if as_json:
        cameras = [{"url": simulator.url(index), "zone": simulator.zone(index)} for index in range(simulator.count)]
        _print(json.dumps({"port": simulator.port, "cameras": cameras}))
    else:
        _print(f"{simulator.count} cameras: {simulator.url(0)} … {simulator.url(simulator.count - 1)}")
    try:
        if with_parent:
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
        else:
            await asyncio.Event().wait()
    finally:
        await simulator.stop()


def scan(target: str, zones: Path | None = None, *, as_json: bool = True, say: Callable[[str], None] = _print) -> None:
    """Run all detectors over a clip or address; one JSON object per line, or a line for people.

    Raises:
        ScanFailed: the clip, the address or the zones cannot be read.
    """
    for row in scan_target(target, read_zones(zones) if zones is not None else ()):
        say(json.dumps(row, ensure_ascii=False) if as_json else _line(row))


def _line(row: Row) -> str:
    end = f"{row['end']:8.1f}" if row["end"] is not None else "     end"
    return f"{row['t']:8.1f} - {end} s  {row['kind']:<12} {row['score']:.2f}  {row['box'] or ''}"
