"""Views of the built-in clip: crops, mirrored, at dusk, infrared; and what can be said of any footage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from video.picture import Picture, shrunk
from video.simulator.coding import GOP_FRAMES
from video.simulator.drawn import HEIGHT_PX, WIDTH_PX
from video.simulator.walker import CUT_FIRST, CUT_LAST, Walker, cut_out
from video.simulator.ways import Point, Walk

Polygon = tuple[Point, ...]
# Column and row of every pixel, (height, width) float32 each.
_COLUMNS, _ROWS = np.meshgrid(np.arange(WIDTH_PX, dtype=np.float32), np.arange(HEIGHT_PX, dtype=np.float32))
# There and back again: twice as many pictures less the two at which the direction turns make the loop.
STRETCH_FRAMES = 12 * GOP_FRAMES + 1


@dataclass(frozen=True)
class View:
    """One way to look at a clip: part of the picture (x, y, w, h in fractions), mirrored or not, a light, a stretch."""

    name: str
    crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    mirror: bool = False
    light: str = "day"
    first: int = 0

    def apply(self, frame: Picture) -> Picture:
        height, width = frame.shape[:2]
        x, y, w, h = self.crop
        part = frame[round(y * height) : round((y + h) * height), round(x * width) : round((x + w) * width)]
        small = shrunk(part, (WIDTH_PX, HEIGHT_PX))
        return _LIGHTS[self.light](np.ascontiguousarray(small[:, ::-1]) if self.mirror else small)

    def point(self, point: Point) -> Point:
        """A place of the clip's picture in this view, both in fractions."""
        x, y = (point[0] - self.crop[0]) / self.crop[2], (point[1] - self.crop[1]) / self.crop[3]
        return (1 - x, y) if self.mirror else (x, y)

    def polygon(self, polygon: Polygon) -> Polygon:
        """A convex zone of the clip's picture in this view, cut at its edges (2 % inside)."""
        seen = np.array([self.point(point) for point in polygon], np.float32)
        frame = np.array([(0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98)], np.float32)
        area, cut = cv2.intersectConvexConvex(seen, frame)
        if area < 0.01 or cut is None:
            return ()
        return tuple((round(float(x), 4), round(float(y), 4)) for x, y in cut.reshape(-1, 2))


def _tinted(*gains: float, lift: float = 0.0) -> Callable[[Picture], Picture]:
    table = [np.clip(np.arange(256) * gain + lift, 0, 255).astype(np.uint8) for gain in gains]
    lookup = np.stack(table, axis=-1)[None]
    return lambda picture: np.asarray(cv2.LUT(picture, lookup), np.uint8)


def _infrared(picture: Picture) -> Picture:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32) * 0.82 + 6
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


_LIGHTS: dict[str, Callable[[Picture], Picture]] = {
    "day": lambda picture: picture,
    "dusk": _tinted(0.76, 0.66, 0.62),
    "warm": _tinted(0.86, 0.98, 1.06),
    "overcast": _tinted(0.80, 0.78, 0.76, lift=26),
    "infrared": _infrared,
}

# vtest.avi, 768x576, PETS 2009 S2.L1 view 1. The lawn in front is empty up to frame 513; feet move as given.
VTEST_LAWN: Polygon = ((0.02, 0.56), (0.17, 0.56), (0.42, 0.72), (0.66, 0.92), (0.70, 0.985), (0.02, 0.985))
VTEST_VIEWS = (
    View("广场东", first=0),
    View("广场西", mirror=True, light="dusk", first=200),
    View("草坪南", crop=(0.0, 0.25, 0.75, 0.75), light="warm", first=100),
    View("路口北", crop=(0.22, 0.2, 0.75, 0.75), first=60),
    View("后门", crop=(0.08, 0.12, 0.86, 0.86), mirror=True, light="overcast", first=150),
    View("夜视一", crop=(0.18, 0.22, 0.76, 0.76), mirror=True, light="infrared", first=205),
)


def read_frames(path: Path, first: int = 0) -> Iterator[Picture]:
    """Frames of a clip, BGR, cropped to 4:3 around the middle; starts again from `first` when the clip ends."""
    capture = cv2.VideoCapture(str(path))
    try:
        seen = 0
        while True:
            ok, frame = capture.read()
            if not ok:
                if seen <= first:
                    return
                capture.release()
                capture, seen = cv2.VideoCapture(str(path)), 0
                continue
            seen += 1
            if seen > first:
                yield four_to_three(np.asarray(frame, np.uint8))
    finally:
        capture.release()


