"""removed_object 物品移走: a thing that belongs to the scene has been missing from a zone for longer than its limit.

Sees: a sign, a manhole cover, a parked vehicle that is gone and leaves another picture behind. Does not see: a thing
that looked like the ground behind it, or one that was there for less than some minutes before it went.
"""

from __future__ import annotations

from video.detect.standstill import Standstill
from video.model import FeedSpec


class RemovedObject(Standstill):
    """Things that went."""

    def __init__(self, spec: FeedSpec) -> None:
        super().__init__(spec, "removed_object")
