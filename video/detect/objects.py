"""The optional second stage: a small object detector that says whether a body is a person or a vehicle.

Takes a network in the layout of YOLOX as an ONNX file: input (1, 3, 416, 416) float32, BGR, 0 to 255, the picture in
the upper left corner and 114 around it; output (1, n, 85) raw, with one row for each cell of the grids of 8, 16 and 32
pixels. Needs onnxruntime, which is not installed unless asked for (`pip install yiping[objects]`).

Source: Z. Ge et al., YOLOX: Exceeding YOLO Series in 2021 (layout and decoding); classes of COCO.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from video.detect.look import Planes
from video.model import Box
from video.picture import Picture

ObjectKind = Literal["person", "vehicle"]
OBJECT_KINDS: tuple[ObjectKind, ...] = ("person", "vehicle")
# COCO: bicycle, car, motorcycle, bus, truck.
_KIND_OF: dict[int, ObjectKind] = {0: "person", 1: "vehicle", 2: "vehicle", 3: "vehicle", 5: "vehicle", 7: "vehicle"}
INPUT_PX, STRIDES, PADDING = 416, (8, 16, 32), 114
LEAST_SCORE, MOST_OVERLAP = 0.3, 0.45
# What is asked about is shown with this much around it, and never less of the picture than this.
AROUND, LEAST_PART = 1.0, 0.3
# A found thing is the body in question when so much of the smaller of the two lies in the other.
LEAST_SHARED = 0.3
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


class NoObjectStage(ValueError):
    """The model or the library that runs it is not there; the text is meant for a person."""


@dataclass(frozen=True)
class Thing:
    """Something found; `box` is x, y, width, height in fractions of the whole picture."""

    kind: ObjectKind
    score: float
    box: Box


class ObjectStage:
    """One loaded network, for all feeds of a process; about 40 ms for each question, on one thread.

    Args:
        path: the ONNX file.

    Raises:
        NoObjectStage: there is no such file, it has another layout, or onnxruntime is not installed.
    """

    def __init__(self, path: Path | str) -> None:
        self._session = _session(Path(path))
        self._input = self._session.get_inputs()[0].name
        self._grid, self._stride = _cells()

    def find(self, planes: Planes, part: Box = WHOLE) -> list[Thing]:
        """Persons and vehicles in a part of a picture, the surest first."""
        picture, scale, (left, top) = _letter_box(planes, part)
        fed = picture.transpose(2, 0, 1)[None].astype(np.float32)
        raw = self._session.run(None, {self._input: np.ascontiguousarray(fed)})[0][0]
        centres, sizes = (raw[:, :2] + self._grid) * self._stride, np.exp(raw[:, 2:4]) * self._stride
        scores = raw[:, 4:5] * raw[:, 5:]
        boxes = np.concatenate([centres - sizes / 2, sizes], axis=1) / scale
        height, width = planes.y.shape
        return [
            Thing(kind, score, ((x + left) / width, (y + top) / height, w / width, h / height))
            for kind, score, (x, y, w, h) in _surest(boxes, scores)
        ]

    def what_is(self, planes: Planes, box: Box) -> Thing | None:
        """The person or vehicle in a box of a picture, None when there is neither."""
        things = [thing for thing in self.find(planes, _around(box)) if _shared(thing.box, box) >= LEAST_SHARED]
        return max(things, key=lambda thing: thing.score, default=None)


def _session(path: Path) -> Any:
    if not path.is_file():
        raise NoObjectStage(f"no object model at {path}")
    try:
        # Chosen by a setting, and as large as all the rest together: loaded only by those who want it.
        runtime = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise NoObjectStage("the object detector needs onnxruntime: pip install 'yiping[objects]'") from error
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library has a dozen exceptions of its own for a file it cannot use
        raise NoObjectStage(f"{path.name} cannot be used: {error}") from error
    shapes = [list(value.shape) for value in (*session.get_inputs(), *session.get_outputs())]
    if len(shapes) != 2 or shapes[0][1:] != [3, INPUT_PX, INPUT_PX] or shapes[1][-1] != 85:
        raise NoObjectStage(f"{path.name} has not the layout of YOLOX at {INPUT_PX} pixels: {shapes}")
    return session


def _cells() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Column and row, (n, 2), and stride, (n, 1), of every row the network answers with."""
    grids, strides = [], []
    for stride in STRIDES:
        count = INPUT_PX // stride
        rows, columns = np.mgrid[:count, :count]
        grids.append(np.stack([columns.ravel(), rows.ravel()], axis=1))
        strides.append(np.full((count * count, 1), stride))
    return np.concatenate(grids).astype(np.float32), np.concatenate(strides).astype(np.float32)


def _letter_box(planes: Planes, part: Box) -> tuple[Picture, float, tuple[int, int]]:
    """A part of a picture in the upper left of the network's input; its scale and its corner in pixels."""
    height, width = planes.y.shape
    left, top = round(part[0] * width), round(part[1] * height)
    across, down = max(2, round(part[2] * width)), max(2, round(part[3] * height))
    scale = min(INPUT_PX / across, INPUT_PX / down)
    size_px = max(1, round(across * scale)), max(1, round(down * scale))
    channels = []
    for plane in (planes.y, planes.v, planes.u):
        if plane is None:
            channels.append(np.full((size_px[1], size_px[0]), 128, np.uint8))
            continue
        rows, columns = plane.shape[0] / height, plane.shape[1] / width
        cut = plane[int(top * rows) : int((top + down) * rows), int(left * columns) : int((left + across) * columns)]
        channels.append(np.asarray(cv2.resize(cut, size_px, interpolation=cv2.INTER_LINEAR), np.uint8))
    picture = np.full((INPUT_PX, INPUT_PX, 3), PADDING, np.uint8)
    picture[: size_px[1], : size_px[0]] = cv2.cvtColor(cv2.merge(channels), cv2.COLOR_YCrCb2BGR)
    return picture, scale, (left, top)


def _surest(
    boxes: NDArray[np.floating[Any]], scores: NDArray[np.floating[Any]]
) -> list[tuple[ObjectKind, float, tuple[float, float, float, float]]]:
    found: list[tuple[ObjectKind, float, tuple[float, float, float, float]]] = []
    for kind in OBJECT_KINDS:
        of_kind = scores[:, [number for number, known in _KIND_OF.items() if known == kind]].max(axis=1)
        (sure,) = np.nonzero(of_kind >= LEAST_SCORE)
        kept = cv2.dnn.NMSBoxes(boxes[sure].tolist(), of_kind[sure].tolist(), LEAST_SCORE, MOST_OVERLAP)
        for index in sure[np.asarray(kept, int).ravel()]:
            x, y, w, h = (float(value) for value in boxes[index])
            found.append((kind, round(float(of_kind[index]), 3), (x, y, w, h)))
    return sorted(found, key=lambda row: -row[1])


def _around(box: Box) -> Box:
    """A box with its surroundings, within the picture."""
    x, y, w, h = box
    wide, tall = (min(1.0, max(LEAST_PART, size * (1 + AROUND))) for size in (w, h))
    left, top = x + w / 2 - wide / 2, y + h / 2 - tall / 2
    return min(max(0.0, left), 1 - wide), min(max(0.0, top), 1 - tall), wide, tall


def _shared(one: Box, other: Box) -> float:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, down) / max(1e-9, min(one[2] * one[3], other[2] * other[3]))
