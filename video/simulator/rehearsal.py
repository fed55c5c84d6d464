"""What has to be filmed before the cameras start: the plan, and what many cameras of a script go through together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from video.simulator.camera import SimulatedCamera
from video.simulator.films import Spot, spots
from video.simulator.plan import Planned
from video.simulator.recorders import Recorder
from video.simulator.script import EVERYWHERE, Step
from video.simulator.tracks import Track


def wide_spots(
    step: Step, cameras: Sequence[SimulatedCamera], recorders: Sequence[Recorder]
) -> Iterator[tuple[SimulatedCamera, Spot]]:
    """The cameras of a step that many go through together, and where in their tracks it begins; nobody otherwise."""
    if not step.is_wide or step.kind == "recorder_down":
        return
    if step.recorder == EVERYWHERE:
        members = range(len(cameras))
    else:
        members = recorders[step.recorder].cameras if step.recorder < len(recorders) else range(0)
    for camera in (cameras[index] for index in members):
        if step.kind != "person" or camera.track.variant.walk is not None:
            yield camera, spots(camera.track, step.kind)[0]


def films_ahead(
    planned: Sequence[Planned],
    steps: Sequence[Step],
    cameras: Sequence[SimulatedCamera],
    recorders: Sequence[Recorder],
) -> Iterator[tuple[Track, Spot]]:
    """Tracks and spots of all films that will be wanted at once."""
    for one in planned:
        if one.spot.kind != "lost":
            yield cameras[one.camera].track, one.spot
    for step in steps:
        for camera, spot in wide_spots(step, cameras, recorders):
            if spot.kind != "lost":
                yield camera.track, spot
