"""The way of a scripted person through the zone of a scene."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Walk:
    """The way a scripted person takes, there and back: feet and heights in fractions of the picture.

    `gait` names who walks: `vtest` the man cut out of that clip, `drawn` a drawn figure.
    """

    start: Point
    end: Point
    start_height: float
    end_height: float
    gait: str = "drawn"

    def at(self, part: float) -> tuple[Point, float, bool]:
        """Foot, height and whether he faces left, at a part (0 to 1) of the way there and back."""
        there = part < 0.5
        along = part * 2 if there else 2 - part * 2
        x, y = (a + (b - a) * along for a, b in zip(self.start, self.end, strict=True))
        height = self.start_height + (self.end_height - self.start_height) * along
        return (x, y), height, (self.end[0] < self.start[0]) == there
