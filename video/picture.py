"""Decoded pictures: (height, width, 3) uint8 in BGR order, or (height, width) uint8 luma."""

from __future__ import annotations

from typing import cast

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
# A scaler for each pair of sizes is made once; towns have few of them.
_MOST_SCALERS = 64
_scalers: dict[tuple[object, ...], VideoReformatter] = {}


def shrunk(picture: Picture, size_px: tuple[int, int]) -> Picture:
    """The picture at (width, height) by area averaging."""
    return cast(Picture, cv2.resize(picture, size_px, interpolation=cv2.INTER_AREA))


def averaged(luma: Picture, size_px: tuple[int, int]) -> Picture:
    """Luma (height, width) uint8 at (width, height) by area averaging, for large pictures and any ratio.

    OpenCV is fast only where a picture is halved; elsewhere libswscale gives the same within one level in a fifth to a
    fifteenth of the time.
    """
    height, width = luma.shape
    if (width, height) == (2 * size_px[0], 2 * size_px[1]):
        return shrunk(luma, size_px)
    frame = scaled(av.VideoFrame.from_numpy_buffer(luma, format="gray"), size_px, "gray")
    plane = frame.planes[0]
    rows: Picture = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width].copy()


def scaled(frame: av.VideoFrame, size_px: tuple[int, int], form: str) -> av.VideoFrame:
    """A frame at (width, height) by area averaging, in another pixel format."""
    wanted = (frame.width, frame.height, frame.format.name, *size_px, form)
    scaler = _scalers.get(wanted)
    if scaler is None:
        if len(_scalers) >= _MOST_SCALERS:
            _scalers.clear()
        scaler = _scalers[wanted] = VideoReformatter()
    width, height = size_px
    return scaler.reformat(frame, width, height, form, interpolation=Interpolation.AREA, threads=1)


def jpeg(picture: Picture, quality: int = 82) -> bytes:
    """The picture as a JPEG file."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()
