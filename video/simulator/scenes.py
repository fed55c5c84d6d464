"""From footage to scenes: several views of each clip (crops, mirrored, at dusk, infrared) and drawn streets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from video.picture import Picture, shrunk
from video.simulator.drawn import HEIGHT_PX, WIDTH_PX
from video.simulator.segments import FPS, GOP_FRAMES
from video.simulator.walker import CUT_FIRST, CUT_LAST, Walker, cut_out

Point = tuple[float, float]
Polygon = tuple[Point, ...]
# Column and row of every pixel, (height, width) float32 each.
_COLUMNS, _ROWS = np.meshgrid(np.arange(WIDTH_PX, dtype=np.float32), np.arange(HEIGHT_PX, dtype=np.float32))
CROSSING_FRAMES = 8 * GOP_FRAMES
LOOP_FRAMES = 16 * GOP_FRAMES


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


@dataclass
class Clip:
    """A clip made ready: how to read it, its empty scene, a quiet zone and the way through it."""

    path: Path
    step: int
    background: Picture
    zone: Polygon
    way: tuple[Point, Point]
    walker: Walker | None
    height_at: tuple[float, float]

    def person(self, part: float) -> tuple[Point, float, bool]:
        """Foot, height (fractions of the clip's picture) and facing of the scripted walker: there and back."""
        there = part < 0.5
        along = part * 2 if there else 2 - part * 2
        (x0, y0), (x1, y1) = self.way
        x, y = x0 + (x1 - x0) * along, y0 + (y1 - y0) * along
        return (x, y), self.height_at[0] + self.height_at[1] * y, (x1 < x0) == there


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
                yield _four_to_three(np.asarray(frame, np.uint8))
    finally:
        capture.release()


def _four_to_three(frame: Picture) -> Picture:
    height, width = frame.shape[:2]
    if width * 3 > height * 4:
        extra = (width - height * 4 // 3) // 2
        return frame[:, extra : width - extra]
    extra = (height - width * 3 // 4) // 2
    return frame[extra : height - extra]


def prepare_vtest(path: Path) -> Clip:
    """The known clip: its empty lawn, and a walker cut out of it."""
    kept, cut = [], []
    for index, frame in enumerate(read_frames(path)):
        if index > CUT_LAST:
            break
        if index % 9 == 0:
            kept.append(frame)
        if index >= CUT_FIRST:
            cut.append(frame)
    background = np.median(np.stack(kept), axis=0).astype(np.uint8)
    # A person is 0.13 of the picture high with his feet at 0.456, 0.195 at 0.607.
    return Clip(
        path, 2, background, VTEST_LAWN, ((-0.04, 0.72), (0.50, 0.90)), cut_out(cut, background), (-0.058, 0.417)
    )


def prepare_clip(path: Path) -> Clip:
    """Any clip: the quietest part of its lower half becomes the zone; none when it is busy everywhere.

    Raises:
        ValueError: the clip cannot be read.
    """
    capture = cv2.VideoCapture(str(path))
    fps = capture.get(cv2.CAP_PROP_FPS) or FPS
    count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    capture.release()
    stride = max(1, count // 80)
    frames = [
        frame for index, frame in zip(range(max(count, 1)), read_frames(path), strict=False) if index % stride == 0
    ]
    if not frames:
        raise ValueError(f"{path} cannot be read as video")
    background = np.median(np.stack(frames), axis=0).astype(np.uint8)
    zone = quiet_zone(frames, background)
    left = zone[0][0] if zone else 0.0
    way = ((left - 0.25, 0.86), (left + 0.25, 0.86))
    return Clip(path, max(1, round(FPS / fps)), background, zone, way, None, (0.24, 0.0))


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


def view_pictures(clip: Clip, view: View, count: int) -> Iterator[Picture]:
    """`count` pictures of a view at the simulator's rate; between two frames of a slow clip one is put in by motion."""
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    before: Picture | None = None
    made = 0
    for frame in read_frames(clip.path, view.first):
        picture = view.apply(frame)
        put_in = [] if before is None or clip.step < 2 else [between(flow, before, picture)]
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


def with_person(clip: Clip, view: View, walker: Walker, pictures: Iterator[Picture]) -> Iterator[Picture]:
    """The same pictures with the scripted walker on his way through the zone and back."""
    for index, picture in enumerate(pictures):
        foot, height, left = clip.person(index / CROSSING_FRAMES)
        x, y = view.point(foot)
        with_him = picture.copy()
        walker.put(
            with_him,
            foot_px=(x * WIDTH_PX, y * HEIGHT_PX),
            height_px=height / view.crop[3] * HEIGHT_PX,
            step=index * 2 // 3,
            left=left != view.mirror,
        )
        yield with_him


def covered_pictures(picture: Picture, count: int) -> Iterator[Picture]:
    """A cloth over the lens: what is left is dim, without edges, and noisy."""
    dim = cv2.GaussianBlur(picture, (0, 0), 34).astype(np.float32) * 0.16 + np.array((16, 20, 24), np.float32)
    random = np.random.default_rng(7)
    for _ in range(count):
        noise = random.normal(0, 1.6, (HEIGHT_PX, WIDTH_PX, 1))
        yield np.clip(dim + noise, 0, 255).astype(np.uint8)
