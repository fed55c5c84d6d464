"""freeze 画面冻结: the picture stands still as this camera's pictures never do.

Sees: encoders and recorders that repeat their last picture, also when it is coded anew each time. Does not see: a
frozen picture under a running clock. A scene that often stands still must stand five times as long as ever before.

Source: largest change of any pixel between key frames, against the least this camera ever shows: its own noise.
"""

from __future__ import annotations

import math
from typing import Any

from video.detect.look import Lane, Look
from video.detect.verdict import NOTHING, Verdict, blind
from video.detect.view import Against
from video.model import FeedSpec

# Seconds of stillness: at least, of a camera known for minutes only, of one not known yet; and at most of any camera.
LEAST_STILL_S, LOOSE_STILL_S, UNKNOWN_STILL_S, MOST_STILL_S = 9.9, 13.9, 19.9, 120.0
KNOWN_PAIRS = 6
STILLNESS_FACTOR = 5.0
# A picture stands when no pixel changes by more than this share of the least change ever seen, within these levels.
STILL_SHARE, LEAST_LEVELS, STRICT_LEVELS = 0.6, 2.0, 4.0
# A still picture that is coded anew changes more, by this share of the least change of a lively camera, known for long.
LOOSE_SHARE, LOOSE_LEVELS, LOOSE_PAIRS, SURE_PAIRS = 0.15, 14.0, 30, 100
# Looks between key frames are worth their price when a freeze would be told with them.
NEXT_KEY_S = 2.0
# The least change is forgotten a little with each look, so that one quiet night does not count for ever.
FORGET = 1.00005
# Standard deviation of the luma below which there is nothing to stand still, and how fast its usual value is learned.
LEAST_CONTRAST, CONTRAST_RATE = 5.0, 0.004
# Contrast that went down by less than a fifth does not count.
DIMMED = 1.25
# Pictures of a hush differ by no more than what the key frame left to mend.
HUSHED_LEVELS, HUSHED_S = 8.0, 0.15
# A frozen picture decodes to the same again; where pictures differ by no more than so many levels, or where it is not
# known yet whether they do, once is chance.
SAME_LEVELS, QUIET_LEVELS, QUIET_REPEATS = 1.0, 8.0, 2
# Two like pictures that are this many steps apart, where one step is how soon one follows the other when there is time,
# say nothing of what was in between.
MOST_STEPS, STEP_GROWS = 3.5, 1.01
# A picture that goes on within so many levels of the frozen one was a quiet scene, not a fault.
GOES_ON_LEVELS = 40.0


