"""Files as feeds: handed on as they are where that can be, coded anew otherwise, and none of them can hurt us."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from bench.corpus import gradient
from tests.video.waiting import play
from video.sources.driver import open_source
from video.sources.file import path_of
from video.sources.rtsp import RtspState, RtspTimes, SourceError
from video.sources.unit import AccessUnit, decodable

CLIPS = Path(__file__).resolve().parents[3] / "shared" / "data" / "video"
QUICK = RtspTimes(retry_first_s=0.05, retry_longest_s=0.2)
_DECODERS = {"h264": "h264", "h265": "hevc", "jpeg": "mjpeg"}


def write_clip(
    path: Path, codec: str, *, count: int = 10, b_pictures: int = 0, size_px: tuple[int, int] = (176, 144)
) -> Path:
    """A clip at 10 pictures a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, 10)
        if codec == "libx264":
            stream.options = {"g": "5", "bf": str(b_pictures), "preset": "ultrafast"}
        if codec == "libx265":
            stream.options = {"x265-params": "keyint=5:bframes=0:log-level=none:pools=none", "preset": "ultrafast"}
        stream.codec_context.gop_size = 5
        for index in range(count):
            frame = av.VideoFrame.from_ndarray(gradient(*size_px, index * 3), format="gray")
            frame = frame.reformat(format=stream.pix_fmt)
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _watch(url: str, *, count: int = 0, failures: int = 0) -> tuple[list[AccessUnit], RtspState]:
    units: list[AccessUnit] = []

    async def run() -> RtspState:
        source = open_source(url, units.append, gate=asyncio.Semaphore(1), times=QUICK)
        await play(source, lambda: len(units) >= count and source.state.failures >= failures)
        return source.state

    return units, asyncio.run(run())


def _decoded(units: list[AccessUnit]) -> list[np.ndarray]:
    codec = av.CodecContext.create(_DECODERS[units[0].parameters.family], "r")
    assert isinstance(codec, av.VideoCodecContext)
    frames = [frame for unit in units for frame in codec.decode(av.Packet(decodable(unit)))]
    return [frame.to_ndarray(format="gray") for frame in [*frames, *codec.decode(None)]]


@pytest.mark.parametrize(
    ("codec", "name", "family"),
    [
        ("libx264", "a.mp4", "h264"),
        ("libx265", "a.mkv", "h265"),
        ("mjpeg", "a.avi", "jpeg"),
        ("mpeg4", "a b.avi", "h264"),
    ],
)
def test_a_file_is_played_round_after_round_on_one_time_line(
    tmp_path: Path, codec: str, name: str, family: str
) -> None:
    path = write_clip(tmp_path / name, codec)
    units, state = _watch(path.as_uri(), count=14)
    assert state.playing is False and state.opened == 1 and state.last_error == ""
    assert units[0].key and units[0].parameters.family == family and units[0].parameters.size_px == (176, 144)
    assert [unit.ticks - units[0].ticks for unit in units[:10]] == [9000 * index for index in range(10)]
    ticks = [unit.ticks for unit in units]
    assert ticks == sorted(set(ticks))
    # The second round starts with the picture with which the first one started.
    pictures = _decoded(units[:14])
    assert len(pictures) == 14
    assert abs(pictures[10].astype(int) - gradient(176, 144, 0)).mean() < 12


def test_a_file_with_b_pictures_is_coded_anew_in_the_order_in_which_it_is_seen(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "b.mp4", "libx264", count=20, b_pictures=3)
    units, _ = _watch(f"file:{path}", count=20)
    for index, picture in enumerate(_decoded(units[:20])):
        assert abs(picture.astype(int) - gradient(176, 144, index * 3)).mean() < 12


def test_a_damaged_file_costs_its_reader_at_most_and_is_tried_again(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "c.mp4", "libx264")
    data = bytearray(path.read_bytes())
    data[200:-400] = bytes(len(data) - 600)
    (tmp_path / "broken.mp4").write_bytes(data)
    _, state = _watch((tmp_path / "broken.mp4").as_uri(), failures=2)
    assert state.last_error and not state.playing


@pytest.mark.parametrize("text", ["", "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n"])
def test_what_is_no_video_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.m3u8"
    path.write_text(text)
    _, state = _watch(path.as_uri(), failures=2)
    assert state.last_error


@pytest.mark.skipif(not CLIPS.exists(), reason="needs the clips beside the project")
def test_the_clip_that_kills_opencv_is_played() -> None:
    units, _ = _watch((CLIPS / "robustness/uncompressed_48x48_crashes_cv2.avi").as_uri(), count=10)
    assert units[0].parameters.size_px == (48, 48) and len(_decoded(units[:10])) == 10


def test_a_file_that_is_missing_and_addresses_of_other_machines_are_refused() -> None:
    _, state = _watch("file:///nowhere/a.mp4", failures=1)
    assert "No such file" in state.last_error
    assert path_of("file:clips/a%20b.mp4") == "clips/a b.mp4" and path_of("file://localhost/a.mp4") == "/a.mp4"
    for url in ("file://server/share/a.mp4", "file:", "http:/a"):
        with pytest.raises(SourceError):
            path_of(url)
