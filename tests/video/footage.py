"""What video tests share: where footage is kept, real pictures in units, waiting for a moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from video.simulator.camera import PackedVariant, pack_variant
from video.simulator.library import build_library
from video.simulator.segments import FPS, Variant, still_units
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


@cache
def packed_variants() -> list[PackedVariant]:
    still = still_units()
    return [pack_variant(variant, still) for variant in variants()]


def units(segment: str = "quiet", *, groups: int = 3, start: float = 1000.0) -> list[AccessUnit]:
    """Access units of a street as a camera would have sent them, the first at epoch second `start`."""
    variant = variants()[0]
    made: list[AccessUnit] = []
    for group in variant.segments[segment][:groups]:
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
