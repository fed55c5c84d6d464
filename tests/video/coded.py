"""Pictures that real encoders wrote, for tests of H.265 and JPEG."""

from __future__ import annotations

from functools import cache

import av
import numpy as np

from video.sources import h265
from video.sources.h264 import split_annexb
from video.sources.h265 import H265Parameters, nal_kind


@cache
def h265_pieces(width: int = 352, height: int = 288, count: int = 12, key_every: int = 4) -> tuple[bytes, ...]:
    """Pictures of a moving gradient, each one Annex B piece as libx265 wrote it; parameter sets in every key frame."""
    codec = av.CodecContext.create("libx265", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x265-params": f"keyint={key_every}:min-keyint={key_every}:scenecut=0:bframes=0:repeat-headers=1:info=0:"
        "log-level=none:pools=none:frame-threads=1",
    }
    row = np.arange(width, dtype=np.uint16)[None, :] + np.arange(height, dtype=np.uint16)[:, None]
    pieces: list[bytes] = []
    for index in range(count):
        frame = av.VideoFrame.from_ndarray(((row + index * 9) % 256).astype(np.uint8), format="gray")
        frame = frame.reformat(format="yuv420p")
        frame.pts = index
        pieces += [bytes(packet) for packet in codec.encode(frame)]
    return tuple(pieces + [bytes(packet) for packet in codec.encode(None)])


def parameters_of(piece: bytes) -> H265Parameters:
    sets = {nal_kind(nal[0]): nal for nal in split_annexb(piece)}
    return H265Parameters(sets[h265.VPS], sets[h265.SPS], sets[h265.PPS])
