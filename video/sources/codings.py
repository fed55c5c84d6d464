"""Which depacketizer takes which track, and how a key picture is told in a packet without taking it apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from video.sources.depacketize import OnUnit
from video.sources.h264 import IDR, SPS, ParameterSets
from video.sources.h265 import H265Parameters
from video.sources.h265_rtp import H265Depacketizer
from video.sources.h265_rtp import begins_key as begins_h265_key
from video.sources.jpeg_rtp import JpegDepacketizer, begins_picture
from video.sources.rtp import H264Depacketizer
from video.sources.sdp import Encoding, VideoTrack

_STAP_A, _FU_A = 24, 28


class Depacketizer(Protocol):
    """Takes the RTP packets of one track; whole access units come out on the way."""

    def push(self, data: bytes, start: int, end: int, at: float) -> None:
        """Take the packet `data[start:end]` that arrived at `at` (epoch seconds)."""


def depacketizer_for(track: VideoTrack, on_unit: OnUnit) -> H264Depacketizer | H265Depacketizer | JpegDepacketizer:
    """The depacketizer of a track, with what was announced about it."""
    told = track.parameters
    if track.encoding == "H265":
        return H265Depacketizer(on_unit, told if isinstance(told, H265Parameters) else None)
    if track.encoding == "JPEG":
        return JpegDepacketizer(on_unit, track.size_px)
    return H264Depacketizer(on_unit, told if isinstance(told, ParameterSets) else None)


def begins_h264_key(data: bytes, body: int, end: int) -> bool:
    """Whether the RTP payload `data[body:end]` starts an IDR picture or the parameter sets before it."""
    if end - body < 2:
        return False
    kind = data[body] & 31
    if kind == _FU_A:
        return bool(data[body + 1] & 0x80) and data[body + 1] & 31 == IDR
    if kind == _STAP_A:
        kind = data[body + 3] & 31 if end - body > 3 else 0
    return kind in (IDR, SPS)


BEGINS_KEY: dict[Encoding, Callable[[bytes, int, int], bool]] = {
    "H264": begins_h264_key,
    "H265": begins_h265_key,
    "JPEG": begins_picture,
}
