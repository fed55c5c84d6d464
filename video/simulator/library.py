"""The scenes a simulator has: made once with progress, kept in a cache folder, shared by all its cameras."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from video.picture import Picture
from video.simulator.clips import Stretch, read_stretch, stretches, zone_of
from video.simulator.coding import FPS, GOP_FRAMES, PLAIN, Coding, decode, encode
from video.simulator.drawn import DrawnStreet
from video.simulator.footage import Say, find_clips, find_vtest
from video.simulator.gait import has_walker, keep_walker
from video.simulator.scenes import (
    STRETCH_FRAMES,
    VTEST_LAWN,
    VTEST_VIEWS,
    View,
    cut_walker,
    there_and_back,
    view_pictures,
    vtest_walk,
)
from video.simulator.segments import Variant, load, save
from video.simulator.tracks import Track, pack_track

# Part of every cache name: raise it when pictures or encoder settings change.
CACHE_VERSION = 6
DRAWN_STREETS = ((1, "day"), (2, "dusk"))
MORE_DRAWN_STREETS = ((3, "overcast"), (4, "day"), (6, "day"), (7, "dusk"), (8, "overcast"), (9, "day"))
DRAWN_LOOP_FRAMES = 16 * GOP_FRAMES
# Rare codings show only so many of the scenes: each scene in each coding has to be encoded.
_SCENES_OF_RARE_CODINGS = 2

Recipe = tuple[str, Callable[[], Variant]]


class Library:
    """Tracks by scene and coding."""

    def __init__(self, tracks: dict[tuple[int, Coding], Track], scenes: int) -> None:
        self._tracks, self.scenes = tracks, scenes

    def track(self, scene: int, coding: Coding) -> Track:
        """The track of a scene; in a rare coding that of one of the few scenes it is there for."""
        return self._tracks[_shown(scene, coding, self.scenes), coding]


def open_library(
    cache: Path,
    *,
    clips: Path | None = None,
    scenes: int | None = None,
    drawn: bool = False,
    codings: Set[Coding] = frozenset((PLAIN,)),
    say: Say = lambda text: None,
) -> Library:
    """All scenes in all wanted codings, from the cache where they are kept already.

    Args:
        cache: folder for downloaded and encoded footage; made when missing.
        clips: folder of own clips (mp4, avi, mkv, mov) instead of vtest.avi and drawn streets.
        scenes: only the first so many scenes, None for all.
        drawn: no footage at all, only drawn streets; nothing is downloaded.
        codings: codings that cameras use.
        say: told about progress, one line at a time.

    Raises:
        ValueError: `clips` holds no clip that can be read.
    """
    with _alone(cache):
        return _open(cache, clips, scenes, drawn, codings, say)


def _open(cache: Path, clips: Path | None, scenes: int | None, drawn: bool, codings: Set[Coding], say: Say) -> Library:
    masters = _build(cache, clips, scenes, drawn, say)
    many = len(masters)
    wanted = {(scene, PLAIN) for scene in range(many)} if PLAIN in codings else set()
    wanted |= {(_shown(scene, coding, many), coding) for coding in codings - {PLAIN} for scene in range(many)}

    def track(one: tuple[int, Coding]) -> Track:
        return pack_track(_recoded(cache, masters[one[0]], one[1], say))

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return Library(dict(zip(wanted, pool.map(track, wanted), strict=True)), many)


def _shown(scene: int, coding: Coding, many: int) -> int:
    return scene if coding == PLAIN else scene % min(many, _SCENES_OF_RARE_CODINGS)


def build_library(
    cache: Path,
    *,
    clips: Path | None = None,
    scenes: int | None = None,
    drawn: bool = False,
    say: Say = lambda text: None,
) -> list[Variant]:
    """All scenes as H.264, from the cache where they are kept already; arguments as for `open_library`."""
    with _alone(cache):
        return _build(cache, clips, scenes, drawn, say)


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Processes that share a cache fill it one after the other: the first fetches and encodes, the others find it."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "footage.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(cache: Path, clips: Path | None, scenes: int | None, drawn: bool, say: Say) -> list[Variant]:
    if clips is not None:
        recipes = [(stretch.key, _clip_recipe(stretch)) for stretch in stretches(find_clips(clips), say)]
    else:
        vtest = None if drawn else find_vtest(cache, say)
        recipes = [*(_vtest_recipes(cache, vtest) if vtest else ()), *_drawn_recipes(vtest is not None)]
    _sweep(cache)
    recipes = recipes[:scenes]

    def made(recipe: Recipe) -> Variant:
        path = cache / f"scene-{recipe[0]}-v{CACHE_VERSION}.bin"
        if not path.exists():
            save(recipe[1](), path)
            say(f"footage: scene {recipe[0]} is ready")
        return load(path)

    # Encoder and OpenCV let go of the interpreter lock: threads use all cores.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(made, recipes))


def _sweep(cache: Path) -> None:
    """Remove what an earlier version left."""
    for path in (*cache.glob("scene-*.bin"), *cache.glob("film-*.bin")):
        if not path.stem.endswith(f"-v{CACHE_VERSION}"):
            path.unlink(missing_ok=True)


def _recoded(cache: Path, master: Variant, coding: Coding, say: Say) -> Variant:
    """A scene in another coding, made from its own pictures."""
    if coding == master.coding:
        return master
    path = cache / f"scene-{master.key}-{coding.name}-v{CACHE_VERSION}.bin"
    if not path.exists():
        pictures = list(decode(master.quiet, master.sets))[:: coding.every]
        sets, groups = encode(pictures, coding)
        save(replace(master, sets=sets, segments={"quiet": groups}, coding=coding), path)
        say(f"footage: scene {master.key} is ready as {coding.name}")
    return load(path)


def _vtest_recipes(cache: Path, path: Path) -> Iterator[Recipe]:
    if not has_walker(cache, "vtest"):
        keep_walker(cache, "vtest", cut_walker(path))
    for index, view in enumerate(VTEST_VIEWS, start=1):
        key = f"vtest-{index}"
        yield key, lambda key=key, view=view: _vtest_scene(path, key, view)  # type: ignore[misc]


def _vtest_scene(path: Path, key: str, view: View) -> Variant:
    sets, quiet = encode(there_and_back(list(view_pictures(path, view, STRETCH_FRAMES))))
    zone = view.polygon(VTEST_LAWN)
    return Variant(key, view.name, sets, zone, {"quiet": quiet}, vtest_walk(view) if zone else None)


def _clip_recipe(stretch: Stretch) -> Callable[[], Variant]:
    def made() -> Variant:
        pictures = read_stretch(stretch)
        zone, walk = zone_of(pictures)
        sets, quiet = encode(there_and_back(pictures))
        name = f"{stretch.path.stem} {round(stretch.start_s)} s"
        return Variant(stretch.key, name, sets, zone, {"quiet": quiet}, walk)

    return made


def _drawn_recipes(beside_footage: bool) -> Iterator[Recipe]:
    for seed, light in DRAWN_STREETS if beside_footage else DRAWN_STREETS + MORE_DRAWN_STREETS:
        yield f"street-{seed}", lambda seed=seed, light=light: _drawn_scene(seed, light)  # type: ignore[misc]


def _drawn_scene(seed: int, light: str) -> Variant:
    street = DrawnStreet(seed, light=light, loop_s=DRAWN_LOOP_FRAMES / FPS)

    def pictures() -> Iterator[Picture]:
        return (street.picture(index / FPS) for index in range(DRAWN_LOOP_FRAMES))

    sets, quiet = encode(pictures())
    return Variant(f"street-{seed}", f"街道{seed}", sets, street.zone, {"quiet": quiet}, street.walk)
