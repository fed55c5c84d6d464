"""How much of this machine it takes to watch simulated feeds: `python bench/feeds.py --count 64 --seconds 30 [--json]`.

The simulator runs beside it on the same machine; its share is printed as a figure of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from video.cli import DEFAULT_CACHE
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


async def measure(count: int, seconds: float, workers: int, cache: Path) -> list[dict[str, Any]]:
    """Hold `count` simulated feeds and return the figures."""
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


async def _watch(town: list[dict[str, Any]], seconds: float, workers: int, cameras_pid: int) -> list[dict[str, Any]]:
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
        _figure("feeds online", health.online, "feeds", len(town), "higher"),
        _figure("seconds until all were online", online_s, "s", None, "lower"),
        _figure("key frames looked at", (health.looks - looks) / spent_s, "1/s", len(town) / 2, "higher"),
        _figure("age of a look, p50", health.age_p50_s, "s", None, "lower"),
        _figure("age of a look, p99", health.age_p99_s, "s", 10, "lower"),
        _figure("processor, keepers", sum(used[pid] for pid in pids["keepers"]), "cores", None, "lower"),
        _figure("processor, lookers", sum(used[pid] for pid in pids["lookers"]), "cores", None, "lower"),
        _figure("processor, simulator (not ours to count)", used[cameras_pid], "cores", None, "lower"),
        _figure("memory per feed with its ring", memory / len(town), "MB", 0.6, "lower"),
        _figure("first live picture, p95 of 20", first, "ms", 300, "lower"),
        _figure("alarms on untouched feeds", alarms, "alarms", 0, "lower"),
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


def _figure(name: str, value: float, unit: str, target: float | None, better: str) -> dict[str, Any]:
    row = {"name": name, "value": round(float(value), 3), "unit": unit, "target": target, "better": better}
    return {**row, "peer": None, "peer_value": None}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--workers", type=int, default=1, help="keepers, and as many lookers")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures = asyncio.run(measure(asked.count, asked.seconds, asked.workers, asked.cache))
    machine = {"cores": os.cpu_count(), "load_1min": os.getloadavg()[0], "python": platform.python_version()}
    if asked.json:
        print(json.dumps({"bench": "feeds", "machine": machine, "figures": figures}, ensure_ascii=False))
        return
    print(f"{asked.count} feeds, {asked.seconds:g} s, {machine}")
    for row in figures:
        target = f"(target {row['target']:g})" if row["target"] is not None else ""
        print(f"{row['name']:<44} {row['value']:>10.2f} {row['unit']:<6} {target}")


if __name__ == "__main__":
    main()
