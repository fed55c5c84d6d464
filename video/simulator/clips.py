"""Any folder of clips as scenes: stretches of them at camera size and rate, with a quiet zone where there is one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from video.picture import Picture, shrunk
from video.simulator.coding import FPS, GOP_FRAMES
from video.simulator.drawn import HEIGHT_PX, WIDTH_PX
from video.simulator.footage import Say
from video.simulator.scenes import four_to_three, quiet_zone
from video.simulator.ways import Point, Walk

MOST_S = 40
_STRETCHES, _STRETCH_EVERY_S = 3, 120.0
_LOOK_EVERY = 8
_LEAST_S = 2.2


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a clip, from `start_s` on."""

    path: Path
    start_s: float

    @property
    def key(self) -> str:
        """The same for the same file and start."""
        mark = hashlib.sha256(f"{self.path.resolve().name} {self.path.stat().st_size}".encode()).hexdigest()[:10]
        return f"clip-{mark}-{round(self.start_s)}"


def stretches(paths: Sequence[Path], say: Say) -> list[Stretch]:
    """One stretch of each clip, up to three of a long one: first of all clips, then further ones.

    Clips that cannot be read or are shorter than two seconds are left out, and named.

    Raises:
        ValueError: no clip is left.
    """
    found: list[tuple[Path, float]] = []
    for path in paths:
        try:
            found.append((path, _duration_s(path)))
        except ValueError as error:
            say(f"footage: {error}; left out")
    if not found:
        raise ValueError("none of the clips can be used")
    return [
        Stretch(path, turn * duration_s / _STRETCHES)
        for turn in range(_STRETCHES)
        for path, duration_s in found
        if turn == 0 or duration_s > turn * _STRETCH_EVERY_S
    ]


def _duration_s(path: Path) -> float:
    try:
        with av.open(str(path)) as container:
            duration_s = float((container.duration or 0) / av.time_base)
    except av.FFmpegError as error:
        raise ValueError(f"{path} cannot be read as video ({error})") from error
    if duration_s < _LEAST_S:
        raise ValueError(f"{path} is shorter than {_LEAST_S} s")
    return duration_s


def read_stretch(stretch: Stretch) -> list[Picture]:
    """Up to 40 s of pictures at the simulator's rate, each the one that the clip shows at that moment.

    There are a whole number of groups of four seconds and one, so that there and back they make whole groups; of less
    than that of footage, whole groups of two seconds and one.

    Raises:
        ValueError: the clip cannot be read, or is shorter than two seconds.
    """
    pictures = list(_at_rate(stretch, MOST_S * FPS + 1))
    size = 2 * GOP_FRAMES if len(pictures) > 2 * GOP_FRAMES else GOP_FRAMES
    whole = (len(pictures) - 1) // size * size + 1
    if whole < size:
        raise ValueError(f"{stretch.path} is shorter than two seconds")
    return pictures[:whole]


def _at_rate(stretch: Stretch, most: int) -> Iterator[Picture]:
    """The picture shown at each 1/15 s from the start of the stretch on."""
    made = 0
    shown: Picture | None = None
    for time_s, picture in _frames(stretch):
        while shown is not None and made / FPS < time_s:
            yield shown
            made += 1
            if made >= most:
                return
        shown = picture
    if shown is not None:
        yield shown


def _frames(stretch: Stretch) -> Iterator[tuple[float, Picture]]:
    """Seconds since the start of the stretch, and picture."""
    try:
        with av.open(str(stretch.path)) as container:
            stream = container.streams.video[0]
            if stretch.start_s > 0:
                container.seek(int(stretch.start_s * av.time_base))
            first: float | None = None
            for frame in container.decode(stream):
                time_s = float(frame.time or 0.0)
                first = time_s if first is None else first
                yield time_s - first, _small(frame)
    except (av.FFmpegError, IndexError) as error:
        raise ValueError(f"{stretch.path} cannot be read as video: {error}") from error


def _small(frame: av.VideoFrame) -> Picture:
    picture = four_to_three(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
    if picture.shape[1] > WIDTH_PX:
        return shrunk(picture, (WIDTH_PX, HEIGHT_PX))
    return np.asarray(cv2.resize(picture, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_CUBIC), np.uint8)


def zone_of(pictures: Sequence[Picture]) -> tuple[tuple[Point, ...], Walk | None]:
    """A zone in which nothing moves in these pictures, with a way through it; none when all of it is busy."""
    seen = list(pictures[::_LOOK_EVERY])
    background = np.median(np.stack(seen), axis=0).astype(np.uint8)
    zone = quiet_zone(seen, background)
    if not zone:
        return (), None
    left = zone[0][0]
    return zone, Walk((left - 0.25, 0.86), (left + 0.25, 0.86), 0.24, 0.24)
