"""Recorders and switches: which cameras hang together, and the paths under which they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

CAMERAS_PER_RECORDER = 32
RECORDERS_PER_SWITCH = 4


@dataclass(frozen=True, slots=True)
class Recorder:
    """A recorder with the cameras `first` to `first + count - 1`, on its channels from 1 on."""

    index: int
    first: int
    count: int

    @property
    def id(self) -> str:
        return f"NVR{self.index + 1:03d}"

    @property
    def switch(self) -> str:
        return f"SW{self.index // RECORDERS_PER_SWITCH + 1:02d}"

    @property
    def cameras(self) -> range:
        return range(self.first, self.first + self.count)


def recorders_of(count: int, sizes: Sequence[int] = ()) -> list[Recorder]:
    """Recorders for `count` cameras: of the given sizes as far as they reach, then of 32 cameras each.

    Raises:
        ValueError: a recorder without cameras.
    """
    made: list[Recorder] = []
    first = 0
    while first < count:
        size = sizes[len(made)] if len(made) < len(sizes) else CAMERAS_PER_RECORDER
        if size < 1:
            raise ValueError("a recorder has at least one camera")
        made.append(Recorder(len(made), first, min(size, count - first)))
        first += size
    return made


def number_in(url: str, name: str) -> int | None:
    """The number (from 1) behind `/camera/`, `/channel/` or `/recorder/` in an address."""
    parts = urlsplit(url).path.strip("/").split("/")
    if len(parts) < 2 or parts[0] != name or not parts[1].isdecimal() or len(parts[1]) > 9:
        return None
    return int(parts[1])