class Freeze:
    """Remembers the last key picture, how little pictures differ at least, and the longest stillness."""

    lanes: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        known = memory if isinstance(memory, dict) else {}
        self._least = float(known.get("least_levels", 255.0))
        self._longest_s = float(known.get("longest_s", 0.0))
        self._pairs = int(known.get("pairs", 0))
        self._contrast = float(known.get("contrast", 0.0))
        self._broke_off = False
        self._since: float | None = None
        self._still_at = self._key_at = 0.0
        self._stood = self._told = self._sure = False
        self._repeats = 0
        self._step_s = math.inf
        self.curious = False

    def judge(self, look: Look, against: Against) -> Verdict:
        """Positive after a stillness that is long for this camera."""
        change, key_before_at = against.change, self._key_at
        self._key_at = self._key_at if look.hot else look.at
        if change is None or self._broke_off:
            self._since, self._broke_off = None, self._broke_off and look.hot
            return NOTHING
        contrast = look.brightness[1]
        if contrast < LEAST_CONTRAST:
            self._since = None
            return blind("night")
        # In the dusk everything changes less, also what moves.
        dimmed = min(1.0, DIMMED * contrast / max(1.0, self._contrast))
        if not look.hot and self._missed(look.at - key_before_at) and not self._told:
            self._since, self._stood = None, False
        if self._repeated(look, change):
            return self._at_once(look, key_before_at, "repeated")
        if look.hushed and change <= HUSHED_LEVELS and look.at - self._key_at >= HUSHED_S:
            return self._at_once(look, self._key_at, "hushed")
        # A picture in between is not coded like a key frame, and differs by some levels from it also when it stands.
        limit = max(self._limit, min(LOOSE_LEVELS, LOOSE_SHARE * self._least)) if look.hot else self._limit
        if change > max(1.0, limit * dimmed):
            self._moves(look, change)
            return NOTHING
        if self._since is None:
            self._since = look.at
        self._still_at, self._stood = look.at, True
        still_s = look.at - self._since
        needed_s = self.needed_s
        self.curious = not self._told and not look.hot and needed_s - still_s < NEXT_KEY_S
        if still_s < needed_s and not self._told:
            return NOTHING
        self._told = True
        self.curious = False
        return Verdict(0.0, min(1.0, 0.6 + still_s / 60), None, {"still_s": round(still_s, 1)}, self._since)

    def _missed(self, gap_s: float) -> bool:
        """Whether pictures between two key looks so far apart were left out, as they are when time is short."""
        if gap_s > 0:
            self._step_s = min(gap_s, self._step_s * STEP_GROWS)
        return gap_s > MOST_STEPS * self._step_s

    def _repeated(self, look: Look, change: float) -> bool:
        """Whether the very same key frame came again, as no sensor sends it: more than once where little ever moves."""
        if not look.hot:
            self._repeats = self._repeats + 1 if look.repeated and change <= SAME_LEVELS else 0
        lively = self._least > QUIET_LEVELS and self._pairs >= LOOSE_PAIRS
        return not look.hot and self._repeats >= (1 if lively else QUIET_REPEATS)

    def _at_once(self, look: Look, since: float, evidence: str) -> Verdict:
        """What stands need not be waited for when the coded pictures tell it."""
        self._since = since = self._since if self._since is not None and self._stood else since
        self._still_at, self._stood, self._told, self._sure = look.at, True, True, True
        self.curious = False
        return Verdict(0.0, 0.9, None, {"still_s": round(look.at - since, 1), evidence: True}, since)

    @property
    def _limit(self) -> float:
        """Levels: no change of any pixel is larger in a picture that stands."""
        if self._pairs < KNOWN_PAIRS:
            return LEAST_LEVELS
        strict = max(LEAST_LEVELS, min(STRICT_LEVELS, STILL_SHARE * self._least))
        if self._pairs < LOOSE_PAIRS:
            return strict
        return max(strict, min(LOOSE_LEVELS, LOOSE_SHARE * self._least))

    @property
    def needed_s(self) -> float:
        """Seconds of stillness that are told on this camera."""
        if self._pairs < KNOWN_PAIRS:
            return max(UNKNOWN_STILL_S, STILLNESS_FACTOR * self._longest_s)
        least_s = LEAST_STILL_S if self._pairs >= SURE_PAIRS else LOOSE_STILL_S
        return min(MOST_STILL_S, max(least_s, STILLNESS_FACTOR * self._longest_s))

    def _moves(self, look: Look, change: float) -> None:
        """The picture changed: what stillness there was is over."""
        self.curious = False
        if self._since is not None and self._stood:
            # Few bytes alone are no stillness: two pictures must have been the same.
            still_s = self._still_at - self._since
            if still_s > 0 and not self._sure and (not self._told or change < GOES_ON_LEVELS):
                self._longest_s = max(self._longest_s, still_s)
        self._told = self._stood = self._sure = False
        if look.hot:
            self._since = None
            return
        self._pairs = min(SURE_PAIRS, self._pairs + 1)
        self._least = min(change, self._least * FORGET)
        self._contrast += max(CONTRAST_RATE, 1 / self._pairs) * (look.brightness[1] - self._contrast)
        self._since, self._still_at = look.at - look.quiet_s, look.at
        self.curious = look.quiet_s > 0 and self.needed_s - look.quiet_s < NEXT_KEY_S

    def interrupted(self) -> None:
        """The picture before the break says nothing of the one after."""
        self._broke_off, self._since, self.curious = True, None, False

    def memory(self) -> Any:
        if self._pairs < KNOWN_PAIRS:
            return None
        return {
            "least_levels": round(self._least, 1),
            "longest_s": round(self._longest_s, 1),
            "pairs": self._pairs,
            "contrast": round(self._contrast, 1),
        }
