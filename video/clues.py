"""What the sizes of coded pictures tell before anything is decoded: where it is worth looking at once.

Between key frames a picture costs as many bytes as it differs from the one before. A cover, snow or a colour that fails
costs many at once; right after a key frame, a picture that stands still costs next to none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

# surge: a picture that costs far more than usual. hush: nothing moves after a key frame, as never on this camera.
Clue = Literal["surge", "hush"]

# A surge is so many times the usual size, and no trifle.
SURGE_FACTOR, LEAST_SURGE_BYTES = 6.0, 3000
USUAL_RATE, LEAST_PICTURES = 0.1, 8
# The second and third picture after a key frame tell of stillness: the first mends what the key frame left.
HEAD = slice(2, 4)
# They are hushed when both are this small on a camera on which they never are, as its last key frames (so many) showed.
MOST_HUSHED_BYTES, LEAST_LIVELY_BYTES, KNOWN_HEADS = 96, 200, 60
# Pictures in between that carry less than this share of their usual bytes carry nothing.
EMPTY_BYTES = 0.25
# What was least once is forgotten a little with each key frame.
FORGET = 1.002
# Sizes of key frames: how fast the usual one and its mean distance are learned, after how many they are known, and by
# how many distances one may differ. A camera whose key frames are all alike differs by a fiftieth.
KEY_RATE, KNOWN_KEYS, KEY_SPREADS, LEAST_SPREAD = 0.08, 8, 2.5, 0.02
MOST_SURPRISE = 4.0


class Clues:
    """Reads the sizes of one feed's pictures as they come, group by group."""

    __slots__ = ("_group", "_heads", "_least_head", "_read", "_usual")

    def __init__(self) -> None:
        self._group: Sequence[int] = ()
        self._read = self._heads = 0
        self._usual = self._least_head = 0.0

    def read(self, group: Sequence[int]) -> Clue | None:
        """Take the sizes of the pictures since a key frame, itself first; the sequence of one group goes on growing.

        Returns:
            What is new and worth a look; a surge and a hush once for each group.
        """
        if group is not self._group:
            self._close()
            self._group, self._read = group, 1
        start, self._read = self._read, max(self._read, len(group))
        if start < HEAD.stop <= self._read and self._hushed(max(group[HEAD])):
            return "hush"
        if start < self._read and self._usual:
            most = max(SURGE_FACTOR * self._usual, LEAST_SURGE_BYTES)
            if max(group[start : self._read]) > most:
                # Once is enough: the rest of this group is looked at with it.
                self._read = len(group) + 1_000_000
                return "surge"
        return None

    def _hushed(self, head: int) -> bool:
        known = self._heads >= KNOWN_HEADS
        self._heads += 1
        hushed = known and head <= MOST_HUSHED_BYTES and self._least_head >= LEAST_LIVELY_BYTES
        self._least_head = min(self._least_head * FORGET, head) if self._heads > 1 else float(head)
        return hushed

    def _close(self) -> None:
        """A group is whole: learn how large its pictures usually are."""
        count = len(self._group) - 1
        if count >= LEAST_PICTURES:
            mean = sum(self._group[1:]) / count
            self._usual = self._usual + USUAL_RATE * (mean - self._usual) if self._usual else mean


class KeySizes:
    """How many bytes the key frames of one feed usually take: a cover, a blur, a light that goes out change that."""

    __slots__ = ("_count", "_spread", "_usual")

    def __init__(self) -> None:
        self._count = 0
        self._usual = self._spread = 0.0

    def surprise(self, size: int) -> float:
        """How far a key frame is from the usual ones, up to `MOST_SURPRISE`; 0 near them and while they are unknown."""
        self._count += 1
        if self._count == 1:
            self._usual = float(size)
            return 0.0
        apart = abs(size - self._usual)
        spread = max(LEAST_SPREAD * self._usual, self._spread)
        found = (
            min(MOST_SURPRISE, max(0.0, apart / max(1.0, spread) - KEY_SPREADS)) if self._count > KNOWN_KEYS else 0.0
        )
        rate = max(KEY_RATE, 1 / self._count)
        self._usual += rate * (size - self._usual)
        # One that is far off says little about how far they usually are.
        self._spread += rate * (min(apart, 4 * spread) - self._spread)
        return min(MOST_SURPRISE, found)


def ends_empty(group: Sequence[int]) -> bool:
    """Whether the last picture of a group (sizes, the key frame first) may count as empty: nearly never, and quick."""
    return len(group) > 4 and group[-1] < EMPTY_BYTES * max(group[1:])


def quiet_before(sizes: Sequence[tuple[float, int]], at: float) -> float:
    """Seconds before a key frame at `at` in which the pictures in between carried next to nothing.

    `sizes` are time and bytes of the pictures since the key frame before, in order, that one left out. A picture is
    empty when it has less than a quarter of the bytes usual among them; 0.0 when the last ones are not empty, or when
    none stands out.
    """
    if len(sizes) < 4:
        return 0.0
    ordered = sorted(size for _, size in sizes)
    usual = ordered[3 * (len(ordered) - 1) // 4]
    since = at
    for moment, size in reversed(sizes):
        if size >= EMPTY_BYTES * usual:
            break
        since = moment
    return max(0.0, at - since)
