"""A fleet as it is in a town: other codings, cameras that lie, and what the monitor tells beside signals."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np

from tests.video.footage import CACHE, SCENES, until
from video.feed import STRIKES
from video.model import FeedSignal, FeedSpec, HealthReport, Tile
from video.monitor import Monitor
from video.simulator import CameraSimulator
from video.simulator.mix import EVEN, Mix

Scenario = Callable[[CameraSimulator, Monitor], Awaitable[None]]


def _play(scenario: Scenario, mix: Mix, count: int, **options: Any) -> None:
    async def run() -> None:
        simulator = CameraSimulator(count, cache=CACHE, scenes=SCENES, drawn=True, mix=mix)
        await simulator.start()
        feeds = [FeedSpec(f"cam{index}", simulator.url(index)) for index in range(count)]
        told: list[FeedSignal] = []
        reports: list[HealthReport] = []
        monitor = Monitor(feeds, on_signal=told.append, on_health=reports.append, **options)
        await monitor.start()
        try:
            await until(lambda: reports and reports[-1].online == count)
            await scenario(simulator, monitor)
        finally:
            await monitor.stop()
            await simulator.stop()
            await asyncio.sleep(0.1)

    asyncio.run(run())


def test_cameras_of_every_coding_are_looked_at_and_shown() -> None:
    mix = replace(EVEN, h265=0.34, jpeg=0.33, long=0.33)
    codings = {index: mix.coding(index).family for index in range(6)}
    assert set(codings.values()) == {"h264", "h265", "jpeg"}

    async def scenario(simulator: CameraSimulator, monitor: Monitor) -> None:
        await until(lambda: monitor.health().watched == len(codings))
        for index, family in codings.items():
            picture = await monitor.picture(f"cam{index}")
            assert picture is not None
            assert cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR).shape[:2] == (288, 384)
            if family != "h264":
                # What a browser cannot play comes as pictures.
                await _shows_pictures(monitor, f"cam{index}")

    _play(scenario, mix, len(codings))


async def _shows_pictures(monitor: Monitor, feed: str) -> None:
    items: list[bytes | dict[str, Any]] = []
    async with aclosing(monitor.live(feed)) as live:  # type: ignore[type-var]
        async for item in live:
            items.append(item)
            if len(items) == 4:
                break
    about, *pictures = items
    assert isinstance(about, dict)
    assert (about["codec"], about["width"], about["height"]) == ("jpeg", 384, 288)
    assert all(isinstance(picture, bytes) and picture[:2] == b"\xff\xd8" for picture in pictures)


def test_cameras_that_lie_about_the_time_or_lose_packets_are_watched_like_others() -> None:
    async def scenario(simulator: CameraSimulator, monitor: Monitor) -> None:
        await until(lambda: monitor.health().looks >= 6 * 4 and monitor.health().watched == 4)

    _play(scenario, replace(EVEN, lying=0.5, flaky=0.5), 4)


def test_small_pictures_come_while_the_mosaic_is_wanted_and_only_then() -> None:
    tiles: list[Tile] = []

    async def scenario(simulator: CameraSimulator, monitor: Monitor) -> None:
        await until(lambda: monitor.health().looks >= 4)
        assert tiles == []
        monitor.set_mosaic(True)
        await until(lambda: {tile.feed_id for tile in tiles} == {"cam0", "cam1"})
        picture = cv2.imdecode(np.frombuffer(tiles[-1].jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == (96, 128, 3) and abs(tiles[-1].at - time.time()) < 60
        monitor.set_mosaic(False)
        await asyncio.sleep(2.5)
        count, looks = len(tiles), monitor.health().looks
        await until(lambda: monitor.health().looks > looks + 2)
        assert len(tiles) == count

    _play(scenario, EVEN, 2, on_tiles=tiles.extend)


def test_a_feed_that_keeps_killing_its_looker_is_named_and_set_aside() -> None:
    async def die_over_its_clip(monitor: Monitor) -> None:
        """The looker is killed while it is at the stills of a clip, which take it a good part of a second."""
        looker, restarts = monitor.pids()["lookers"][0], monitor.health().restarts
        os.kill(looker, signal.SIGSTOP)
        now = datetime.now(UTC)
        clip = asyncio.create_task(monitor.clip("cam0", now - timedelta(seconds=12), now - timedelta(seconds=1)))
        await asyncio.sleep(1.0)
        os.kill(looker, signal.SIGCONT)
        await asyncio.sleep(0.02)
        os.kill(looker, signal.SIGKILL)
        await until(lambda: monitor.health().restarts > restarts and monitor.pids()["lookers"] != [looker])
        await asyncio.gather(clip, return_exceptions=True)

    async def scenario(simulator: CameraSimulator, monitor: Monitor) -> None:
        await until(lambda: monitor.health().looks >= 8)
        while monitor.killers["cam0"] < STRIKES:
            await die_over_its_clip(monitor)
        await until(lambda: monitor.health().quarantined == ("cam0",))

    _play(scenario, EVEN, 1)


def test_what_was_learned_goes_out_with_deep_looks_and_comes_back_in() -> None:
    memories: dict[str, dict[str, Any]] = {}

    async def scenario(simulator: CameraSimulator, monitor: Monitor) -> None:
        await until(lambda: memories, timeout_s=90)
        assert "blind" in memories["cam0"]

    _play(scenario, EVEN, 1, on_memory=memories.__setitem__, deep_every_s=4.0)
    known = dict(memories)
    memories.clear()
    _play(scenario, EVEN, 1, on_memory=memories.__setitem__, memories=known, deep_every_s=4.0)
    # What was known is not learned anew: it has only grown.
    assert known["cam0"].keys() == memories["cam0"].keys()
