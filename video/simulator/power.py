"""Recorders switched off and on: their port refuses, all their cameras are gone at once and come back together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from video.simulator.camera import SimulatedCamera
from video.simulator.coding import FPS
from video.simulator.doors import Door
from video.simulator.recorders import Recorder
from video.simulator.truth import Truth
from video.simulator.wheel import SLOTS, Wheel


@dataclass(eq=False)
class _Off:
    """A recorder that is off, with what the truth says of its cameras."""

    door: Door
    cameras: Sequence[SimulatedCamera]
    rows: list[dict[str, Any]]


class Power:
    """Knows which recorders are off; `cut` ends all connections to one and to its cameras."""

    def __init__(self, wheel: Wheel, truth: Truth, cut: Callable[[Recorder], None]) -> None:
        self._wheel, self._truth, self._cut = wheel, truth, cut
        self._off: dict[int, _Off] = {}

    def off(self, recorder: Recorder, door: Door, cameras: Sequence[SimulatedCamera], seconds: float) -> None:
        """Switch a recorder off at the next step, for some seconds; one that is off already stays as it is."""
        if recorder.index in self._off:
            return
        off = self._off[recorder.index] = _Off(door, cameras, [])
        step = self._wheel.step + 1
        # Not at once: whoever asked for it over this very port gets his answer first.
        self._wheel.at(step, lambda: self._fall(recorder, off))
        self._wheel.at(step + round(seconds * FPS * SLOTS), lambda: self._rise(recorder, off))

    def on(self, recorder: Recorder) -> None:
        """Switch it on again; one that is on stays on."""
        off = self._off.get(recorder.index)
        if off is not None:
            self._wheel.at(self._wheel.step + 1, lambda: self._rise(recorder, off))

    def _fall(self, recorder: Recorder, off: _Off) -> None:
        off.door.shut()
        for camera in off.cameras:
            camera.down = True
            off.rows.append(self._truth.begin(camera.index, "recorder_down", recorder=recorder.id))
        self._cut(recorder)

    def _rise(self, recorder: Recorder, off: _Off) -> None:
        if self._off.get(recorder.index) is not off:
            return
        del self._off[recorder.index]
        off.door.open()
        for camera in off.cameras:
            camera.down = False
        for row in off.rows:
            self._truth.end(row)
