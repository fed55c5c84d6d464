"""Zones of one kind, ready to be asked: which one holds a point, and whether it is watched at this hour."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from video.detect.bodies import Body
from video.hours import within
from video.model import Point, Zone, ZoneKind
from video.picture import Picture

# A body this far outside of a zone, in fractions of the picture, may be on its way into it.
NEAR = 0.08


class Areas:
    """The zones of one kind of one feed."""

    def __init__(self, zones: Sequence[Zone], kind: ZoneKind) -> None:
        self.zones = tuple(zone for zone in zones if zone.kind == kind)
        self._corners = [np.array(zone.polygon, np.float32) for zone in self.zones]

    def __bool__(self) -> bool:
        return bool(self.zones)

    def at(self, point: Point, at: float) -> Zone | None:
        """The first zone around a point (fractions) that is watched at epoch second `at`."""
        for zone, corners in zip(self.zones, self._corners, strict=True):
            if cv2.pointPolygonTest(corners, point, False) >= 0 and watched(zone, at):
                return zone
        return None

    def touched(self, mask: Picture, share: float) -> bool:
        """Whether so much of the picture (a share of it all) is set in `mask` around one of the zones."""
        height, width = mask.shape
        for corners in self._corners:
            left, top = np.maximum(corners.min(axis=0), 0)
            right, low = corners.max(axis=0)
            part = mask[int(top * height) : int(low * height) + 1, int(left * width) : int(right * width) + 1]
            if cv2.countNonZero(part) >= share * mask.size:
                return True
        return False

    def open_at(self, at: float) -> list[tuple[int, Zone]]:
        """The zones watched at epoch second `at`, with their numbers."""
        return [(index, zone) for index, zone in enumerate(self.zones) if watched(zone, at)]

    def near(self, body: Body, at: float) -> bool:
        """Whether a body touches the surroundings of a zone that is watched now."""
        x, y, w, h = body.box
        for zone, corners in zip(self.zones, self._corners, strict=True):
            left, top = corners.min(axis=0) - NEAR
            right, low = corners.max(axis=0) + NEAR
            if x < right and x + w > left and y < low and y + h > top and watched(zone, at):
                return True
        return False


def watched(zone: Zone, at: float) -> bool:
    """Whether a zone is watched at epoch second `at`: no hours are all hours, and hours may pass midnight."""
    return within(zone.hours, at)
