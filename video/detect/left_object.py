"""left_object 遗留物: a thing that was not there stands still in a zone for longer than its limit.

Sees: bags, boxes, barriers, parked vehicles up to a seventh of the picture. Does not see: a thing in the colours of the
ground, one that somebody stays beside all the time, one left for longer than about four minutes before the limit is
over (by then it belongs to the scene). Somebody who stands like a statue is a thing.
"""

from __future__ import annotations

from video.detect.standstill import Standstill
from video.model import FeedSpec


class LeftObject(Standstill):
    """Things that came."""

    def __init__(self, spec: FeedSpec) -> None:
        super().__init__(spec, "left_object")
