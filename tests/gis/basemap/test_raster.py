"""Tiles of a customer's own service: their addresses, and how they are cut when they are drawn in GCJ-02 or BD-09."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.basemap.raster import TILE_PX, BadTileAddress, cut_of, paste, template_of
from gis.datum import wgs84_to_bd09, wgs84_to_gcj02
from gis.metric import distance_m

SHIFT = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("http://maps.lan/{z}/{x}/{y}.png", "http://maps.lan/5/3/9.png"),
        ("http://maps.lan/tms/{z}/{x}/{-y}.png?tk=secret", "http://maps.lan/tms/5/3/22.png?tk=secret"),
        ("http://maps.lan/rest/{TileMatrix}/{TileRow}/{TileCol}", "http://maps.lan/rest/5/9/3"),
        (
            "https://t0.maps.lan/vec_w/wmts?SERVICE=WMTS&LAYER=vec&tk=secret",
            "https://t0.maps.lan/vec_w/wmts?request=GetTile&version=1.0.0&style=default&format=image/png"
            "&tilematrixset=w&service=WMTS&layer=vec&tk=secret&tilematrix=5&tilerow=9&tilecol=3",
        ),
    ],
)
def test_an_address_is_filled_in(address: str, wanted: str) -> None:
    assert template_of(address).url(5, 3, 9) == wanted


@pytest.mark.parametrize(
    "address", ["maps.lan/{z}/{x}/{y}", "http://maps.lan/{z}/{x}", "http://maps.lan/", "http://m/{q}/{x}/{y}"]
)
def test_an_address_without_its_numbers_is_refused(address: str) -> None:
    with pytest.raises(BadTileAddress):
        template_of(address)


def lonlat_at(px: float, py: float, z: int) -> tuple[float, float]:
    """The place at a pixel of the whole world's picture."""
    size = TILE_PX * 2.0**z
    return px / size * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * py / size))))


@given(st.floats(98.0, 122.0), st.floats(22.0, 42.0), st.integers(9, 18), st.sampled_from(["gcj02", "bd09"]))
def test_a_place_lies_within_a_pixel_and_within_a_metre_where_pixels_are_that_small(
    lon: float, lat: float, z: int, datum: str
) -> None:
    n = 2**z
    sine = math.sin(math.radians(lat))
    x, y = int((lon + 180) / 360 * n), int((0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)) * n)
    cut = cut_of(z, x, y, datum)
    middle = lonlat_at((x + 0.5) * TILE_PX, (y + 0.5) * TILE_PX, z)
    shown = lonlat_at(
        cut.columns[0] * TILE_PX + cut.left_px + TILE_PX / 2, cut.rows[0] * TILE_PX + cut.top_px + TILE_PX / 2, z
    )
    off_m = distance_m(SHIFT[datum](middle), shown)
    pixel_m = 40_075_017 * math.cos(math.radians(lat)) / (TILE_PX * n)
    assert off_m <= pixel_m * 0.75
    assert z < 17 or off_m < 1.0


def test_four_tiles_are_pasted_where_they_belong_and_a_missing_one_is_clear() -> None:
    z, x, y = 16, 54_500, 26_000
    cut = cut_of(z, x, y, "gcj02")
    assert len(cut.columns) == len(cut.rows) == 2
    pictures = {}
    for row in cut.rows:
        for column in cut.columns:
            # Blue tells the column, green the row of every pixel.
            across, down = np.meshgrid(np.arange(TILE_PX), np.arange(TILE_PX))
            tile = np.stack([across, down, np.full_like(across, (column + row) % 200)], axis=-1).astype(np.uint8)
            pictures[column, row] = cv2.imencode(".png", tile)[1].tobytes()
    missing = (cut.columns[1], cut.rows[1])
    del pictures[missing]
    ours = paste(cut, pictures)
    assert ours is not None
    seen = cv2.imdecode(np.frombuffer(ours, np.uint8), cv2.IMREAD_UNCHANGED)
    assert tuple(seen[0, 0][:2]) == (cut.left_px, cut.top_px)
    assert seen[0, 0, 3] == 255 and seen[-1, -1, 3] == 0
    assert paste(cut, {}) is None and paste(cut, {missing: b"<html>no picture</html>"}) is None
