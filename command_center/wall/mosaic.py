"""The mosaic: the newest small picture of every camera, for pages that show them all at once.

A picture matters only while it is fresh: one per camera is kept, a page gets what changed since it last looked, and
what it was too slow for is skipped and counted.
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from command_center.wall.frames import framed_binary

# Bundles are sent a few times a second, and cut so that a fact never waits long behind pictures.
TICK_S = 0.25
FRAME_BYTES = 192 * 1024
ID_BYTES = 20
_ROW = struct.Struct(f"!{ID_BYTES}sdI")


class Tile(Protocol):
    """A small JPEG picture of a camera and when it arrived, in epoch seconds."""

    @property
    def feed_id(self) -> str: ...
    @property
    def at(self) -> float: ...
    @property
    def jpeg(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """The newest picture of one camera as it goes over the wire.

    Attributes:
        row: camera id (20 bytes ASCII, padded with zeros), epoch milliseconds (float64), length (uint32), JPEG; big
            endian.
        turn: grows with every picture taken in, of whichever camera.
        count: how many pictures of this camera were taken in so far.
    """

    camera_id: str
    area: str
    at: float
    row: bytes
    turn: int
    count: int


class Mosaic:
    """Keeps the newest picture of every camera and asks for pictures only while somebody looks.

    Lives in the event loop. `on_wanted` is called with True when the first page looks and with False after the last.

    Args:
        area_of_camera: area code of a camera; a camera without one is shown to nobody.
    """

    def __init__(self, area_of_camera: Callable[[str], str | None] | None) -> None:
        self._area_of_camera = area_of_camera
        # In order of arrival: a new picture moves its camera to the end.
        self._shown: dict[str, Shown] = {}
        self._turn = 0
        self._told = False
        self.on_wanted: Callable[[bool], None] | None = None
        self.published = 0
        self.viewers = 0
        self.skipped = 0

    def take(self, tiles: Iterable[Tile]) -> None:
        """Take pictures in; one that is older than the known one of its camera is left out."""
        for tile in tiles:
            known = self._shown.get(tile.feed_id)
            area = known.area if known else self._area(tile.feed_id)
            if area is None or (known is not None and known.at >= tile.at):
                continue
            self._turn += 1
            self._shown.pop(tile.feed_id, None)
            count = known.count + 1 if known else 1
            self._shown[tile.feed_id] = Shown(tile.feed_id, area, tile.at, packed(tile), self._turn, count)

    def publish(self) -> bool:
        """One tick: what was taken in by now may be sent; whether there is anything new."""
        grown, self.published = self._turn > self.published, self._turn
        return grown

    def since(self, turn: int) -> list[Shown]:
        """Cameras whose published picture is newer than `turn`, the oldest picture first."""
        found: list[Shown] = []
        for shown in reversed(self._shown.values()):
            if shown.turn <= turn:
                break
            if shown.turn <= self.published:
                found.append(shown)
        found.reverse()
        return found

    def look(self, sees: Callable[[str], bool], cameras: frozenset[str]) -> "Look":
        """A page starts to look at the cameras of the areas it sees, or at these of them."""
        self.viewers += 1
        self._tell()
        return Look(self, sees, cameras)

    def look_away(self, skipped: int) -> None:
        """A page has had enough."""
        self.viewers -= 1
        self.skipped += skipped
        self._tell()

    def wire(self, on_wanted: Callable[[bool], None]) -> None:
        """Say who delivers pictures; asked at once if somebody looks already."""
        self.on_wanted = on_wanted
        self._told = False
        self._tell()

    def _tell(self) -> None:
        wanted = self.viewers > 0
        if self.on_wanted is not None and wanted != self._told:
            self._told = wanted
            self.on_wanted(wanted)

    def _area(self, camera_id: str) -> str | None:
        return self._area_of_camera(camera_id) if self._area_of_camera is not None else None


class Look:
    """How far one page has been shown the mosaic; it holds numbers, never pictures."""

    def __init__(self, mosaic: Mosaic, sees: Callable[[str], bool], cameras: frozenset[str]) -> None:
        self._mosaic = mosaic
        self._sees = sees
        self._cameras = cameras
        self._turn = 0
        self._counts: dict[str, int] = {}
        self.skipped = 0

    def take(self, most_bytes: int = FRAME_BYTES) -> bytes | None:
        """A binary WebSocket frame with what is new for this page, None when nothing is. Call again until None."""
        rows: list[bytes] = []
        size = 0
        for shown in self._mosaic.since(self._turn):
            if rows and size + len(shown.row) > most_bytes:
                break
            self._turn = shown.turn
            if self._shows(shown):
                self._count(shown)
                rows.append(shown.row)
                size += len(shown.row)
        return framed_binary(b"".join(rows)) if rows else None

    def close(self) -> None:
        self._mosaic.look_away(self.skipped)

    def _shows(self, shown: Shown) -> bool:
        return self._sees(shown.area) and (not self._cameras or shown.camera_id in self._cameras)

    def _count(self, shown: Shown) -> None:
        seen = self._counts.get(shown.camera_id)
        if seen is not None:
            self.skipped += shown.count - seen - 1
        self._counts[shown.camera_id] = shown.count


def packed(tile: Tile) -> bytes:
    """One picture as it goes over the wire, laid out as `Shown.row` says."""
    return _ROW.pack(tile.feed_id.encode("ascii")[:ID_BYTES], tile.at * 1000, len(tile.jpeg)) + tile.jpeg


def unpacked(payload: bytes) -> list[tuple[str, float, bytes]]:
    """Camera id, epoch milliseconds and JPEG of each picture in a message: what a page does with it.

    Raises:
        ValueError: the message breaks off.
    """
    found: list[tuple[str, float, bytes]] = []
    at = 0
    while at < len(payload):
        if at + _ROW.size > len(payload):
            raise ValueError("the message breaks off in a head")
        name, at_ms, length = _ROW.unpack_from(payload, at)
        start = at + _ROW.size
        at = start + length
        if at > len(payload):
            raise ValueError("the message breaks off in a picture")
        found.append((name.rstrip(b"\0").decode("ascii"), at_ms, payload[start:at]))
    return found
