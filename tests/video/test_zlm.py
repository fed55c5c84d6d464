"""Health of streams from a media server's list, without decoding."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.video.http_server import serving
from tests.video.waiting import until
from tests.video.wvp_server import DEVICE, SECRET, WvpServer, channel_id, media_row
from video.sources.rtsp import SourceError
from video.sources.zlm import DEFAULT_SECRET, StreamHealth, StreamWatch, ZlmServer, readings_of, watch_streams

NAME = f"{DEVICE}_{channel_id(1)}"


def _after(watch: StreamWatch, row: dict[str, object], at: float) -> StreamHealth:
    (health,) = watch.update(readings_of([row], at), at)
    return health


def _settled() -> StreamWatch:
    """A watch that has seen half a minute of a good stream, up to second 30."""
    watch = StreamWatch()
    for second in range(31):
        watch.update(readings_of([media_row(NAME, frames=15 * second, alive_s=second)], second), second)
    return watch


def test_a_real_answer_is_read_over_http() -> None:
    rows = [media_row(NAME, frames=450), media_row(NAME, frames=450), {"app": "rtp", "stream": "sound", "tracks": []}]
    with serving(WvpServer(lambda key: "", media=rows)) as port:
        server = ZlmServer(f"http://127.0.0.1:{port}", SECRET)
        (reading,) = asyncio.run(server.streams())
        assert reading.device_and_channel == (DEVICE, channel_id(1))
        assert (reading.frames, reading.size_px, reading.codec, reading.gop_ms) == (450, (352, 288), "H264", 2000)
        assert server.warnings == []
        shipped = ZlmServer(f"http://127.0.0.1:{port}", DEFAULT_SECRET)
        assert "shipped" in shipped.warnings[0]
        with pytest.raises(SourceError, match="Incorrect secret"):
            asyncio.run(shipped.streams())
    with pytest.raises(SourceError, match="cannot be reached"):
        asyncio.run(server.streams())


def test_a_good_stream_has_no_trouble_and_its_rates_are_told() -> None:
    health = _after(_settled(), media_row(NAME, frames=465, alive_s=31), 31.0)
    assert health.troubles == () and health.frames_per_s == 15.0 and health.bytes_per_s == 20_000


def test_frames_that_do_not_advance_are_a_stall_after_a_moment() -> None:
    watch = _settled()
    told = [_after(watch, media_row(NAME, frames=450, alive_s=second), second).troubles for second in range(31, 36)]
    assert told == [(), (), ("stalled",), ("stalled",), ("stalled",)]


def test_a_collapsed_bit_rate_does_not_become_usual() -> None:
    watch = _settled()
    told = [
        _after(watch, media_row(NAME, frames=15 * second, bytes_speed=1500, alive_s=second), second).troubles
        for second in range(31, 131)
    ]
    assert set(told) == {("thin",)}
    assert _after(watch, media_row(NAME, frames=15 * 131, alive_s=131), 131).troubles == ()


def test_loss_restart_and_another_picture_are_told() -> None:
    watch = _settled()
    assert _after(watch, media_row(NAME, frames=465, alive_s=31, loss=5.0), 31).troubles == ("lossy",)
    assert _after(watch, media_row(NAME, frames=12, alive_s=1), 32).troubles == ("restarted",)
    assert _after(watch, media_row(NAME, frames=27, alive_s=2, width=704), 33).troubles == ("changed",)


def test_a_stream_that_is_gone_is_told_once_and_forgotten() -> None:
    watch = _settled()
    assert [health.troubles for health in watch.update([], 31.0)] == [("gone",)]
    assert watch.update([], 32.0) == []


def test_a_server_is_asked_on_and_on_and_its_silence_is_told() -> None:
    frames = iter(range(450, 10_000, 15))
    told: list[StreamHealth] = []
    errors: list[str] = []

    async def run(server: WvpServer) -> None:
        with serving(lambda request: replace(server, media=[media_row(NAME, frames=next(frames))])(request)) as port:
            zlm = ZlmServer(f"http://127.0.0.1:{port}", SECRET)
            watching = watch_streams(zlm, told.extend, on_error=errors.append, every_s=0.05)
            task = asyncio.create_task(watching)
            await until(lambda: len(told) >= 3)
            assert errors == []
        await until(lambda: errors)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run(WvpServer(lambda key: "")))
    assert told[0].name == f"rtp/{NAME}" and told[0].troubles == () and "cannot be reached" in errors[0]


def test_rows_that_make_no_sense_are_left_out() -> None:
    rows = [None, 5, {}, {"app": "rtp", "stream": "x", "tracks": None}, {"app": "a", "stream": "b", "tracks": [1, {}]}]
    assert readings_of(rows, 1.0) == []
    odd = {"app": "a", "stream": "b", "bytesSpeed": "fast", "tracks": [{"codec_type": 0, "frames": None, "loss": -1}]}
    (reading,) = readings_of([odd], 1.0)
    assert (reading.frames, reading.bytes_per_s, reading.size_px, reading.loss_percent) == (0, 0.0, None, None)
    assert reading.device_and_channel is None
