"""Bodies: joined pixels of the foreground, as large as a person far away or larger."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from video.detect.verdict import NEVER, needs_of
from video.model import Box, Point
from video.picture import Picture

_JOIN = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 5))
# Shares of the picture: the least area and height of anything that counts.
LEAST_AREA, LEAST_HEIGHT = 0.0004, 0.03
MOST_BODIES = 40
# Shares of the picture at which a body counts as a person, plainly and at the highest sensitivity: area and height.
PLAIN_AREA, FAINT_AREA = 0.0024, 0.00088
PLAIN_HEIGHT, FAINT_HEIGHT = 0.108, 0.054
# Wider than this it is light on the ground or a vehicle right before the lens.
WIDEST = 0.5


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
    left, top, across, down = cv2.boundingRect(mask)
    # Room for joining at the rim, and nothing more: most of a picture is empty.
    left, top = max(0, left - 3), max(0, top - 3)
    part = mask[top : top + down + 6, left : left + across + 6]
    joined = np.asarray(cv2.morphologyEx(part, cv2.MORPH_CLOSE, _JOIN), np.uint8)
    outlines, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        x, y, w, h = cv2.boundingRect(outline)
        # The outline runs through the middles of the outer pixels: half of them lie outside of it.
        area = (cv2.contourArea(outline) + len(outline) / 2 + 1) / mask.size
        if area >= LEAST_AREA and h >= LEAST_HEIGHT * height:
            within = (slice(top + y, top + y + h), slice(left + x, left + x + w))
            strength = cv2.mean(contrast[within], mask[within])[0]
            box = ((left + x) / width, (top + y) / height, w / width, h / height)
            found.append(Body(box, area, strength))
    return sorted(found, key=lambda body: -body.area)[:MOST_BODIES]


def needs_for_person(body: Body) -> float:
    """How sensitive one must be to take a body of this size for a person or more (see `Verdict.needs`)."""
    if body.box[2] >= WIDEST:
        return NEVER
    return max(
        needs_of(body.area, plain=PLAIN_AREA, faint=FAINT_AREA),
        needs_of(body.box[3], plain=PLAIN_HEIGHT, faint=FAINT_HEIGHT),
    )
