"""The scenes a simulator has: made once with progress, kept in a cache folder, shared by all its cameras."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache as once
from itertools import islice
from pathlib import Path

from video.picture import Picture
from video.simulator.drawn import DrawnStreet
from video.simulator.footage import Say, find_clips, find_vtest
from video.simulator.scenes import (
    CROSSING_FRAMES,
    LOOP_FRAMES,
    VTEST_VIEWS,
    Clip,
    View,
    covered_pictures,
    prepare_clip,
    prepare_vtest,
    view_pictures,
    with_person,
)
from video.simulator.segments import FPS, GOP_FRAMES, Variant, encode, load, save
from video.simulator.walker import Walker, drawn_walker

# Part of every cache name: raise it when pictures or encoder settings change.
CACHE_VERSION = 5
DRAWN_STREETS = ((1, "day"), (2, "dusk"))
MORE_DRAWN_STREETS = ((3, "overcast"), (4, "day"), (6, "day"), (7, "dusk"), (8, "overcast"), (9, "day"))
CLIP_VIEWS = (View(""), View("", mirror=True, light="dusk"), View("", crop=(0.0, 0.25, 0.75, 0.75), light="overcast"))


def build_library(
    cache: Path,
    *,
    clips: Path | None = None,
    scenes: int | None = None,
    drawn: bool = False,
    say: Say = lambda text: None,
) -> list[Variant]:
    """All variants, from the cache where they are kept already.

    Args:
        cache: folder for downloaded and encoded footage; made when missing.
        clips: folder of own clips (mp4, avi, mkv, mov) instead of vtest.avi and drawn streets.
        scenes: only the first so many scenes, None for all.
        drawn: no footage at all, only drawn streets; nothing is downloaded.
        say: told about progress, one line at a time.

    Raises:
        ValueError: `clips` holds no clip that can be read.
    """
    cache.mkdir(parents=True, exist_ok=True)
    if clips is not None:
        recipes = [recipe for path in find_clips(clips) for recipe in _clip_recipes(path)]
    else:
        vtest = None if drawn else find_vtest(cache, say)
        recipes = [*(_vtest_recipes(vtest) if vtest else ()), *_drawn_recipes(vtest is not None)]

    for path in cache.glob("scene-*.bin"):
        if not path.stem.endswith(f"-v{CACHE_VERSION}"):
            path.unlink()

    def made(recipe: Recipe) -> Path:
        path = cache / f"scene-{recipe[0]}-v{CACHE_VERSION}.bin"
        if not path.exists():
            save(recipe[1](), path)
            say(f"footage: scene {recipe[0]} is ready")
        return path

    # Encoder and OpenCV let go of the interpreter lock: threads use all cores.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return [load(path) for path in pool.map(made, recipes[:scenes])]


Recipe = tuple[str, Callable[[], Variant]]


def _vtest_recipes(path: Path) -> Iterator[Recipe]:
    clip = once(lambda: prepare_vtest(path))
    for index, view in enumerate(VTEST_VIEWS, start=1):
        yield f"vtest-{index}", lambda view=view: _footage_variant(clip(), view, view.name)  # type: ignore[misc]


def _clip_recipes(path: Path) -> Iterator[Recipe]:
    mark = hashlib.sha256(f"{path.name} {path.stat().st_size}".encode()).hexdigest()[:10]
    for index, view in enumerate(CLIP_VIEWS, start=1):
        name = f"{path.stem} {index}"
        yield f"clip-{mark}-{index}", lambda view=view, name=name: _footage_variant(prepare_clip(path), view, name)  # type: ignore[misc]


def _drawn_recipes(beside_footage: bool) -> Iterator[Recipe]:
    for seed, light in DRAWN_STREETS if beside_footage else DRAWN_STREETS + MORE_DRAWN_STREETS:
        yield f"street-{seed}", lambda seed=seed, light=light: _drawn_variant(seed, light)  # type: ignore[misc]


def _footage_variant(clip: Clip, view: View, name: str) -> Variant:
    walker: Walker = clip.walker or drawn_walker()
    parameters, quiet = encode(view_pictures(clip, view, LOOP_FRAMES))
    first = next(view_pictures(clip, view, 1))
    zone = view.polygon(clip.zone) if clip.zone else ()
    variant = Variant(name, parameters, zone, {"quiet": quiet})
    _, variant.segments["covered"] = encode(covered_pictures(first, 2 * GOP_FRAMES))
    if zone:
        crossing = with_person(clip, view, walker, view_pictures(clip, view, CROSSING_FRAMES))
        _, variant.segments["person"] = encode(crossing)
    return variant


def _drawn_variant(seed: int, light: str) -> Variant:
    street = DrawnStreet(seed, light=light, loop_s=LOOP_FRAMES / FPS)

    def pictures(person: bool) -> Iterator[Picture]:
        for index in range(LOOP_FRAMES):
            yield street.picture(index / FPS, index / CROSSING_FRAMES if person else None)

    parameters, quiet = encode(pictures(False))
    variant = Variant(f"街道{seed}", parameters, street.zone, {"quiet": quiet})
    _, variant.segments["person"] = encode(islice(pictures(True), CROSSING_FRAMES))
    _, variant.segments["covered"] = encode(covered_pictures(street.picture(0.0), 2 * GOP_FRAMES))
    return variant
