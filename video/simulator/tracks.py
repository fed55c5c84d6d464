"""Tracks and films: what a camera sends, picture by picture, ready packed and shared by all that show the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from video.simulator.coding import Group
from video.simulator.packing import PackedUnit, pack
from video.simulator.packing_h265 import pack_h265
from video.simulator.packing_jpeg import pack_jpeg
from video.simulator.segments import Variant

# One place per tick of 1/15 s; None where a camera of a lower rate sends nothing.
Ticks = list[PackedUnit | None]


def pack_groups(groups: Iterable[Group], variant: Variant) -> Ticks:
    """Packetise groups coded as `variant` is, one place per tick."""
    gap: Ticks = [None] * (variant.coding.every - 1)
    ticks: Ticks = []
    for group in groups:
        for at, unit in enumerate(group):
            ticks += [_packed(unit, variant, key=at == 0), *gap]
    return ticks


def _packed(unit: tuple[bytes, ...], variant: Variant, *, key: bool) -> PackedUnit:
    match variant.coding.family:
        case "h264":
            return pack(unit, variant.parameters if key else None)
        case "h265":
            return pack_h265(unit, variant.sets if key else ())
        case _:
            return pack_jpeg(unit[0])


@dataclass(eq=False)
class Track:
    """A scene's quiet loop in one coding."""

    variant: Variant
    loop: Ticks

    @property
    def cut(self) -> int:
        """Ticks from key frame to key frame."""
        return self.variant.coding.gop_frames * self.variant.coding.every


def pack_track(variant: Variant) -> Track:
    return Track(variant, pack_groups(variant.quiet, variant))


@dataclass(eq=False)
class Film:
    """Trouble on a track: takes the place of the quiet loop from its tick `place` on, which is a key frame.

    Pictures before `first` are quiet still, so that trouble begins within a group as it does in life; `told` is the
    tick at which it is said to have begun (a person is in the zone), `repeat` the one to go on from when trouble
    lasts longer than the film.
    """

    units: Ticks
    place: int
    first: int
    told: int
    repeat: int
