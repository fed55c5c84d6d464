"""Compressed pictures to pixels. Only ever called in a child process: a damaged stream may take its process with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import av
import numpy as np
from av.error import FFmpegError
from av.video.plane import VideoPlane

from video.detect.look import LOOK_WIDTH_PX, Planes
from video.picture import Picture, jpeg, scaled
from video.sources.jpeg import picture_size_px, reduction
from video.sources.unit import BadVideo

_CODECS = {"h264": "h264", "h265": "hevc", "jpeg": "mjpeg"}
# Planes of these formats are what they seem: 8 bits of luma first, colour behind it.
_PLANAR = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"})
_LUMA_FIRST = _PLANAR | {"nv12", "gray"}
TILE_WIDTH_PX, TILE_QUALITY = 128, 70


class Decoder:
    """One decoder a codec for any mix of feeds and sizes: every run of pictures starts with a key frame.

    Args:
        quick: leave out the smoothing of block edges, which takes a sixth of the time and no detector misses.
    """

    def __init__(self, *, quick: bool = False) -> None:
        self._quick = quick
        self._codecs: dict[str, av.VideoCodecContext] = {}

    def _codec(self, family: str, halvings: int = 0) -> av.VideoCodecContext:
        name = f"{family}{halvings}"
        codec = self._codecs.get(name)
        if codec is None:
            options = {"skip_loop_filter": "all"} if self._quick else {}
            codec = self._codecs[name] = _opened(family, {**options, **({"lowres": str(halvings)} if halvings else {})})
        return codec

    def _halvings(self, family: str, units: list[bytes]) -> int:
        """How often a JPEG may be halved while it is decoded: a detector needs no more than its own width."""
        if not self._quick or family != "jpeg" or not units:
            return 0
        try:
            return reduction(picture_size_px(units[-1]), LOOK_WIDTH_PX).bit_length() - 1
        except BadVideo:
            return 0

    def last(self, units: list[bytes], family: str = "h264") -> av.VideoFrame | None:
        """The last picture of a run of units, the first of which is a key frame; None when it cannot be had.

        Args:
            units: as `decodable` makes them.
            family: `h264`, `h265` or `jpeg`.
        """
        codec = self._codec(family, self._halvings(family, units))
        try:
            if family == "h264" and len(units) == 1:
                return self._single(codec, units[0])
            frame: av.VideoFrame | None = None
            for unit in units:
                for decoded in codec.decode(av.Packet(unit)):
                    frame = decoded
            return _drained(codec) or frame
        except FFmpegError:
            self._codecs.clear()
            return None

    def _single(self, codec: av.VideoCodecContext, unit: bytes) -> av.VideoFrame | None:
        """A key frame alone. One that comes at once leaves nothing behind that the next could show, and a decoder that
        is not flushed need not make its tables anew. Only a damaged one takes from pictures before it what it lacks,
        and leaves its errors to the next, even to a decoder that is flushed: it gets one of its own."""
        decoded = codec.decode(av.Packet(unit))
        if decoded and decoded[-1].is_corrupt:
            self._codecs.clear()
            decoded = self._codec("h264").decode(av.Packet(unit))
            self._codecs.clear()
        return decoded[-1] if decoded else _drained(codec)


class Group:
    """One group of pictures, decoded finely while it grows: each picture once, however often one looks at the group."""

    def __init__(self, family: str = "h264") -> None:
        self._family, self._codec = family, _opened(family, {})
        self._ends = b"", b""
        self._damaged = False
        # So many pictures are decoded.
        self.done = 0

    def restart(self, family: str) -> bool:
        """Be ready for another group, which saves a millisecond; False when a new decoder must be made for it."""
        self._codec.flush_buffers()
        self.done = 0
        return family == self._family and not self._damaged

    def goes_on_with(self, units: Sequence[bytes]) -> bool:
        """Whether the units of a group are those decoded here, and perhaps more."""
        return 0 < self.done <= len(units) and (units[0], units[self.done - 1]) == self._ends

    def more(self, units: Sequence[bytes]) -> Iterator[av.VideoFrame | None]:
        """One picture for each unit that is new, None where there is none; ends where decoding fails."""
        for unit in units[self.done :]:
            try:
                decoded = self._codec.decode(av.Packet(unit))
            except FFmpegError:
                self.done, self._damaged = 0, True
                return
            self.done, self._ends = self.done + 1, (units[0], unit)
            self._damaged = self._damaged or any(frame.is_corrupt for frame in decoded)
            yield decoded[-1] if decoded else None


def _opened(family: str, options: dict[str, str]) -> av.VideoCodecContext:
    codec = av.CodecContext.create(_CODECS[family], "r")
    assert isinstance(codec, av.VideoCodecContext)
    codec.thread_count = 1
    codec.options = {"flags": "low_delay", **options}
    return codec


def _drained(codec: av.VideoCodecContext) -> av.VideoFrame | None:
    """The last picture that still waits in a decoder, which forgets all: the next run is of another feed."""
    waiting = codec.decode(None)
    codec.flush_buffers()
    return waiting[-1] if waiting else None


def planes_of(frame: av.VideoFrame) -> Planes:
    """The planes of a frame as they were coded, without a copy."""
    if frame.format.name not in _PLANAR:
        return Planes(luma(frame), None, None)
    y, u, v = frame.planes
    return Planes(_pixels(y), _pixels(u), _pixels(v))


def luma(frame: av.VideoFrame) -> Picture:
    """The luma plane of a frame, (height, width) uint8."""
    if frame.format.name not in _LUMA_FIRST:
        frame = frame.reformat(format="gray")
    return _pixels(frame.planes[0])


def _pixels(plane: VideoPlane) -> Picture:
    rows: Picture = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def bgr(frame: av.VideoFrame) -> Picture:
    """The frame in colour, (height, width, 3) uint8, BGR."""
    return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def tile(frame: av.VideoFrame) -> bytes:
    """The frame for the mosaic: small, in colour, a JPEG file."""
    size_px = TILE_WIDTH_PX, max(8, TILE_WIDTH_PX * frame.height // frame.width)
    return jpeg(np.asarray(scaled(frame, size_px, "bgr24").to_ndarray(), np.uint8), TILE_QUALITY)
