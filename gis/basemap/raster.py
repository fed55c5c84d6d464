"""A customer's own picture tiles: which address they have, and which of them, shifted, lie under a tile of ours.

Tiles drawn in GCJ-02 or BD-09 lie 300 to 1,200 m off. The shift differs by less than a pixel within one tile, so each
tile of ours is cut out of up to four of theirs, moved by the shift at its own middle. Whole pixels: names stay sharp.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import cv2
import numpy as np
from numpy.typing import NDArray

from gis.datum import wgs84_to_bd09, wgs84_to_gcj02

Picture = NDArray[np.uint8]
TILE_PX = 256
LATEST_LAT = 85.0511
SHIFTS = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}
DATUMS = ("wgs84", "cgcs2000", *SHIFTS)
# Names of the same numbers in addresses of WMTS and of map libraries.
NAMES = {"z": "z", "x": "x", "y": "y", "tilematrix": "z", "tilecol": "x", "tilerow": "y", "level": "z", "col": "x",
         "row": "y", "-y": "-y"}  # fmt: skip
PLACEHOLDER = re.compile(r"\{(-?[A-Za-z]+)\}")


class BadTileAddress(ValueError):
    """The address does not say where in it the numbers of a tile belong."""


@dataclass(frozen=True, slots=True)
class Template:
    """An address of tiles, as `https://…/{z}/{x}/{y}.png`."""

    text: str

    def url(self, z: int, x: int, y: int) -> str:
        values = {"z": z, "x": x, "y": y, "-y": (1 << z) - 1 - y}
        return PLACEHOLDER.sub(lambda found: str(values[NAMES[found[1].lower()]]), self.text)


def template_of(address: str) -> Template:
    """Understand an XYZ template, a RESTful WMTS template, or the key-value address of a WMTS.

    Of the last, `…?service=WMTS&layer=vec&tilematrixset=w` is enough: what GetTile needs besides is added.

    Raises:
        BadTileAddress: it is none of these.
    """
    if urlsplit(address).scheme not in ("http", "https"):
        raise BadTileAddress("it does not begin with http:// or https://")
    names = [NAMES.get(name.lower(), "?") for name in PLACEHOLDER.findall(address)]
    if "?" in names:
        raise BadTileAddress("a placeholder is none of {z} {x} {y} {-y} {TileMatrix} {TileCol} {TileRow}")
    if not names:
        return Template(_key_value(address))
    if not {"z", "x"} <= set(names) or not {"y", "-y"} & set(names):
        raise BadTileAddress("{z}, {x} and {y} are needed")
    return Template(address)


def _key_value(address: str) -> str:
    parts = urlsplit(address)
    query = {key.lower(): value for key, value in parse_qsl(parts.query)}
    if query.get("service", "").lower() != "wmts" or not query.get("layer"):
        raise BadTileAddress("no placeholders, and no service=WMTS&layer=…")
    wanted: Mapping[str, str] = {
        "request": "GetTile", "version": "1.0.0", "style": "default", "format": "image/png", "tilematrixset": "w",
        **query, "tilematrix": "{z}", "tilerow": "{y}", "tilecol": "{x}",
    }  # fmt: skip
    return urlunsplit(parts._replace(query=urlencode(wanted, safe="{}/:")))


@dataclass(frozen=True, slots=True)
class Cut:
    """A tile of ours within tiles of theirs: their columns and rows, and the pixel in the first that is our corner."""

    columns: tuple[int, ...]
    rows: tuple[int, ...]
    left_px: int
    top_px: int


def cut_of(z: int, x: int, y: int, datum: str, size_px: int = TILE_PX) -> Cut:
    """Which tiles of a layer in `datum` lie under our tile, and where it begins in them.

    Args:
        z, x, y: of our tile, WGS84.
        datum: wgs84, cgcs2000, gcj02 or bd09.
        size_px: of theirs.
    """
    if datum not in SHIFTS:
        return Cut((x,), (y,), 0, 0)
    lon, lat = _middle(z, x, y)
    theirs = SHIFTS[datum]([lon, lat])
    to_x, to_y = _world(float(theirs[0]), float(theirs[1]))
    from_x, from_y = _world(lon, lat)
    scale = size_px * 2**z
    left = x * size_px + round((to_x - from_x) * scale)
    top = y * size_px + round((to_y - from_y) * scale)
    columns = tuple(range(left // size_px, (left + size_px - 1) // size_px + 1))
    rows = tuple(range(top // size_px, (top + size_px - 1) // size_px + 1))
    return Cut(columns, rows, left - columns[0] * size_px, top - rows[0] * size_px)


def paste(cut: Cut, pictures: Mapping[tuple[int, int], bytes], size_px: int = TILE_PX) -> bytes | None:
    """Our tile, as PNG, from theirs by (column, row); what is missing is transparent. None if all of it is missing.

    A tile that cannot be decoded, or has another size, counts as missing.
    """
    board: Picture = np.zeros((len(cut.rows) * size_px, len(cut.columns) * size_px, 4), np.uint8)
    any_found = False
    for i, row in enumerate(cut.rows):
        for j, column in enumerate(cut.columns):
            picture = _decoded(pictures.get((column, row)), size_px)
            if picture is not None:
                board[i * size_px : (i + 1) * size_px, j * size_px : (j + 1) * size_px] = picture
                any_found = True
    if not any_found:
        return None
    ours = board[cut.top_px : cut.top_px + size_px, cut.left_px : cut.left_px + size_px]
    return bytes(cv2.imencode(".png", ours)[1].tobytes())


def _decoded(body: bytes | None, size_px: int) -> Picture | None:
    if not body:
        return None
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.shape[:2] != (size_px, size_px):
        return None
    if picture.ndim == 2:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGRA), np.uint8)
    if picture.shape[2] == 3:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA), np.uint8)
    return np.asarray(picture, np.uint8)


def _world(lon: float, lat: float) -> tuple[float, float]:
    """Web Mercator, 0 to 1 from west to east and from north to south."""
    sine = math.sin(math.radians(max(-LATEST_LAT, min(LATEST_LAT, lat))))
    return (lon + 180) / 360, 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)


def _middle(z: int, x: int, y: int) -> tuple[float, float]:
    across, down = (x + 0.5) / 2**z, (y + 0.5) / 2**z
    return across * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))
