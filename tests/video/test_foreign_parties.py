"""Our client against a server we did not write, and our simulator against a client we did not write."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest

from tests.video.footage import CACHE, SCENES, until
from video.decode import Decoder, bgr
from video.simulator import CameraSimulator
from video.sources.rtsp import RtspSource, RtspTimes
from video.sources.unit import AccessUnit, decodable

PYTHON = "/usr/bin/python3"
CHECK = "import gi; gi.require_version('GstRtspServer','1.0'); from gi.repository import Gst; Gst.init(None)"
CHECK += "; assert Gst.ElementFactory.find('x264enc') and Gst.ElementFactory.find('rtph264pay')"


def _has_gstreamer() -> bool:
    if not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", CHECK], capture_output=True, check=False).returncode == 0


@contextmanager
def _gstreamer(scheme: str) -> Iterator[int]:
    command = [PYTHON, str(Path(__file__).with_name("gst_server.py")), scheme]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.skipif(
    not _has_gstreamer(), reason="needs Debian's gir1.2-gst-rtsp-server-1.0, python3-gi and gstreamer plugins"
)
@pytest.mark.parametrize("scheme", ["open", "basic", "digest"])
def test_gstreamers_server_is_played_with_every_kind_of_sign_in(scheme: str) -> None:
    async def run(port: int) -> list[AccessUnit]:
        units: list[AccessUnit] = []
        account = "" if scheme == "open" else "admin:pass%20word@"
        times = RtspTimes(retry_first_s=0.1)
        source = RtspSource(f"rtsp://{account}127.0.0.1:{port}/cam", units.append, times=times)
        task = asyncio.create_task(source.run())
        await until(lambda: len(units) > 40)
        assert source.state.counts.bad == source.state.counts.lost == source.state.bad_bytes == 0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return units

    with _gstreamer(scheme) as port:
        units = asyncio.run(run(port))
    key = next(index for index, unit in enumerate(units) if unit.key)
    frame = Decoder().last(decodable(unit) for unit in units[key : key + 10])
    assert frame is not None and bgr(frame).shape == (288, 352, 3)


@pytest.mark.skipif(not _has_gstreamer(), reason="needs Debian's gir1.2-gst-rtsp-server-1.0")
def test_a_wrong_password_is_an_error_with_a_name() -> None:
    async def run(port: int) -> str:
        source = RtspSource(f"rtsp://admin:wrong@127.0.0.1:{port}/cam", lambda unit: None)
        task = asyncio.create_task(source.run())
        await until(lambda: source.state.failures > 0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return source.state.last_error

    with _gstreamer("digest") as port:
        assert asyncio.run(run(port)) == "the camera answered 401 to DESCRIBE"


def test_ffmpegs_client_plays_the_simulator() -> None:
    def play(url: str) -> tuple[int, int, int]:
        with av.open(url, options={"rtsp_transport": "tcp"}, timeout=20) as container:
            for count, frame in enumerate(container.decode(video=0), start=1):
                if count == 40:
                    return frame.width, frame.height, count
        return 0, 0, 0

    async def run() -> tuple[int, int, int]:
        simulator = CameraSimulator(1, cache=CACHE, scenes=SCENES, drawn=True)
        await simulator.start()
        try:
            return await asyncio.to_thread(play, simulator.url(0))
        finally:
            await simulator.stop()

    assert asyncio.run(run()) == (384, 288, 40)
