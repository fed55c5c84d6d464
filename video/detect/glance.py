"""The first rung of the ladder: is the picture just as it was at the look before? Worked out for many feeds in one go.

Trouble with a lens, a sensor or a mount begins at once and shows all over the picture: in how bright its parts are, in
their finest detail, or in their colour. As long as most parts stand as they stood, no detector of such trouble needs
to be asked; and as long as nothing stirred in a zone, none that watches zones. What comes slowly is found by the full
check that is made every few looks all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from video.detect.look import TILES, Look, together
from video.model import Box, Zone
from video.picture import Picture

FULL_EVERY = 6
# By how much a part may differ: levels of light, quarter levels of detail, levels of relief and of colour (u and v).
LIMITS = np.array([3, 4, 4, 3, 3], np.uint8)[:, None]
# Of the parts that usually stand still between two looks, this share may differ; how many do is learned.
OTHER_SHARE, LEARN_RATE = 0.15, 0.05
# Something moved in a zone when this share of the picture changed by so many levels there, or this near to it.
STIRRED_LEVELS, STIRRED_SHARE, NEAR = 12, 0.0003, 0.04

_Taken = tuple[int, "Glimpse", Picture, Picture, Picture, Picture]


@dataclass(frozen=True, slots=True)
class Glance:
    """How a look differs from the key picture before it.

    `change` is the largest change of any pixel in levels, None when there is nothing to compare with. `steady`: no
    more than usual of the picture is otherwise, and the last full check is not long ago. `still`: nothing stirred in
    a zone. Both are only said of key pictures.
    """

    change: float | None = None
    steady: bool = False
    still: bool = False


UNKNOWN = Glance()


class Glimpse:
    """What the first rung keeps of one feed: its last key picture and the parts of it, some thirty kilobytes."""

    __slots__ = ("_since_full", "luma", "parts", "rects", "usual")

    def __init__(self, zones: Sequence[Zone] = ()) -> None:
        self.rects = [_around(zone) for zone in zones if zone.kind != "ignore"]
        self.forget()

    def forget(self) -> None:
        """The picture before says nothing of the next one."""
        self.luma: Picture | None = None
        self.parts: Picture | None = None
        # How much of the parts usually differs: light, detail, relief, u, v.
        self.usual: Sequence[float] | None = None
        self._since_full = 0

    def take(self, luma: Picture, parts: Picture) -> tuple[Picture, Picture] | None:
        """Keep a key picture; the one before and its parts, None when there is nothing to compare with."""
        before, parts_before = self.luma, self.parts
        self.luma, self.parts = luma, parts
        if before is None or parts_before is None or before.shape != luma.shape or len(parts_before) != len(parts):
            self.usual, self._since_full = None, 0
            return None
        return before, parts_before

    def steady(self, shares: Sequence[float]) -> bool:
        """Whether no more than usual differs, of which is learned; False when a full check is due."""
        usual = self.usual or shares
        held = all(share <= known + OTHER_SHARE * (1 - known) for share, known in zip(shares, usual, strict=True))
        rate = LEARN_RATE if held else LEARN_RATE / 3
        self.usual = [known + rate * (share - known) for share, known in zip(shares, usual, strict=True)]
        self._since_full = self._since_full + 1 if held and self._since_full < FULL_EVERY - 1 else 0
        return self._since_full > 0

    def still(self, stirred: Picture) -> bool:
        """Whether no zone has stirred; `stirred` is 1 where the picture changed."""
        return not any(set_within(stirred, rect) for rect in self.rects)


def glances(looks: Sequence[Look], glimpses: Sequence[Glimpse]) -> list[Glance]:
    """One glance for each look, held against its feed's glimpse, which keeps the key pictures of them."""
    together(looks)
    found = [UNKNOWN] * len(looks)
    alike: dict[tuple[int, ...], list[_Taken]] = defaultdict(list)
    for place, (look, glimpse) in enumerate(zip(looks, glimpses, strict=True)):
        if look.hot:
            found[place] = _beside(look, glimpse)
            continue
        parts = _parts(look)
        before = glimpse.take(look.luma, parts)
        if before is not None:
            alike[*look.luma.shape, len(parts)].append((place, glimpse, look.luma, parts, *before))
    for group in alike.values():
        places, of, *pictures = zip(*group, strict=True)
        for place, glimpse, change, stirred, shares in zip(places, of, *_differences(*pictures), strict=True):
            found[place] = Glance(change, glimpse.steady(shares), glimpse.still(stirred))
    return found


def _beside(look: Look, glimpse: Glimpse) -> Glance:
    """A picture between key pictures: how far it is from the last of those."""
    return Glance(largest_change(glimpse.luma, look.luma)) if glimpse.luma is not None else UNKNOWN


def largest_change(before: Picture, now: Picture) -> float | None:
    """Of any pixel, in levels; None for pictures of other shapes."""
    return float(cv2.norm(before, now, cv2.NORM_INF)) if before.shape == now.shape else None


def _differences(
    now: Sequence[Picture], parts: Sequence[Picture], then: Sequence[Picture], parts_then: Sequence[Picture]
) -> tuple[list[float], Picture, list[list[float]]]:
    """Of pictures of one shape, laid one below the other: the largest change of each, where each stirred (count,
    height, width), and what shares of its parts differ."""
    count, (height, width) = len(now), now[0].shape
    changed = np.asarray(cv2.absdiff(np.concatenate(now), np.concatenate(then)), np.uint8)
    changes = [float(change) for change in changed.reshape(count, -1).max(axis=1)]
    stirred = np.asarray(cv2.threshold(changed, STIRRED_LEVELS, 1, cv2.THRESH_BINARY)[1], np.uint8)
    here, there = (np.concatenate(each).reshape(count, -1, TILES[0] * TILES[1]) for each in (parts, parts_then))
    apart = np.maximum(here, there) - np.minimum(here, there)
    shares = np.count_nonzero(apart > LIMITS[: here.shape[1]], axis=2) / apart.shape[2]
    return changes, stirred.reshape(count, height, width), shares.tolist()


def _parts(look: Look) -> Picture:
    """Light, detail, relief and, where there is colour, u and v of the tiles, (3 or 5 times rows, columns) uint8."""
    return np.concatenate((look.basics.light, look.basics.detail, look.basics.relief, *(look.chroma or ())))


def _around(zone: Zone) -> Box:
    """The rectangle around a zone with room for what comes near it: left, top, right and low edge."""
    xs, ys = zip(*zone.polygon, strict=True)
    return max(0.0, min(xs) - NEAR), max(0.0, min(ys) - NEAR), max(xs) + NEAR, max(ys) + NEAR


def set_within(mask: Picture, rect: Box) -> bool:
    """Whether more is set within a rectangle than noise would set."""
    return cv2.countNonZero(mask[cut(mask, rect)]) > STIRRED_SHARE * mask.size


def cut(picture: Picture, rect: Box) -> tuple[slice, slice]:
    """Rows and columns of a rectangle given by its edges in fractions."""
    height, width = picture.shape
    return (
        slice(int(rect[1] * height), int(rect[3] * height) + 1),
        slice(int(rect[0] * width), int(rect[2] * width) + 1),
    )
