"""Decoded pictures: (height, width, 3) uint8 in BGR order, or (height, width) uint8 luma."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def shrunk(picture: Picture, size_px: tuple[int, int]) -> Picture:
    """The picture at (width, height) by area averaging."""
    return cast(Picture, cv2.resize(picture, size_px, interpolation=cv2.INTER_AREA))


def jpeg(picture: Picture, quality: int = 82) -> bytes:
    """The picture as a JPEG file."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()
