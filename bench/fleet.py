"""A simulated fleet beside the bench, and a monitor that watches it."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from video.model import FeedSignal, FeedSpec, HealthReport, Zone
from video.monitor import Monitor

RING_S = 10.0
ONLINE_WITHIN_S = 180.0


@dataclass(frozen=True)
class Fleet:
    """Simulated cameras: what the simulator said of each, and its process."""

    cameras: list[dict[str, Any]]
    pid: int

    def feeds(self) -> list[FeedSpec]:
        """Each with the zone that suits its scene, by the number of the camera."""
        return [_feed(index, camera) for index, camera in enumerate(self.cameras)]


def _feed(index: int, camera: dict[str, Any]) -> FeedSpec:
    corners = tuple((float(x), float(y)) for x, y in camera["zone"])
    return FeedSpec(str(index), camera["url"], (Zone("zone", "intrusion", corners),) if corners else ())


@asynccontextmanager
async def simulated(count: int, cache: Path, *options: str) -> AsyncIterator[Fleet]:
    """`count` cameras in a process of their own, as long as the block lasts."""
    command = [sys.executable, "-m", "video.simulator", "--count", str(count), "--port", "0", "--cache", str(cache)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, "--as-json", "--with-parent", *options, stdin=pipe, stdout=pipe, limit=2**26
    )
    assert process.stdout is not None and process.stdin is not None
    try:
        yield Fleet(json.loads(await process.stdout.readline())["cameras"], process.pid)
    finally:
        process.stdin.close()
        await process.wait()


@dataclass
class Watch:
    """A monitor at work and what it told."""

    monitor: Monitor
    signals: list[tuple[float, FeedSignal]] = field(default_factory=list)
    tiles: dict[str, float] = field(default_factory=dict)
    health: HealthReport = field(default_factory=HealthReport)
    online_s: float = 0.0

    @property
    def pids(self) -> list[int]:
        """Keepers and lookers: all that watching takes."""
        return [pid for pids in self.monitor.pids().values() for pid in pids]


@asynccontextmanager
async def watched(fleet: Fleet, *, keepers: int, lookers: int, **options: Any) -> AsyncIterator[Watch]:
    """Watch the whole fleet; the block begins when all feeds are online, or when it takes too long."""
    watch: Watch

    def tell(signal: FeedSignal) -> None:
        watch.signals.append((time.time(), signal))

    def hear(report: HealthReport) -> None:
        watch.health = report

    monitor = Monitor(
        fleet.feeds(),
        keepers=keepers,
        lookers=lookers,
        ring_s=RING_S,
        # Cameras of the simulator are no recorders that must be spared.
        opening_per_host=40,
        on_signal=tell,
        on_health=hear,
        **options,
    )
    watch = Watch(monitor)
    started = time.monotonic()
    await monitor.start()
    try:
        await until(lambda: watch.health.online == len(fleet.cameras), ONLINE_WITHIN_S)
        watch.online_s = time.monotonic() - started
        yield watch
    finally:
        await monitor.stop()


async def until(condition: Callable[[], object], timeout_s: float) -> bool:
    """Wait for something; whether it came about in time."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.2)
    return True
