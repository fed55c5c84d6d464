"""Who watches a feed live: fragments of MP4 where browsers can play the codec, JPEG pictures where they cannot."""

from __future__ import annotations

from typing import Literal

from video.fmp4 import Fragmenter, init_segment
from video.ring import Ring
from video.sources.sdp import VideoTrack
from video.sources.unit import AccessUnit, BadVideo, Parameters
from video.sources.units import UnitMaker
from video.wire import Head

Message = tuple[int, Head, bytes]
# What every browser plays by itself.
PLAYED = frozenset({"h264"})


class Viewer:
    """One live viewer of a feed: is written fragments from the last key frame on."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._fragmenter = Fragmenter()
        self._parameters: Parameters | None = None

    def write(self, units: list[AccessUnit]) -> list[Message]:
        """Messages for units that belong together; a new picture size begins with a new header.

        Raises:
            BadVideo: the parameter sets cannot be read.
        """
        messages: list[Message] = []
        first = units[0]
        if first.key and first.parameters != self._parameters:
            header = init_segment(first.parameters)
            self._parameters, self._fragmenter = first.parameters, Fragmenter()
            messages.append((self.number, {"about": _about(first, first.parameters.codec)}, header))
        if self._parameters is not None:
            messages.append((self.number, {"key": first.key}, self._fragmenter.write(units)))
        return messages

    def show(self, picture: bytes, unit: AccessUnit) -> list[Message]:
        """Messages for one JPEG picture of a unit."""
        if unit.parameters != self._parameters:
            self._parameters = unit.parameters
            return [(self.number, {"about": _about(unit, "jpeg")}, picture)]
        return [(self.number, {"key": True}, picture)]


def _about(unit: AccessUnit, codec: str) -> Head:
    width, height = unit.parameters.size_px
    return {"codec": codec, "width": width, "height": height, "at": unit.at}


class Audience:
    """All viewers of one feed. While there are any, packets are made into units as they come."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._viewers: dict[int, Viewer] = {}
        self._maker: UnitMaker | None = None
        self._new: list[AccessUnit] = []
        self._newest: AccessUnit | None = None

    def __bool__(self) -> bool:
        return bool(self._viewers)

    def join(self, number: int) -> list[Message]:
        """A viewer comes: what he is shown at once.

        Raises:
            BadVideo: the parameter sets cannot be read.
        """
        viewer = self._viewers[number] = Viewer(number)
        units = self._ring.since_last_key()
        if len(self._viewers) == 1 and self._ring.stream is not None:
            self.opened(*self._ring.stream)
            self._prime()
        if not units:
            return []
        self._newest = units[-1]
        if units[0].parameters.family not in PLAYED:
            return viewer.show(units[-1].data, units[-1]) if units[-1].parameters.family == "jpeg" else []
        return viewer.write(units)

    def _prime(self) -> None:
        """Let the maker know what came since the key frame, which the viewer has been shown already."""
        for data, at in self._ring.newest_pieces():
            self.packets(data, at)
        self._new.clear()

    def leave(self, number: int) -> None:
        self._viewers.pop(number, None)
        if not self._viewers:
            self._maker, self._newest = None, None
            self._new.clear()

    def opened(self, track: VideoTrack, channel: int) -> None:
        """A stream begins."""
        if self._viewers:
            self._maker = UnitMaker(track, channel, self._new.append)

    def packets(self, data: bytes, at: float) -> None:
        """Packets of the stream; what they were made into waits for `take`."""
        if self._maker is not None:
            self._maker.take(data, at)

    def unit(self, unit: AccessUnit) -> None:
        """A whole picture."""
        self._new.append(unit)

    def take(self) -> tuple[list[Message], Literal["", "still"]]:
        """What to tell the viewers now, and whether they need a still of the newest picture instead."""
        units, self._new[:] = list(self._new), []
        if not units:
            return [], ""
        self._newest = units[-1]
        family = units[-1].parameters.family
        if family == "jpeg":
            return self.show(units[-1].data), ""
        if family not in PLAYED:
            return [], "still"
        messages: list[Message] = []
        for run in _runs(units):
            for viewer in self._viewers.values():
                try:
                    messages += viewer.write(run)
                except BadVideo:
                    continue
        return messages, ""

    def show(self, picture: bytes) -> list[Message]:
        """A JPEG of the newest picture for everybody."""
        if self._newest is None:
            return []
        return [message for viewer in self._viewers.values() for message in viewer.show(picture, self._newest)]


def _runs(units: list[AccessUnit]) -> list[list[AccessUnit]]:
    """Units cut before each key frame: a fragment may only begin with one."""
    runs: list[list[AccessUnit]] = []
    for unit in units:
        if unit.key or not runs:
            runs.append([])
        runs[-1].append(unit)
    return runs
