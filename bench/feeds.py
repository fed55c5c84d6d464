"""How much of this machine it takes to watch simulated feeds.

The simulator runs beside it on the same machine; its share is printed as a figure of its own.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from bench.report import Figure, Report
from video.model import FeedSignal, FeedSpec, HealthReport, Zone
from video.monitor import Monitor

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
WARM_UP_S = 10.0


def cpu_s(pid: int) -> float:
    """Processor seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def memory_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / 1e6


def run(count: int, seconds: float, workers: int, cache: Path) -> Report:
    """Hold `count` simulated feeds with `workers` keepers and as many lookers, for some seconds."""
    return Report("feeds", asyncio.run(measure(count, seconds, workers, cache)))


async def measure(count: int, seconds: float, workers: int, cache: Path) -> list[Figure]:
    """The figures of one run."""
    command = [sys.executable, "-m", "video.simulator", "--count", str(count), "--port", "0", "--cache", str(cache)]
    cameras = await asyncio.create_subprocess_exec(
        *command,
        "--as-json",
        "--with-parent",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    assert cameras.stdout is not None and cameras.stdin is not None
    try:
        town = json.loads(await cameras.stdout.readline())["cameras"]
        return await _watch(town, seconds, workers, cameras.pid)
    finally:
        cameras.stdin.close()
        await cameras.wait()


async def _watch(town: list[dict[str, Any]], seconds: float, workers: int, cameras_pid: int) -> list[Figure]:
    reports: list[HealthReport] = []
    seen: list[FeedSignal] = []
    feeds = [
        FeedSpec(str(index), camera["url"], (Zone("zone", "intrusion", tuple(map(tuple, camera["zone"]))),))
        for index, camera in enumerate(town)
    ]
    monitor = Monitor(feeds, keepers=workers, lookers=workers, on_signal=seen.append, on_health=reports.append)
    started = time.monotonic()
    await monitor.start()
    try:
        while not reports or reports[-1].online < len(town):
            await asyncio.sleep(0.2)
        online_s = time.monotonic() - started
        await asyncio.sleep(WARM_UP_S)
        first = await _first_pictures(monitor, len(town))
        pids = monitor.pids()
        before = {pid: cpu_s(pid) for pid in [*pids["keepers"], *pids["lookers"], cameras_pid]}
        looks, at = monitor.health().looks, time.monotonic()
        await asyncio.sleep(seconds)
        spent_s = time.monotonic() - at
        used = {pid: (cpu_s(pid) - known) / spent_s for pid, known in before.items()}
        health = reports[-1]
        memory = sum(memory_mb(pid) for pid in pids["keepers"])
    finally:
        await monitor.stop()
    alarms = sum(signal.kind != "motion" and signal.ended_at is None for signal in seen)
    return [
        Figure("feeds online", health.online, "feeds", len(town), "higher"),
        Figure("seconds until all were online", online_s, "s"),
        Figure("key frames looked at", (health.looks - looks) / spent_s, "1/s", len(town) / 2, "higher"),
        Figure("age of a look, p50", health.age_p50_s, "s"),
        Figure("age of a look, p99", health.age_p99_s, "s", 10),
        Figure("processor, keepers", sum(used[pid] for pid in pids["keepers"]), "cores"),
        Figure("processor, lookers", sum(used[pid] for pid in pids["lookers"]), "cores"),
        Figure("processor, simulator (not ours to count)", used[cameras_pid], "cores"),
        Figure("memory per feed with its ring", memory / len(town), "MB", 0.6),
        Figure("first live picture, p95 of 20", first, "ms", 300),
        Figure("alarms on untouched feeds", alarms, "alarms", 0),
    ]


async def _first_pictures(monitor: Monitor, count: int) -> float:
    """Milliseconds from asking for a live picture to its first fragment in hand."""
    times = []
    for turn in range(20):
        started, live = time.perf_counter(), monitor.live(str(turn * 7 % count))
        async for item in live:
            if isinstance(item, bytes) and item[4:8] == b"moof":
                break
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)[18]
