"""Pictures in, groups of coded pictures out and back: H.264, H.265 or JPEG with the settings of a cheap camera.

Every group starts with a picture that needs nothing before it, and all groups of one coding are made with the same
settings, so a camera may go from any group to any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice

import av
import cv2
import numpy as np

from video.picture import Picture
from video.simulator.drawn import HEIGHT_PX, WIDTH_PX
from video.sources.h264 import IDR, PPS, SLICE, SPS, split_annexb
from video.sources.unit import START_CODE, Family

FPS = 15
GOP_FRAMES = 30
BITRATE = 160_000
JPEG_QUALITY = 45
_H265_SETS = (32, 33, 34)
_H265_PICTURES = 32

Unit = tuple[bytes, ...]
Group = list[Unit]


@dataclass(frozen=True, slots=True)
class Coding:
    """How a camera codes: `gop_frames` pictures from key frame to key frame, every `every`-th of 15 a second sent."""

    family: Family = "h264"
    gop_frames: int = GOP_FRAMES
    every: int = 1

    @property
    def name(self) -> str:
        """As `h264-30`: part of the names of what is kept."""
        return f"{self.family}-{self.gop_frames}"


PLAIN = Coding()


class GroupEncoder:
    """Encodes BGR pictures of 384x288 into groups of access units; `rate` multiplies the bit rate."""

    def __init__(self, coding: Coding = PLAIN, rate: float = 1.0) -> None:
        self._coding = coding
        self._codec = _codec(coding, rate) if coding.family != "jpeg" else None
        self._units: list[Unit] = []
        self._count = 0
        self.sets: tuple[bytes, ...] = ()

    def add(self, picture: Picture) -> None:
        self._count += 1
        if self._codec is None:
            _, data = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
            self._units.append((data.tobytes(),))
            return
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = self._count
        for packet in self._codec.encode(frame):
            self._take(bytes(packet))

    def _take(self, data: bytes) -> None:
        nals = split_annexb(data)
        sets, pictures = (_h264_parts if self._coding.family == "h264" else _h265_parts)(nals)
        self.sets = sets or self.sets
        self._units.append(pictures)

    def groups(self) -> list[Group]:
        """What was encoded, in whole groups; a rest too short for one is left out."""
        for packet in self._codec.encode(None) if self._codec is not None else ():
            self._take(bytes(packet))
        size = self._coding.gop_frames
        whole = len(self._units) // size * size
        return [self._units[at : at + size] for at in range(0, whole, size)]


def _codec(coding: Coding, rate: float) -> av.VideoCodecContext:
    codec = av.CodecContext.create("libx264" if coding.family == "h264" else "libx265", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height = WIDTH_PX, HEIGHT_PX
    codec.pix_fmt = "yuv420p"
    codec.time_base = Fraction(1, FPS)
    codec.framerate = Fraction(FPS)
    codec.bit_rate = round(BITRATE * rate)
    size = coding.gop_frames
    common = f"keyint={size}:min-keyint={size}:scenecut=0:bframes=0:ref=1"
    # A camera with long groups may spend more on each key frame; the rate over time stays.
    limits = f"vbv-maxrate={round(220 * rate)}:vbv-bufsize={round(320 * max(rate, size / GOP_FRAMES))}"
    if coding.family == "h264":
        own = f"weightp=0:level=21:threads=1:sliced-threads=0:{limits}"
        codec.options = {
            "preset": "veryfast",
            "tune": "zerolatency",
            "profile": "baseline",
            "x264-params": f"{common}:{own}",
        }
    else:
        own = f"open-gop=0:weightp=0:repeat-headers=1:pools=none:frame-threads=1:info=0:log-level=none:{limits}"
        codec.options = {"preset": "ultrafast", "tune": "zerolatency", "x265-params": f"{common}:{own}"}
    return codec


def _h264_parts(nals: Sequence[bytes]) -> tuple[tuple[bytes, ...], Unit]:
    sets = tuple(nal for nal in nals if nal[0] & 31 in (SPS, PPS))
    return sets, tuple(nal for nal in nals if nal[0] & 31 in (SLICE, IDR))


def _h265_parts(nals: Sequence[bytes]) -> tuple[tuple[bytes, ...], Unit]:
    kinds = [(nal[0] >> 1 & 63, nal) for nal in nals]
    return tuple(nal for kind, nal in kinds if kind in _H265_SETS), tuple(
        nal for kind, nal in kinds if kind < _H265_PICTURES
    )


def encode(
    pictures: Iterable[Picture], coding: Coding = PLAIN, rate: float = 1.0
) -> tuple[tuple[bytes, ...], list[Group]]:
    """Encode a whole stretch: its parameter sets (none for JPEG) and its groups.

    Raises:
        ValueError: there are fewer pictures than one group needs.
    """
    encoder = GroupEncoder(coding, rate)
    # The first group is sent twice and its first turn thrown away: rate control starts out stingy, and a key frame
    # blurred by it looks to any detector like a changed scene.
    coming = iter(pictures)
    first = list(islice(coming, coding.gop_frames))
    for picture in chain(first, first, coming):
        encoder.add(picture)
    groups = encoder.groups()[1:]
    if not groups:
        raise ValueError("too little footage for one group of pictures")
    return encoder.sets, groups


def decode(groups: Iterable[Group], sets: Sequence[bytes], coding: Coding = PLAIN) -> Iterator[Picture]:
    """The pictures of some groups again, BGR."""
    if coding.family == "jpeg":
        for group in groups:
            picture = cv2.imdecode(np.frombuffer(group[0][0], np.uint8), cv2.IMREAD_COLOR)
            yield np.asarray(picture, np.uint8)
        return
    codec = av.CodecContext.create("hevc" if coding.family == "h265" else "h264", "r")
    assert isinstance(codec, av.VideoCodecContext)
    codec.thread_count = 1
    for group in groups:
        for at, unit in enumerate(group):
            nals = (*sets, *unit) if at == 0 else unit
            packet = av.Packet(b"".join(START_CODE + nal for nal in nals))
            for frame in codec.decode(packet):
                yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    for frame in codec.decode(None):
        yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