def four_to_three(frame: Picture) -> Picture:
    height, width = frame.shape[:2]
    if width * 3 > height * 4:
        extra = (width - height * 4 // 3) // 2
        return frame[:, extra : width - extra]
    extra = (height - width * 3 // 4) // 2
    return frame[extra : height - extra]


def cut_walker(path: Path) -> Walker:
    """The man of vtest.avi who walks alone, cut out of it."""
    kept, cut = [], []
    for index, frame in enumerate(read_frames(path)):
        if index > CUT_LAST:
            break
        if index % 9 == 0:
            kept.append(frame)
        if index >= CUT_FIRST:
            cut.append(frame)
    return cut_out(cut, np.median(np.stack(kept), axis=0).astype(np.uint8))


def vtest_walk(view: View) -> Walk:
    """The way over the lawn as a view shows it. A person is 0.13 of the picture high with his feet at 0.456."""
    start, end = (-0.04, 0.72), (0.50, 0.90)
    low, high = (-0.058 + 0.417 * y for _, y in (start, end))
    scale = view.crop[3]
    return Walk(view.point(start), view.point(end), low / scale, high / scale, "vtest")


def there_and_back(pictures: Sequence[Picture]) -> Iterator[Picture]:
    """A loop without a seam: forward to the last picture and back to the second.

    A loop that starts again from its first picture is a cut: people vanish and cars appear, which to a detector are
    events. Played there and back, every picture follows one that was filmed next to it; only directions are untrue.
    """
    yield from pictures
    yield from pictures[-2:0:-1]


def quiet_zone(frames: list[Picture], background: Picture) -> Polygon:
    """The widest rectangle low in the picture where hardly anything moved; empty when there is none."""
    size = (96, 72)
    empty = cv2.GaussianBlur(shrunk(background, size), (3, 3), 0)
    heat = np.zeros((size[1], size[0]), np.float32)
    for frame in frames:
        small = cv2.GaussianBlur(shrunk(frame, size), (3, 3), 0)
        heat += cv2.absdiff(small, empty).max(axis=2) > 22
    moved = heat / len(frames)
    for width in (0.5, 0.38, 0.28):
        for left in np.arange(0.02, 0.99 - width, 0.04):
            part = moved[int(0.60 * 72) :, int(left * 96) : int((left + width) * 96)]
            if part.mean() < 0.002:
                x, right = float(left), float(left + width)
                return ((x, 0.66), (right, 0.66), (right, 0.98), (x, 0.98))
    return ()


def view_pictures(path: Path, view: View, count: int) -> Iterator[Picture]:
    """`count` pictures of a view of vtest.avi at the simulator's rate: between two frames one is put in by motion."""
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    before: Picture | None = None
    made = 0
    for frame in read_frames(path, view.first):
        picture = view.apply(frame)
        put_in = [] if before is None else [between(flow, before, picture)]
        for one in (*put_in, picture):
            yield one
            made += 1
            if made >= count:
                return
        before = picture


def between(flow: cv2.DISOpticalFlow, before: Picture, after: Picture) -> Picture:
    """The picture half way between two, along the optical flow (measured at half size)."""
    half = (WIDTH_PX // 2, HEIGHT_PX // 2)
    first, second = (cv2.cvtColor(shrunk(one, half), cv2.COLOR_BGR2GRAY) for one in (before, after))
    moved = flow.calc(first, second, np.zeros((half[1], half[0], 2), np.float32))
    # Flow at half size is half as long: as it is, it leads half way at full size.
    halfway = cv2.resize(moved, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_LINEAR)
    across, down = (np.ascontiguousarray(one) for one in cv2.split(halfway))
    early = cv2.remap(before, _COLUMNS - across, _ROWS - down, cv2.INTER_LINEAR)
    late = cv2.remap(after, _COLUMNS + across, _ROWS + down, cv2.INTER_LINEAR)
    return cv2.addWeighted(early, 0.5, late, 0.5, 0).astype(np.uint8)
