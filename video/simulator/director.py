"""Brings trouble to cameras at the right tick, and writes down when it really began and ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from video.simulator.camera import SimulatedCamera
from video.simulator.coding import FPS
from video.simulator.films import DUSK_S, Spot, film_path, make_film
from video.simulator.kinds import NoSuchTrouble, TroubleKind
from video.simulator.tracks import Film, Track
from video.simulator.truth import Truth
from video.simulator.wheel import SLOTS, Wheel

# A film is made for a place this far ahead; it takes about a second.
_AHEAD_S = 1.6


@dataclass(eq=False)
class Case:
    """One trouble of one camera, from the request to its end."""

    camera: SimulatedCamera
    kind: TroubleKind
    seconds: float
    row: dict[str, Any] | None = None


class Director:
    """Rules over `camera.trouble`, `camera.film` and `camera.lost`. `hang_up` ends all connections of a camera."""

    def __init__(
        self, wheel: Wheel, truth: Truth, cache: Path, pool: Executor, hang_up: Callable[[SimulatedCamera], None]
    ) -> None:
        self._wheel, self._truth, self._cache, self._pool, self._hang_up = wheel, truth, cache, pool, hang_up
        self._random = np.random.default_rng(11)
        self._kept: dict[Path, Film] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin_soon(self, camera: SimulatedCamera, kind: TroubleKind, seconds: float) -> None:
        """Trouble now: loss at the next picture, all else as soon as its film is made, 2 to 4 s from now.

        A camera that is in trouble is taken out of it first.

        Raises:
            NoSuchTrouble: this scene has nowhere for a person to trespass.
        """
        self._check(camera, kind)
        free = self._give_up(camera) + 1
        case = self._case(camera, kind, seconds)
        if kind == "lost":
            self._at(free, camera, lambda: self._lose(case))
        else:
            task = asyncio.get_running_loop().create_task(self._film_and_show(case, free))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def begin_at(self, camera: SimulatedCamera, spot: Spot, seconds: float, at_s: float) -> None:
        """Planned trouble: at the first time from `at_s` (seconds from the start) on at which the camera is there.

        Raises:
            NoSuchTrouble: this scene has nowhere for a person to trespass.
        """
        self._check(camera, spot.kind)
        tick = max(self._tick() + 1, round(at_s * FPS))
        case = self._case(camera, spot.kind, seconds)
        if spot.kind == "lost":
            self._at(tick, camera, lambda: self._lose(case))
            return
        onset = spot.onset * camera.track.variant.coding.every
        start = camera.next_at(spot.group * camera.track.cut, tick - onset)
        self._at(start, camera, lambda: self._show(case, self.film(camera.track, spot)))

    def film(self, track: Track, spot: Spot) -> Film:
        """A planned film: from the cache folder the first time, then from memory. Made there and then if need be."""
        path = film_path(self._cache, track, spot)
        if path not in self._kept:
            self._kept[path] = make_film(self._cache, track, spot, keep=True)
        return self._kept[path]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _check(self, camera: SimulatedCamera, kind: TroubleKind) -> None:
        if kind == "person" and camera.track.variant.walk is None:
            raise NoSuchTrouble(f"camera {camera.index + 1} has no zone that a person could cross")

    def _case(self, camera: SimulatedCamera, kind: TroubleKind, seconds: float) -> Case:
        case = Case(camera, kind, seconds)
        camera.trouble = case
        return case

    def _tick(self) -> int:
        return self._wheel.step // SLOTS

    def _at(self, tick: int, camera: SimulatedCamera, action: Callable[[], None]) -> None:
        self._wheel.at(tick * SLOTS + camera.slot, action)

    async def _film_and_show(self, case: Case, free: int) -> None:
        """Shoot ahead of the camera; where the film is late, it begins at the next key frame all the same."""
        camera, track = case.camera, case.camera.track
        soonest = max(free, self._tick() + round(_AHEAD_S * FPS))
        place = (soonest - camera.quiet_start()) % len(track.loop)
        group = (place // track.cut + 1) % len(track.variant.quiet)
        onset = int(self._random.integers(track.variant.coding.gop_frames))
        spot = Spot(case.kind, group, onset)
        loop = asyncio.get_running_loop()
        film = await loop.run_in_executor(self._pool, lambda: make_film(self._cache, track, spot, keep=False))
        now = max(free, self._tick() + 1)
        start = camera.next_at(film.place, now)
        if start > now + len(film.units):
            start = now + -(now - camera.quiet_start()) % track.cut
        self._at(start, camera, lambda: self._show(case, film))

    def _show(self, case: Case, film: Film) -> None:
        """The film's first key frame is due: from here on the film is what is sent."""
        camera = case.camera
        if camera.trouble is not case:
            return
        tick = self._tick()
        camera.play(film, tick)
        seconds = DUSK_S if case.kind == "dusk" else case.seconds
        cut = camera.track.cut
        last = tick + -int(-(film.first + seconds * FPS) // cut) * cut
        self._at(tick + film.told, camera, lambda: self._begun(case))
        self._at(last if case.kind != "dusk" else tick + len(film.units), camera, lambda: self._over(case))

    def _lose(self, case: Case) -> None:
        camera = case.camera
        if camera.trouble is not case:
            return
        camera.lost = True
        self._begun(case)
        self._hang_up(camera)
        self._at(self._tick() + max(1, round(case.seconds * FPS)), camera, lambda: self._over(case))

    def _begun(self, case: Case) -> None:
        if case.camera.trouble is case:
            case.row = self._truth.begin(case.camera.index, case.kind)

    def _over(self, case: Case) -> None:
        if case.camera.trouble is case:
            case.camera.trouble = None
            self._end(case)

    def _end(self, case: Case) -> None:
        case.camera.resume(self._tick())
        case.camera.lost = False
        if case.row is not None:
            self._truth.end(case.row)

    def _give_up(self, camera: SimulatedCamera) -> int:
        """Out of trouble at the next key frame, whose tick is returned; a case that never began is forgotten."""
        case, camera.trouble = camera.trouble, None
        tick = self._tick()
        if not camera.lost and camera.film is None:
            return tick
        tick += 1
        if camera.film is not None:
            tick += -(tick - camera.start) % camera.track.cut
        if isinstance(case, Case):
            self._at(tick, camera, lambda: self._end(case))
        return tick


def shoot_all(cache: Path, films: Iterable[tuple[Track, Spot]], pool: Executor, say: Callable[[str], None]) -> None:
    """Make the films of a plan that are not kept yet. Blocks; a second of a core each."""
    missing = {film_path(cache, *one): one for one in films if not film_path(cache, *one).exists()}
    made = pool.map(lambda one: make_film(cache, *one, keep=True), missing.values())
    for count, _ in enumerate(made, start=1):
        if count % 20 == 0 or count == len(missing):
            say(f"footage: {count} of {len(missing)} films of trouble are ready")
