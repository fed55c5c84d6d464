"""Trouble planned for a measurement: so many feeds, at random moments, and all the others left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from video.simulator.camera import SimulatedCamera
from video.simulator.coding import FPS
from video.simulator.films import FILM_S, Spot, spots
from video.simulator.kinds import TROUBLES, TroubleKind

# A town's dusk takes minutes and is no trouble; it is played by script.
PLANNED_KINDS: tuple[TroubleKind, ...] = tuple(kind for kind in TROUBLES if kind != "dusk")
# Not longer than a film, whose first group may be quiet up to its last quarter.
SECONDS = FILM_S - 2.0


@dataclass(frozen=True, slots=True)
class Planned:
    """Trouble at `spot` of a camera's track, at the first time from `at_s` after the start on."""

    at_s: float
    camera: int
    spot: Spot
    seconds: float


@dataclass(frozen=True)
class Plan:
    """`count` different cameras get one trouble each, within `window_s` seconds after `first_s`; the seed decides.

    A camera's trouble is filmed at two places of its loop only, so it begins when the camera comes to one of them:
    within the window wherever a turn of the loop is not longer than that. Cameras are at random places of their
    loops, so the moments stay random.
    """

    count: int
    seed: int = 1
    kinds: tuple[TroubleKind, ...] = PLANNED_KINDS
    first_s: float = 60.0
    window_s: float = 240.0
    seconds: float = SECONDS

    def made_for(self, cameras: Sequence[SimulatedCamera]) -> list[Planned]:
        """The plan for these cameras, kinds in equal parts, in order of time."""
        random = np.random.default_rng(self.seed)
        made: list[Planned] = []
        for index in random.permutation(len(cameras)).tolist():
            if len(made) == self.count:
                break
            kind = self._kind(cameras[index], len(made))
            if kind is not None:
                made.append(self._planned(cameras[index], kind, random))
        return sorted(made, key=lambda one: one.at_s)

    def _kind(self, camera: SimulatedCamera, turn: int) -> TroubleKind | None:
        """The kind whose turn it is, or the next one that this scene can show."""
        for at in range(len(self.kinds)):
            kind = self.kinds[(turn + at) % len(self.kinds)]
            if kind != "person" or camera.track.variant.walk is not None:
                return kind
        return None

    def _planned(self, camera: SimulatedCamera, kind: TroubleKind, random: np.random.Generator) -> Planned:
        tick = round((self.first_s + float(random.uniform(0, self.window_s))) * FPS)
        places = spots(camera.track, kind)
        if kind == "lost":
            return Planned(tick / FPS, camera.index, places[0], self.seconds)
        # Of the two places take the one the camera comes to first: the moment is truest to the drawn one.
        begins, spot = min((self._begins(camera, one, tick), at) for at, one in enumerate(places))
        return Planned(begins / FPS, camera.index, places[spot], self.seconds)

    def _begins(self, camera: SimulatedCamera, spot: Spot, tick: int) -> int:
        """The tick of the first troubled picture if it may not come before `tick`, or a turn earlier to be in time."""
        onset = spot.onset * camera.track.variant.coding.every
        begins = camera.next_at(spot.group * camera.track.cut, tick - onset) + onset
        turn = len(camera.track.loop)
        late = begins - round((self.first_s + self.window_s) * FPS)
        early = begins - turn >= max(round(self.first_s * FPS), onset)
        return begins - turn if late > 0 and early else begins
