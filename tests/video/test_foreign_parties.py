"""Our client against servers that we did not write, and our simulator against a client that we did not write."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager

import av
import pytest

from tests.video import foreign_servers as foreign
from tests.video.footage import CACHE, SCENES
from tests.video.waiting import play
from video.simulator import CameraSimulator
from video.sources.driver import open_source
from video.sources.rtsp import RtspState, RtspTimes
from video.sources.unit import AccessUnit, decodable

QUICK = RtspTimes(retry_first_s=0.1)
ENOUGH = 12
_DECODERS = {"h264": "h264", "h265": "hevc", "jpeg": "mjpeg"}


def _played(server: AbstractContextManager[str], path: str, account: str = "") -> tuple[list[AccessUnit], RtspState]:
    """The first pictures of a stream, and what the source said while it played."""
    units: list[AccessUnit] = []

    async def run(address: str) -> RtspState:
        gate = asyncio.Semaphore(1)
        source = open_source(f"rtsp://{account}{address}{path}", units.append, gate=gate, times=QUICK)
        await play(source, lambda: len(units) >= ENOUGH)
        return source.state

    with server as address:
        return units, asyncio.run(run(address))


def _check(units: list[AccessUnit], family: str) -> None:
    """They start with a key picture, say what they are, grow in time, and a decoder takes every one of them."""
    parameters = units[0].parameters
    assert units[0].key and (parameters.family, parameters.size_px) == (family, (352, 288))
    ticks = [unit.ticks for unit in units]
    assert ticks == sorted(set(ticks))
    codec = av.CodecContext.create(_DECODERS[family], "r")
    assert isinstance(codec, av.VideoCodecContext)
    frames = [frame for unit in units for frame in codec.decode(av.Packet(decodable(unit)))]
    frames += codec.decode(None)
    assert len(frames) == len(units)
    assert all((frame.width, frame.height) == (352, 288) for frame in frames)


@pytest.mark.parametrize("transport", ["any", "udp"])
@pytest.mark.parametrize(
    ("scheme", "coding"),
    [("open", "h264"), ("basic", "h264"), ("digest", "h264"), ("digest", "h265"), ("open", "jpeg")],
)
def test_gstreamers_server_is_played_whatever_coding_and_sign_in(scheme: str, coding: str, transport: str) -> None:
    if why := foreign.without_gstreamer(coding):
        pytest.skip(why)
    account = "" if scheme == "open" else "admin:pass%20word@"
    units, state = _played(foreign.gstreamer(scheme, coding, transport), "/cam", account)
    _check(units, coding)
    assert state.failures == 0 and state.counts.bad == 0
    assert state.counts.lost == 0 or transport == "udp"


@pytest.mark.skipif(bool(foreign.without_vlc()), reason=foreign.without_vlc())
def test_vlcs_server_is_played_which_offers_udp_only() -> None:
    # It listens before its stream is there, so the first try may be in vain.
    units, _ = _played(foreign.vlc(), "/cam")
    _check(units, "h264")


@pytest.mark.skipif(bool(foreign.without_toolkit()), reason=foreign.without_toolkit())
def test_a_file_server_from_the_registry_is_played_which_has_sound_too() -> None:
    units, state = _played(foreign.toolkit(), "/clip.mp4?play_count=0")
    _check(units, "h265")
    assert state.failures == state.counts.bad == state.counts.lost == 0


def test_a_wrong_password_is_an_error_with_a_name() -> None:
    if why := foreign.without_gstreamer():
        pytest.skip(why)

    async def run(address: str) -> str:
        source = open_source(f"rtsp://admin:wrong@{address}/cam", lambda unit: None, times=QUICK)
        await play(source, lambda: source.state.failures > 0)
        return source.state.last_error

    with foreign.gstreamer("digest") as address:
        assert asyncio.run(run(address)) == "the camera answered 401 to DESCRIBE"


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
