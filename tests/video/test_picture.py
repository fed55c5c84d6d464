"""Pictures made small: for detectors, and in colour for the mosaic."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest

from video.decode import TILE_WIDTH_PX, tile
from video.picture import averaged, shrunk


@pytest.mark.parametrize("size_px", [(384, 288), (352, 288), (704, 576), (1280, 720), (133, 77)])
def test_luma_of_any_size_is_averaged_as_opencv_averages_it(size_px: tuple[int, int]) -> None:
    width, height = size_px
    noise = np.random.default_rng(1).integers(0, 256, (height, width + 32), np.uint8)
    # Rows of a decoded plane are longer than the picture.
    luma = cv2.blur(noise, (3, 3))[:, :width]
    small = averaged(luma, (64, 48))
    assert small.shape == (48, 64) and small.flags.c_contiguous
    assert np.abs(small.astype(int) - shrunk(luma, (64, 48))).max() <= 1


@pytest.mark.parametrize("form", ["yuv420p", "yuvj420p", "gray"])
def test_a_tile_is_small_and_has_the_colours_of_the_picture(form: str) -> None:
    colour = (40, 90, 200) if form != "gray" else (120, 120, 120)
    frame = av.VideoFrame.from_ndarray(np.full((288, 352, 3), colour, np.uint8), format="bgr24").reformat(format=form)
    picture = cv2.imdecode(np.frombuffer(tile(frame), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None and picture.shape == (TILE_WIDTH_PX * 288 // 352, TILE_WIDTH_PX, 3)
    assert np.abs(picture.mean(axis=(0, 1)) - colour).max() < 6
