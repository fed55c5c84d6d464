"""The whole chain with real parts: simulated cameras, keeper and looker processes, signals, live pictures, clips."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal as signals
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest

from tests.video.footage import CACHE, SCENES, until
from video.model import FeedSignal, FeedSpec, HealthReport, NoFootage, Zone
from video.monitor import Monitor
from video.simulator import CameraSimulator

COUNT = 4
Scenario = Callable[[CameraSimulator, Monitor, list[FeedSignal]], Awaitable[None]]


def _feeds(simulator: CameraSimulator) -> list[FeedSpec]:
    return [
        FeedSpec(f"cam{index}", simulator.url(index), (Zone("草坪", "intrusion", simulator.zone(index)),))
        for index in range(COUNT)
    ]


def _play(scenario: Scenario, truth: Path | None = None, keepers: int = 1) -> None:
    async def run() -> None:
        simulator = CameraSimulator(COUNT, cache=CACHE, scenes=SCENES, drawn=True, truth=truth)
        await simulator.start()
        seen: list[FeedSignal] = []
        reports: list[HealthReport] = []
        monitor = Monitor(_feeds(simulator), keepers=keepers, on_signal=seen.append, on_health=reports.append)
        await monitor.start()
        try:
            await until(lambda: reports and reports[-1].online == reports[-1].watched == COUNT)
            await scenario(simulator, monitor, seen)
        finally:
            await monitor.stop()
            await simulator.stop()
            await asyncio.sleep(0.1)

    asyncio.run(run())


def _of(seen: list[FeedSignal], feed: str, kind: str) -> list[FeedSignal]:
    return [signal for signal in seen if signal.feed_id == feed and signal.kind == kind]


def test_every_kind_of_trouble_is_told_with_its_start_and_end_and_nothing_else_is(tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    expected = {"cam0": ("covered", "covered"), "cam1": ("person", "intrusion")}
    expected |= {"cam2": ("frozen", "freeze"), "cam3": ("lost", "signal_loss")}

    async def scenario(simulator: CameraSimulator, monitor: Monitor, seen: list[FeedSignal]) -> None:
        await until(lambda: monitor.health().looks >= 7 * COUNT)
        for index, (trouble, _) in enumerate(expected.values()):
            simulator.trouble(index, trouble, 12.0)
        for feed, (_, kind) in expected.items():
            await until(lambda feed=feed, kind=kind: len(_of(seen, feed, kind)) == 2)
            start, end = _of(seen, feed, kind)
            assert start.id == end.id and start.ended_at is None and end.ended_at is not None
        alarms = [signal for signal in seen if signal.kind != "motion"]
        assert {(signal.feed_id, signal.kind) for signal in alarms} == {(f, k) for f, (_, k) in expected.items()}
        await until(lambda: set(monitor.health().states.values()) == {"online"})

    _play(scenario, truth)
    rows = [json.loads(line) for line in truth.read_text().splitlines()]
    assert sorted((row["camera"], row["kind"], row["ended_at"] is not None) for row in rows) == sorted(
        (index, trouble, over) for index, (trouble, _) in enumerate(expected.values()) for over in (False, True)
    )


def test_live_pictures_start_with_the_last_key_frame_and_play() -> None:
    async def scenario(simulator: CameraSimulator, monitor: Monitor, seen: list[FeedSignal]) -> None:
        items: list[bytes | dict[str, Any]] = []
        async with aclosing(monitor.live("cam0")) as live:  # type: ignore[type-var]
            async for item in live:
                items.append(item)
                if len(items) == 40:
                    break
        about, *data = items
        assert isinstance(about, dict)
        assert (about["width"], about["height"]) == (384, 288) and about["codec"].startswith("avc1.42")
        assert about["started_at"].endswith("Z")
        with av.open(io.BytesIO(b"".join(part for part in data if isinstance(part, bytes)))) as container:
            times = [float(frame.time or 0) for frame in container.decode(video=0)]
        assert len(times) >= 38 and times[0] == 0 and times == sorted(set(times))
        with pytest.raises(NoFootage):
            await anext(monitor.live("nobody"))

    _play(scenario)


def test_a_clip_reaches_into_the_past_waits_for_its_end_and_brings_stills() -> None:
    async def scenario(simulator: CameraSimulator, monitor: Monitor, seen: list[FeedSignal]) -> None:
        await until(lambda: monitor.health().looks >= 5 * COUNT)
        now = datetime.now(UTC)
        start, end = now - timedelta(seconds=4), now + timedelta(seconds=2)
        clip = await monitor.clip("cam1", start, end)
        assert datetime.now(UTC) >= end
        assert start - timedelta(seconds=2.5) <= clip.start_at <= start and clip.end_at <= end
        assert len(clip.stills) == 6 and all(still[:2] == b"\xff\xd8" for still in clip.stills)
        with av.open(io.BytesIO(clip.mp4)) as container:
            count = sum(1 for _ in container.decode(video=0))
        assert count == round((clip.end_at - clip.start_at).total_seconds() * 15) + 1
        picture = await monitor.picture("cam1")
        assert picture is not None and picture[:2] == b"\xff\xd8"
        with pytest.raises(NoFootage):
            await monitor.clip("nobody", start, now)

    _play(scenario)


def test_killed_children_come_back_with_their_feeds() -> None:
    async def scenario(simulator: CameraSimulator, monitor: Monitor, seen: list[FeedSignal]) -> None:
        for kind in ("lookers", "keepers"):
            before, looks = monitor.pids()[kind], monitor.health().looks
            os.kill(before[0], signals.SIGKILL)
            await until(lambda kind=kind, before=before: monitor.pids()[kind] and monitor.pids()[kind] != before)
            await until(lambda: monitor.health().watched == COUNT)
            if kind == "lookers":
                await until(lambda looks=looks: monitor.health().looks > looks + 2 * COUNT)
        assert monitor.health().restarts >= 2

    _play(scenario)


def test_feeds_can_be_exchanged_and_a_broken_one_disturbs_nobody() -> None:
    async def scenario(simulator: CameraSimulator, monitor: Monitor, seen: list[FeedSignal]) -> None:
        feeds = _feeds(simulator)
        broken = [FeedSpec("nowhere", "rtsp://127.0.0.1:1/x"), FeedSpec("nonsense", "not an address")]
        await monitor.set_feeds([*feeds[:2], *broken])
        await until(lambda: _of(seen, "nowhere", "signal_loss") and _of(seen, "nonsense", "signal_loss"))
        await until(lambda: list(monitor.health().states.values()).count("lost") == 2)
        assert (monitor.health().total, monitor.health().online) == (4, 2)
        await monitor.set_feeds(feeds)
        await until(lambda: monitor.health().online == COUNT)
        assert "nowhere" not in monitor.health().states
        assert all(signal.ended_at is not None for signal in _of(seen, "nowhere", "signal_loss")[1:])

    _play(scenario, keepers=2)
