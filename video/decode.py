"""Compressed pictures to pixels. Only ever called in a child process: a damaged stream may take its process with it."""

from __future__ import annotations

from collections.abc import Iterable

import av
import numpy as np
from av.error import FFmpegError

from video.picture import Picture


class Decoder:
    """One H.264 decoder for any mix of feeds and sizes: every run of pictures starts with a key frame."""

    def __init__(self) -> None:
        self._codec = self._made()

    @staticmethod
    def _made() -> av.VideoCodecContext:
        codec = av.CodecContext.create("h264", "r")
        assert isinstance(codec, av.VideoCodecContext)
        codec.thread_count = 1
        return codec

    def last(self, units: Iterable[bytes]) -> av.VideoFrame | None:
        """The last picture of a run of Annex B units, the first of which is a key frame; None when it cannot be had."""
        frame: av.VideoFrame | None = None
        try:
            for unit in units:
                for decoded in self._codec.decode(av.Packet(unit)):
                    frame = decoded
            for decoded in self._codec.decode(None):
                frame = decoded
            self._codec.flush_buffers()
        except FFmpegError:
            self._codec = self._made()
            return None
        return frame


def luma(frame: av.VideoFrame) -> Picture:
    """The luma plane of a frame, (height, width) uint8."""
    if frame.format.name not in ("yuv420p", "yuvj420p", "nv12", "gray", "yuv422p", "yuvj422p", "yuv444p"):
        frame = frame.reformat(format="gray")
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return np.asarray(rows[:, : plane.width])


def bgr(frame: av.VideoFrame) -> Picture:
    """The frame in colour, (height, width, 3) uint8, BGR."""
    return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
