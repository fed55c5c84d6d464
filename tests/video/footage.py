"""What video tests share: where footage is kept, real pictures in units, waiting for a moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from video.simulator.coding import FPS, Group, decode, encode
from video.simulator.effects import troubled
from video.simulator.kinds import kind_named
from video.simulator.library import build_library
from video.simulator.packing import PackedUnit
from video.simulator.segments import Variant
from video.simulator.tracks import pack_groups
from video.simulator.walker import drawn_walker
from video.sources.h264 import length_prefixed
from video.sources.unit import AccessUnit

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "footage"
CLIPS = ROOT.parent / "shared" / "data" / "video"
SCENES = 2


@cache
def variants() -> list[Variant]:
    """Two drawn streets, encoded once and kept beside the project."""
    return build_library(CACHE, scenes=SCENES, drawn=True)


@dataclass(frozen=True)
class PackedVariant:
    """The quiet loop of a scene in packets, group by group, under `quiet`."""

    segments: dict[str, list[list[PackedUnit]]]


@cache
def packed_variants() -> list[PackedVariant]:
    return [PackedVariant({"quiet": [_packed(group, variant) for group in variant.quiet]}) for variant in variants()]


def _packed(group: Group, variant: Variant) -> list[PackedUnit]:
    return [unit for unit in pack_groups([group], variant) if unit is not None]


@cache
def segment_of(segment: str, groups: int = 8) -> list[Group]:
    """Groups of a street: `quiet`, or a kind of trouble from the first picture on."""
    variant = variants()[0]
    if segment == "quiet":
        return variant.quiet
    pictures = decode(variant.quiet[:groups], variant.sets)
    made = troubled(kind_named(segment), pictures, 0, seed=1, walk=variant.walk, walker=drawn_walker())
    return encode(made)[1]


def units(segment: str = "quiet", *, groups: int = 3, start: float = 1000.0) -> list[AccessUnit]:
    """Access units of a street as a camera would have sent them, the first at epoch second `start`."""
    variant = variants()[0]
    made: list[AccessUnit] = []
    for group in segment_of(segment)[:groups]:
        for index, nals in enumerate(group):
            count = len(made)
            ticks, at = count * 90_000 // FPS, start + count / FPS
            made.append(AccessUnit(length_prefixed(nals), index == 0, ticks, at, variant.parameters))
    return made


async def until(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    """Wait for something to become true; the limit only ends a test that would never end."""
    stop = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < stop, "it never came true"
        await asyncio.sleep(0.05)
