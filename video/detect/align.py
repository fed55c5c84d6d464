"""How far a shaking camera has swung from its usual place: two short profiles are compared, not two pictures.

Source: projection profiles as in global motion estimation, K. Ratakonda, Real-time digital video stabilization, 1998.
Sees whole-pixel shifts of the whole picture; not turning, not zoom.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from video.picture import Picture

Shift = tuple[int, int]
Slopes = NDArray[np.float32]
Profiles = tuple[Slopes, Slopes]
Cut = tuple[slice, slice]
# The farthest shift looked for, in pixels of a look; less where the picture is very flat.
FARTHEST_PX = 12
# A shift must explain so much more of the difference than standing still does.
LEAST_GAIN = 0.75


def profiles(luma: Picture) -> Profiles:
    """Slopes of the mean of every column, (width - 1,), and of every row, (height - 1,), float32."""
    columns = cv2.reduce(luma, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    rows = cv2.reduce(luma, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    return columns[1:] - columns[:-1], rows[1:] - rows[:-1]


class Place:
    """The usual place of a camera: its profiles."""

    def __init__(self, usual: Picture) -> None:
        self._usual = profiles(usual)

    def shift_of(self, luma: Picture) -> Shift:
        """(across, down) in pixels: how far the picture lies right of and below the usual one."""
        columns, rows = profiles(luma)
        return _best(columns, _shifted(self._usual[0])), _best(rows, _shifted(self._usual[1]))


def _shifted(profile: Slopes) -> Slopes:
    """The profile at every shift, one in each row, the farthest to the left and up first."""
    reach = min(FARTHEST_PX, profile.size // 4)
    return sliding_window_view(profile, profile.size - 2 * reach)[::-1]


def _best(now: Slopes, shifted: Slopes) -> int:
    reach = len(shifted) // 2
    cost = np.abs(shifted - now[reach : now.size - reach]).sum(axis=1)
    best = int(cost.argmin())
    return best - reach if cost[best] < LEAST_GAIN * cost[reach] else 0


def overlap(shape: tuple[int, ...], shift: Shift) -> tuple[Cut, Cut]:
    """The part that a shifted picture shares with the usual one: where it lies in the first, and in the second."""
    (down_here, down_there), (across_here, across_there) = _spans(shape[0], shift[1]), _spans(shape[1], shift[0])
    return (down_here, across_here), (down_there, across_there)


def _spans(length: int, shift: int) -> tuple[slice, slice]:
    if shift >= 0:
        return slice(shift, length), slice(0, length - shift)
    return slice(0, length + shift), slice(-shift, length)
