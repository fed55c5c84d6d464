from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from tests.video.footage import CACHE, SCENES, until
from video.simulator import CameraSimulator
from video.sources.auth import Credentials
from video.sources.rtsp import RtspSource, RtspTimes, SourceError
from video.sources.sdp import NoVideo, control_url, video_track
from video.sources.unit import AccessUnit

QUICK = RtspTimes(
    connect_timeout_s=2, answer_timeout_s=2, silence_timeout_s=1.5, retry_first_s=0.1, retry_longest_s=0.5
)


def test_digest_answers_as_the_example_of_the_standard_does() -> None:
    # RFC 2617 section 3.5 without qop, by hand: response = MD5(MD5(A1):nonce:MD5(A2)).
    credentials = Credentials("Mufasa", "Circle Of Life")
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    assert credentials.take_challenge([challenge])
    header = credentials.header("GET", "/dir/index.html")
    assert header is not None and 'response="670fd8c2df070c60b045671b8b24ff02"' in header


def test_digest_is_preferred_to_basic_and_unknown_schemes_are_refused() -> None:
    credentials = Credentials("admin", "a:b")
    assert credentials.header("PLAY", "rtsp://c") is None
    assert credentials.take_challenge(['Basic realm="c"', 'Digest realm="c", nonce="1", qop="auth"'])
    assert "nc=00000001" in str(credentials.header("PLAY", "rtsp://c"))
    assert not Credentials("a", "b").take_challenge(["Bearer x"])
    assert credentials.take_challenge(['Basic realm="c"'])
    assert credentials.header("PLAY", "rtsp://c") == "Basic YWRtaW46YTpi"


def test_a_description_without_h264_is_refused_and_control_addresses_are_joined() -> None:
    with pytest.raises(NoVideo):
        video_track("v=0\r\nm=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n")
    assert control_url("rtsp://a/b/", "track1") == "rtsp://a/b/track1"
    assert control_url("rtsp://a/b", "rtsp://a/c") == "rtsp://a/c"
    assert control_url("rtsp://a/b", "*") == "rtsp://a/b"


def test_an_address_that_is_no_camera_is_refused() -> None:
    with pytest.raises(SourceError):
        RtspSource("http://127.0.0.1/", lambda unit: None)


def _play(scenario: Any) -> None:
    """Run a scenario against a simulator of three cameras."""

    async def run() -> None:
        simulator = CameraSimulator(3, cache=CACHE, scenes=SCENES, drawn=True)
        await simulator.start()
        try:
            await scenario(simulator)
        finally:
            await simulator.stop()
            await asyncio.sleep(0)

    asyncio.run(run())


def test_a_source_plays_and_comes_back_after_the_camera_was_lost() -> None:
    async def scenario(simulator: CameraSimulator) -> None:
        units: list[AccessUnit] = []
        source = RtspSource(simulator.url(0), units.append, times=QUICK)
        task = asyncio.create_task(source.run())
        await until(lambda: len(units) > 20)
        assert units[0].key and units[0].parameters.size_px == (384, 288)
        simulator.trouble(0, "lost", 3.0)
        await until(lambda: not source.state.playing)
        await until(lambda: "503" in source.state.last_error)
        seen = len(units)
        await until(lambda: len(units) > seen + 5)
        assert source.state.opened == 2
        assert source.state.counts.lost == source.state.counts.bad == 0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    _play(scenario)


def test_a_camera_that_does_not_exist_is_named_in_the_error() -> None:
    async def scenario(simulator: CameraSimulator) -> None:
        source = RtspSource(simulator.url(8), lambda unit: None, times=QUICK)
        task = asyncio.create_task(source.run())
        await until(lambda: source.state.failures > 1)
        assert source.state.last_error == "the camera answered 404 to DESCRIBE"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    _play(scenario)


def test_a_server_that_talks_nonsense_is_left_and_tried_again() -> None:
    async def run() -> None:
        async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(random.Random(3).randbytes(5000) + b"RTSP/1.0 abc\r\nCSeq: 1\r\n\r\n")
            await reader.read(10)
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        source = RtspSource(f"rtsp://127.0.0.1:{port}/x", lambda unit: None, times=QUICK)
        task = asyncio.create_task(source.run())
        await until(lambda: source.state.failures >= 3)
        assert source.state.last_error and not source.state.playing
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()
        await server.wait_closed()

    asyncio.run(run())
