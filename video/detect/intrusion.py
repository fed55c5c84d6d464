"""intrusion 区域入侵: something as large as a person stands or walks in a zone, judged by where its feet are.

Sees: a body that differs from the usual scene inside the zone. Does not see: somebody in the colours of the ground, or
smaller than about a fourteenth of the picture's height; takes large animals and vehicles for persons.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from video.detect.background import Foreground
from video.detect.look import LEARNING, NOTHING, Look, Verdict, needs_of
from video.model import Box, FeedSpec
from video.picture import Picture

_JOIN = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 5))
# Shares of the picture: area of a body, and its height.
PLAIN_AREA, FAINT_AREA = 0.00264, 0.00088
PLAIN_HEIGHT, FAINT_HEIGHT = 0.108, 0.054


@dataclass(frozen=True)
class _Blob:
    box_px: tuple[int, int, int, int]
    area_px: int
    contrast: float


class Intrusion:
    """Looks for bodies whose foot point lies in one of the zones."""

    def __init__(self, spec: FeedSpec) -> None:
        self._zones = [zone for zone in spec.zones if zone.kind == "intrusion"]
        self._polygons = [np.array(zone.polygon, np.float32) for zone in self._zones]
        self._least_area = FAINT_AREA
        self._least_height = FAINT_HEIGHT

    def judge(self, look: Look, foreground: Foreground) -> Verdict:
        """Positive with the box of the plainest body in a zone."""
        if not self._zones:
            return NOTHING
        if not foreground.settled:
            return LEARNING
        height, width = foreground.mask.shape
        if self._empty(foreground.mask):
            return NOTHING
        best, where = None, ""
        for blob in self._bodies(foreground):
            zone = self._zone_of(blob, width, height)
            if zone is not None and (best is None or blob.area_px * blob.contrast > best.area_px * best.contrast):
                best, where = blob, zone
        if best is None:
            return NOTHING
        x, y, w, h = best.box_px
        box: Box = (x / width, y / height, w / width, h / height)
        area, tall = best.area_px / (width * height), h / height
        needs = max(
            needs_of(area, plain=PLAIN_AREA, faint=FAINT_AREA), needs_of(tall, plain=PLAIN_HEIGHT, faint=FAINT_HEIGHT)
        )
        score = min(1.0, 0.45 + 0.05 * area / PLAIN_AREA + best.contrast / 255)
        return Verdict(needs, round(score, 3), box, {"zone": where, "contrast": round(best.contrast, 1)})

    def _empty(self, mask: Picture) -> bool:
        """Nothing at all around the zones: the usual case, answered without looking for bodies."""
        height, width = mask.shape
        least = self._least_area * mask.size / 4
        for polygon in self._polygons:
            left, top = polygon.min(axis=0)
            right, low = polygon.max(axis=0)
            part = mask[int(top * height) : int(low * height) + 1, int(left * width) : int(right * width) + 1]
            if cv2.countNonZero(part) >= least:
                return False
        return True

    def _bodies(self, foreground: Foreground) -> list[_Blob]:
        mask: Picture = np.asarray(cv2.morphologyEx(foreground.mask, cv2.MORPH_CLOSE, _JOIN), np.uint8)
        height, width = mask.shape
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        found = []
        for label in range(1, count):
            x, y, w, h, area = (int(value) for value in stats[label])
            if area >= self._least_area * mask.size and h >= self._least_height * height and w < width // 2:
                part = labels[y : y + h, x : x + w] == label
                contrast = float(foreground.contrast[y : y + h, x : x + w][part].mean())
                found.append(_Blob((x, y, w, h), area, contrast))
        return found

    def _zone_of(self, blob: _Blob, width: int, height: int) -> str | None:
        x, y, w, h = blob.box_px
        # One pixel up: the lowest row is often shadow.
        foot = ((x + w / 2) / width, (y + h - 1) / height)
        for zone, polygon in zip(self._zones, self._polygons, strict=True):
            if _inside(polygon, foot):
                return zone.name
        return None


def _inside(polygon: NDArray[np.float32], point: tuple[float, float]) -> bool:
    return cv2.pointPolygonTest(polygon, point, False) >= 0
