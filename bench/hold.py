"""How much of this machine it takes to hold feeds and look at every key frame, and how many it can hold at most.

The simulator runs beside it on the same machine; its share is printed as a figure of its own.
"""

import asyncio
import statistics
import time
from pathlib import Path

from bench.fleet import Fleet, Watch, simulated, watched
from bench.processes import Meter, memory_mb
from bench.report import Figure
from video.model import HealthReport

GOP_S = 2.0
WARM_UP_S = 15.0
MINUTE_S = 60.0


def hold(count: int, seconds: float, lookers: int, cache: Path) -> list[Figure]:
    """Hold plain cameras (CIF, 15 fps, 160 kb/s, a key frame every 2 s) for some seconds."""
    return asyncio.run(_hold(count, seconds, lookers, cache))


async def _hold(count: int, seconds: float, lookers: int, cache: Path) -> list[Figure]:
    async with simulated(count, cache, "--plain") as fleet, watched(fleet, keepers=1, lookers=lookers) as watch:
        await asyncio.sleep(WARM_UP_S)
        return await _measured(fleet, watch, seconds)


async def _measured(fleet: Fleet, watch: Watch, seconds: float) -> list[Figure]:
    count, pids = len(fleet.cameras), watch.monitor.pids()
    meter, before = Meter([*watch.pids, fleet.pid]), watch.monitor.health()
    started, reports = time.monotonic(), list[HealthReport]()
    while time.monotonic() - started < seconds:
        await asyncio.sleep(min(MINUTE_S, seconds) / 10)
        reports.append(watch.health)
    spent_s, after = time.monotonic() - started, watch.monitor.health()
    keepers, lookers = (meter.used_s(*pids[name]) / spent_s for name in ("keepers", "lookers"))
    held, looked = sum(map(memory_mb, pids["keepers"])), sum(map(memory_mb, pids["lookers"]))
    online = min(report.online for report in reports)
    alarms = sum(signal.kind != "motion" and signal.ended_at is None for _, signal in watch.signals)
    return [
        Figure(f"{count} feeds for {spent_s:.0f} s: online at the worst moment", online, "feeds", count, "higher"),
        Figure("seconds until all were online", watch.online_s, "s"),
        Figure("key frames looked at", (after.looks - before.looks) / spent_s, "1/s", 0.99 * count / GOP_S, "higher"),
        Figure("looks left out", after.skipped - before.skipped, "looks"),
        Figure("age of a look, p50", statistics.median(r.age_p50_s for r in reports), "s"),
        Figure("age of a look, p99, worst report", max(r.age_p99_s for r in reports), "s", after.promise_s),
        Figure("processor, monitoring", keepers + lookers, "cores", 1.5),
        Figure("  of it receiving and ring", keepers, "cores"),
        Figure("  of it decoding and detecting", lookers, "cores"),
        Figure("processor, simulator (not ours to count)", meter.used_s(fleet.pid) / spent_s, "cores"),
        Figure("memory per feed with its ring and all that is known of it", (held + looked) / count, "MB", 0.6),
        Figure("  of it the keeper with the rings", held / count, "MB"),
        Figure("alarms on untouched feeds", alarms, "alarms", 0),
    ]  # fmt: skip


def capacity(counts: list[int], seconds: float, lookers: int, cache: Path) -> list[Figure]:
    """Try larger and larger fleets until one cannot be looked at in time."""
    best, tried = 0, list[Figure]()
    for count in counts:
        reached, figures = asyncio.run(_tried(count, seconds, lookers, cache))
        tried += figures
        if not reached:
            break
        best = count
    return [Figure("feeds held and looked at within 10 s, 2 cores", best, "feeds", 4000, "higher"), *tried]


async def _tried(count: int, seconds: float, lookers: int, cache: Path) -> tuple[bool, list[Figure]]:
    async with simulated(count, cache, "--plain") as fleet, watched(fleet, keepers=1, lookers=lookers) as watch:
        await asyncio.sleep(2 * WARM_UP_S)
        meter, started = Meter([*watch.pids, fleet.pid]), time.monotonic()
        reports = list[HealthReport]()
        while time.monotonic() - started < seconds:
            await asyncio.sleep(1.0)
            reports.append(watch.health)
        spent_s = time.monotonic() - started
        online, worst = min(r.online for r in reports), max(r.age_p99_s for r in reports)
        monitoring = meter.used_s(*watch.pids) / spent_s
        sending = meter.used_s(fleet.pid) / spent_s
    figures = [
        Figure(f"{count} feeds: online", online, "feeds", count, "higher"),
        Figure(f"{count} feeds: age of a look, p99, worst report", worst, "s", 10.0),
        Figure(f"{count} feeds: processor, monitoring", monitoring, "cores", peer="simulator", peer_value=sending),
    ]  # fmt: skip
    return online == count and worst <= 10.0, figures
