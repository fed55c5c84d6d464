"""Bodies: joined pixels of the foreground, as large as a person far away or larger."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from video.model import Box, Point
from video.picture import Picture

_JOIN = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 5))
# Shares of the picture: the least area and height of anything that counts.
LEAST_AREA, LEAST_HEIGHT = 0.0004, 0.03
MOST_BODIES = 40


@dataclass(frozen=True)
class Body:
    """One thing in the picture; everything in fractions of width and height, `area` of the whole picture."""

    box: Box
    area: float
    contrast: float

    @property
    def foot(self) -> Point:
        """Where it stands: the middle of its lower edge, a little up, for the lowest row is often shadow."""
        x, y, w, h = self.box
        return x + w / 2, y + h * 0.97

    @property
    def middle(self) -> Point:
        x, y, w, h = self.box
        return x + w / 2, y + h / 2


def bodies_of(mask: Picture, contrast: Picture) -> list[Body]:
    """Bodies of a foreground mask, the largest first, at most `MOST_BODIES`."""
    height, width = mask.shape
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _JOIN)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    tall = stats[1:count, cv2.CC_STAT_HEIGHT]
    (large,) = np.nonzero((areas >= LEAST_AREA * mask.size) & (tall >= LEAST_HEIGHT * height))
    found = []
    for label in sorted(large + 1, key=lambda label: -stats[label, cv2.CC_STAT_AREA])[:MOST_BODIES]:
        x, y, w, h, area = (int(value) for value in stats[label])
        part = labels[y : y + h, x : x + w] == label
        strength = float(contrast[y : y + h, x : x + w][part].mean())
        found.append(Body((x / width, y / height, w / width, h / height), area / mask.size, strength))
    return found
