"""Every way in through the whole engine: keeper and looker processes hold, look at, show and cut them all alike."""

from __future__ import annotations

import asyncio
import io
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av

from bench.corpus import jpeg_pieces
from tests.video.footage import CACHE, SCENES
from tests.video.http_server import Answer, Request, serving
from tests.video.test_file_source import write_clip
from tests.video.waiting import until
from tests.video.wvp_server import KEY, WvpServer
from video.model import FeedSpec, HealthReport
from video.monitor import Monitor
from video.simulator import CameraSimulator


def _pictures(request: Request) -> Answer:
    """A picture that changes every second."""
    return Answer(body=jpeg_pieces(count=12)[int(datetime.now(UTC).timestamp()) % 12])


def test_files_pictures_and_platform_channels_are_watched_shown_and_cut_like_any_camera(tmp_path: Path) -> None:
    h265 = write_clip(tmp_path / "a.mkv", "libx265", count=20)
    mpeg4 = write_clip(tmp_path / "b.avi", "mpeg4", count=20)

    async def run(simulator: CameraSimulator, picture_port: int, platform_port: int) -> None:
        feeds = {
            "rtsp": simulator.url(0),
            "h265": h265.as_uri(),
            "mpeg4": mpeg4.as_uri(),
            "picture": f"http://127.0.0.1:{picture_port}/snap.jpg#every=0.5",
            "platform": f"wvp://:{KEY}@127.0.0.1:{platform_port}/1",
        }
        reports: list[HealthReport] = []
        specs = [FeedSpec(name, url) for name, url in feeds.items()]
        monitor = Monitor(specs, on_signal=lambda signal: None, on_health=reports.append)
        await monitor.start()
        try:
            await until(lambda: reports and reports[-1].online == reports[-1].watched == len(feeds))
            await until(lambda: monitor.health().looks >= 2 * len(feeds))
            for name in feeds:
                async with aclosing(monitor.live(name)) as live:  # type: ignore[type-var]
                    about, first = await anext(live), await anext(live)
                assert isinstance(about, dict) and isinstance(first, bytes)
                assert about["codec"].startswith("avc1") == (name in ("rtsp", "mpeg4", "platform"))
                now = datetime.now(UTC)
                clip = await monitor.clip(name, now - timedelta(seconds=2), now)
                with av.open(io.BytesIO(clip.mp4)) as container:
                    assert len(list(container.decode(video=0))) >= 2
        finally:
            await monitor.stop()

    async def with_simulator(picture_port: int) -> None:
        simulator = CameraSimulator(2, cache=CACHE, scenes=SCENES, drawn=True)
        await simulator.start()
        try:
            with serving(WvpServer(lambda key: simulator.url(1))) as platform_port:
                await run(simulator, picture_port, platform_port)
        finally:
            await simulator.stop()
            await asyncio.sleep(0.1)

    with serving(_pictures) as picture_port:
        asyncio.run(with_simulator(picture_port))
