"""How well pixels of what moves are told from the scene, on two clips of CDnet with masks by hand, beside MOG2.

Masks are made at the detectors' size (192 pixels wide) and scored at the size of the truth, enlarged without smoothing.
Truth: 255 moves; 0 and 50 (shadow) do not; 85 (outside) and 170 (unknown) are not scored. N. Goyette et al.,
changedetection.net, 2012.
"""

import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from bench.clips import CLIPS, frames
from bench.report import Figure
from video.decode import luma
from video.detect.background import Background
from video.detect.look import Look, small_luma
from video.picture import Picture

CDNET = ("highway", "traffic_jitter")
FPS = 25.0
KEY_EVERY = 50
TARGET_F = 0.70
Subtractor = Callable[[Picture, float], Picture]


@dataclass
class Score:
    """Counts of pixels, and seconds spent."""

    hits: int = 0
    false: int = 0
    missed: int = 0
    seconds: float = 0.0
    looks: int = 0

    @property
    def f_measure(self) -> float:
        return 2 * self.hits / max(1, 2 * self.hits + self.false + self.missed)


@cache
def _pictures(clip: str) -> list[Picture]:
    return [small_luma(luma(frame)).copy() for frame in frames(f"cdnet/{clip}.mp4")]


def _truth(clip: str, step: int) -> Iterator[tuple[int, Picture]]:
    """Index of a picture from 0, and its mask, for those of every `step`-th picture that have one."""
    with zipfile.ZipFile(CLIPS / "cdnet" / f"{clip}_groundtruth.zip") as archive:
        for name in sorted(archive.namelist()):
            index = int(name[-10:-4]) - 1 if name.endswith(".png") else -1
            if index >= 0 and index % step == 0:
                mask = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_GRAYSCALE)
                yield index, np.asarray(mask, np.uint8)


def ours() -> Subtractor:
    background = Background()
    return lambda picture, at: background.subtract(Look(picture, at)).mask


def mog2() -> Subtractor:
    """OpenCV's at its defaults; what it takes for shadow counts as scene."""
    model = cv2.createBackgroundSubtractorMOG2()
    return lambda picture, at: np.asarray(cv2.compare(model.apply(picture), 254, cv2.CMP_GT), np.uint8)  # type: ignore[call-overload]


def score(clip: str, step: int, subtract: Subtractor) -> Score:
    """Every `step`-th picture of a clip, in order."""
    truth, result = dict(_truth(clip, step)), Score()
    for index, picture in enumerate(_pictures(clip)):
        if index % step:
            continue
        start = time.thread_time()
        mask = subtract(picture, index / FPS)
        result.seconds += time.thread_time() - start
        result.looks += 1
        if index in truth:
            _count(result, mask, truth[index])
    return result


def _count(result: Score, mask: Picture, truth: Picture) -> None:
    found = cv2.resize(mask, (truth.shape[1], truth.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    moves, still = truth == 255, (truth == 0) | (truth == 50)
    result.hits += int(np.count_nonzero(found & moves))
    result.false += int(np.count_nonzero(found & still))
    result.missed += int(np.count_nonzero(~found & moves))


def figures() -> list[Figure]:
    """F-measure on each clip at full rate and at key-frame rate."""
    made = []
    for clip in CDNET:
        for step, pace in ((1, "every picture"), (KEY_EVERY, "a picture every 2 s")):
            here, peer = score(clip, step, ours()), score(clip, step, mog2())
            name = f"change detection, CDnet {clip}, {pace}: F-measure"
            made.append(Figure(name, here.f_measure, "", TARGET_F, "higher", "OpenCV MOG2", peer.f_measure))
    return made
