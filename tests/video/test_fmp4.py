from __future__ import annotations

import io
from pathlib import Path

import av
import pytest

from bench.corpus import gradient, h265_pieces, jpeg_pieces, packets_of
from tests.video.footage import units
from video.fmp4 import Fragmenter, clip_mp4, durations, init_segment
from video.sources.h264 import ParameterSets
from video.sources.h265_rtp import H265Depacketizer
from video.sources.jpeg_rtp import JpegDepacketizer
from video.sources.unit import AccessUnit


def _times(data: bytes) -> list[float]:
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.width, stream.codec_context.height) == (384, 288)
        return [round(float(frame.time or 0), 4) for frame in container.decode(stream)]


def test_a_clip_plays_whole_with_even_times_and_can_be_sought() -> None:
    made = units(groups=3)
    data = clip_mp4(made)
    assert _times(data) == [round(index / 15, 4) for index in range(90)]
    with av.open(io.BytesIO(data)) as container:
        assert container.duration == 6_000_000
        container.seek(4_100_000)
        assert float(next(container.decode(video=0)).time or 0) == 4.0
    assert data.index(b"moov") < data.index(b"mdat")


def test_live_fragments_play_from_the_first_key_frame_on() -> None:
    made = units(groups=2)
    fragmenter = Fragmenter()
    data = init_segment(made[0].parameters) + fragmenter.write(made[:20])
    data += b"".join(fragmenter.write([unit]) for unit in made[20:])
    assert _times(data) == [round(index / 15, 4) for index in range(60)]


def test_a_camera_that_lies_about_its_time_still_gives_a_growing_time_line() -> None:
    made = units(groups=1)
    for index, unit in enumerate(made):
        unit.ticks = [10**9, 5, 5, 7 * 10**8][index % 4]
    fragmenter = Fragmenter()
    data = init_segment(made[0].parameters) + b"".join(fragmenter.write([unit]) for unit in made)
    times = _times(data)
    assert len(times) == 30 and times == sorted(set(times))
    assert all(0 < step <= 450_000 for step in durations(made))


def test_a_clip_must_start_with_a_key_frame() -> None:
    made: list[AccessUnit] = units(groups=1)
    with pytest.raises(ValueError, match="key frame"):
        clip_mp4(made[1:])
    with pytest.raises(ValueError, match="key frame"):
        clip_mp4([])


def _coded(family: str) -> list[AccessUnit]:
    """Pictures as a camera sends them, 15 a second."""
    made: list[AccessUnit] = []
    depacketizer = H265Depacketizer(made.append) if family == "h265" else JpegDepacketizer(made.append)
    pieces = h265_pieces() if family == "h265" else jpeg_pieces(count=12)
    for packet in packets_of("hevc" if family == "h265" else "mjpeg", pieces):
        depacketizer.push(packet, 0, len(packet), 1.0)
    return made


@pytest.mark.parametrize(("family", "tag", "decoder"), [("h265", "hvc1", "hevc"), ("jpeg", "mp4v", "mjpeg")])
def test_clips_of_other_codings_play_whole_and_show_the_same_pictures(family: str, tag: str, decoder: str) -> None:
    with av.open(io.BytesIO(clip_mp4(_coded(family)))) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.codec_tag, context.name, context.width, context.height) == (tag, decoder, 352, 288)
        frames = list(container.decode(stream))
    assert [round(float(frame.time or 0), 4) for frame in frames] == [round(index / 15, 4) for index in range(12)]
    for index, frame in enumerate(frames):
        assert abs(frame.to_ndarray(format="gray").astype(int) - gradient(352, 288, index)).mean() < 12


def test_live_fragments_of_h265_play() -> None:
    made, fragmenter = _coded("h265"), Fragmenter()
    data = init_segment(made[0].parameters) + b"".join(fragmenter.write([unit]) for unit in made)
    with av.open(io.BytesIO(data)) as container:
        assert len(list(container.decode(video=0))) == 12


def test_a_high_profile_clip_is_described_as_ffmpeg_describes_it(tmp_path: Path) -> None:
    path = tmp_path / "high.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 352, 288, "yuv420p"
        stream.options = {"profile": "high", "bf": "0"}
        for index in range(10):
            frame = av.VideoFrame.from_ndarray(gradient(352, 288, index), format="gray").reformat(format="yuv420p")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    described = _box_of(path.read_bytes(), b"avcC")
    sps_length = int.from_bytes(described[6:8], "big")
    sps = described[8 : 8 + sps_length]
    pps = described[11 + sps_length : -4]
    assert _box_of(init_segment(ParameterSets(sps, pps)), b"avcC") == described


def _box_of(data: bytes, kind: bytes) -> bytes:
    at = data.index(kind)
    return data[at + 4 : at - 4 + int.from_bytes(data[at - 4 : at], "big")]
