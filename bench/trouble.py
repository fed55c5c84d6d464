"""Trouble injected at random moments: how much of it is told, how soon, and what is told that was not there."""

import asyncio
import json
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.fleet import Watch, simulated, watched
from bench.footage import normal_clips
from bench.report import Figure, quantile
from video.model import FeedSignal

# What the simulator calls each kind, and the signals that tell of it.
TELLING: dict[str, frozenset[str]] = {
    "lost": frozenset({"signal_loss"}),
    "frozen": frozenset({"freeze"}),
    "person": frozenset({"intrusion"}),
    "recorder_down": frozenset({"signal_loss"}),
}
# Signals of an open scene: people walk there, which is what motion says.
LOST = frozenset({"lost", "recorder_down"})
NO_ALARMS = frozenset({"motion"})
LATEST_S = 12.0
BASELINE_S = 60.0
DAY_S = 86_400.0


@dataclass(frozen=True)
class Case:
    """One trouble of one feed, and when it was told; None for never."""

    camera: str
    kind: str
    started_at: float
    told_after_s: float | None


@dataclass(frozen=True)
class Outcome:
    """All cases, signals on feeds that had no trouble, and the share of looks there was no time for."""

    cases: list[Case]
    false: list[FeedSignal]
    untouched: int
    watched_s: float
    left_out: float


def trouble(count: int, troubled: int, window_s: float, lookers: int, cache: Path) -> list[Figure]:
    """Watch `count` feeds of which `troubled` get into trouble at random moments within a window."""
    outcome = asyncio.run(_outcome(count, troubled, window_s, lookers, cache))
    Console(stderr=True, width=120).print(_table(outcome))
    return _figures(outcome)


async def _outcome(count: int, troubled: int, window_s: float, lookers: int, cache: Path) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        truth = Path(folder) / "truth.jsonl"
        options = ["--plain", "--truth", str(truth), "--trouble", str(troubled)]
        options += ["--trouble-first", str(BASELINE_S), "--trouble-window", str(window_s)]
        clips = normal_clips(cache)
        if clips is not None:
            options += ["--clips", str(clips)]
        async with (
            simulated(count, cache, *options) as fleet,
            watched(fleet, keepers=1, lookers=lookers) as watch,
        ):
            started = time.time()
            await asyncio.sleep(BASELINE_S + window_s + 60.0)
            return _judge(truth, watch, count, time.time() - started)


def _judge(truth: Path, watch: Watch, count: int, watched_s: float) -> Outcome:
    rows = [json.loads(line) for line in truth.read_text().splitlines()]
    told: dict[str, list[tuple[float, FeedSignal]]] = defaultdict(list)
    for at, signal in watch.signals:
        if signal.ended_at is None and signal.kind not in NO_ALARMS:
            told[signal.feed_id].append((at, signal))
    cases = [_case(row, told) for row in rows if row["ended_at"] is None]
    touched = {case.camera for case in cases}
    false = [signal for feed, signals in told.items() if feed not in touched for _, signal in signals]
    health = watch.monitor.health()
    left_out = health.skipped / max(1, health.skipped + health.looks)
    return Outcome(cases, false, count - len(touched), watched_s, left_out)


def _case(row: dict[str, object], told: dict[str, list[tuple[float, FeedSignal]]]) -> Case:
    camera, kind = str(row["camera"]), str(row["kind"])
    started = datetime.fromisoformat(str(row["started_at"])).timestamp()
    wanted = TELLING.get(kind, frozenset({kind}))
    delays = [at - started for at, signal in told[camera] if signal.kind in wanted and 0 <= at - started <= LATEST_S]
    return Case(camera, kind, started, min(delays, default=None))


def _figures(outcome: Outcome) -> list[Figure]:
    found = [case for case in outcome.cases if case.told_after_s is not None]
    delays = [case.told_after_s or 0.0 for case in found if case.kind not in LOST]
    losses = [case.told_after_s or 0.0 for case in found if case.kind in LOST]
    days = outcome.untouched * outcome.watched_s / DAY_S
    return [
        Figure("troubles injected", len(outcome.cases), ""),
        Figure("troubles told", 100 * len(found) / max(1, len(outcome.cases)), "%", 98, "higher"),
        Figure("delay, p95, all but lost signals", quantile(delays, 0.95), "s", 3.0),
        Figure("delay, p50, all but lost signals", quantile(delays, 0.5), "s"),
        Figure("delay, p95, lost signals", quantile(losses, 0.95), "s", 6.0),
        Figure(f"false alarms a camera-day, {outcome.untouched} untouched feeds", len(outcome.false) / days, "", 0.02),
        Figure("camera-days of untouched feeds watched", days, "days"),
        Figure("looks left out for lack of time", 100 * outcome.left_out, "%"),
    ]  # fmt: skip


def _table(outcome: Outcome) -> Table:
    table = Table(title="trouble, by kind")
    for name in ("kind", "injected", "told", "p50 s", "p95 s", "worst s"):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for kind in sorted({case.kind for case in outcome.cases}):
        cases = [case for case in outcome.cases if case.kind == kind]
        delays = [case.told_after_s for case in cases if case.told_after_s is not None]
        times = [f"{quantile(delays, share):.1f}" for share in (0.5, 0.95, 1.0)]
        table.add_row(kind, str(len(cases)), str(len(delays)), *times)
    for signal in outcome.false[:20]:
        table.add_row(f"false: {signal.kind}", signal.feed_id, "", "", "", json.dumps(signal.detail))
    return table
