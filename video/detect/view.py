"""What one camera usually shows, and how a look differs from that: shared by the detectors that judge the picture.

Source: tampering told from edges and from correlation with a slowly updated reference, as in E. Ribnick et al.,
Real-time detection of camera tampering, 2006, and T. Ellwart et al., Camera tampering detection, 2012.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from video.detect.glance import UNKNOWN, Glance
from video.detect.look import TILES, Look, Outline
from video.lazy import lazy
from video.picture import Picture, shrunk

LEARN_LOOKS = 3
LEARN_RATE = 0.08
# A view that is known well takes a look every so many seconds only.
KNOWN_LOOKS, LEARN_EVERY_S = 12, 4.5
# What could be neither told nor cleared for so long is how the scene is now.
DOUBT_S = 60.0
# How alike a normal look is to the usual view: middle and mean distance, learned slower than the view itself.
LIKENESS_RATE, LEAST_LIKENESS_SPREAD = 0.05, 0.015
# Two looks this close in time show the same moment: between them only trouble changes the whole picture.
SAME_MOMENT_S = 1.0
UNSETTLED_LEVELS = 5.0
# By so much the correlation with the usual view must be better elsewhere for a picture to stand there.
LEAST_GAIN = 0.12


class Against:
    """One look held against the usual view and against the look before; what nobody asks for is not computed."""

    def __init__(self, look: Look, view: View, glance: Glance) -> None:
        self._look, self._view = look, view
        self._before = view.before
        # Largest change of any pixel since the key picture before, in levels; None when there is none.
        self.change = glance.change

    @property
    def learning(self) -> bool:
        return self._view.looks < LEARN_LOOKS or self._view.outline is None

    @property
    def usual_energy(self) -> float:
        return self._view.energy

    @property
    def edges_left(self) -> float:
        """Edge energy as a share of the usual."""
        return self._look.edge_energy / max(0.05, self._view.energy)

    @property
    def contrast_left(self) -> float:
        """Standard deviation of the luma as a share of the usual."""
        return self._look.brightness[1] / max(1.0, self._view.contrast)

    @property
    def fineness(self) -> float:
        """Fine detail for each edge: what is lost first when the focus goes."""
        return self._look.detail.mean / max(0.5, self._look.edge_energy)

    @lazy
    def likeness(self) -> float:
        """Correlation of the outline with the usual one."""
        return self._view.outline.likeness(self._look.outline) if self._view.outline is not None else 1.0

    def unlike(self, spreads: float = 5.0) -> float:
        """How far the likeness is below what is normal on this camera, 0 within it."""
        least = self._view.likeness - spreads * self._view.likeness_spread
        return max(0.0, least - self.likeness)

    @property
    def known_looks(self) -> int:
        return self._view.looks

    @property
    def usual_outline(self) -> Outline | None:
        return self._view.outline

    @property
    def usual_likeness(self) -> float:
        return self._view.likeness

    @property
    def same_moment(self) -> bool:
        """The look before was a moment ago."""
        return self._before is not None and 0 < self._look.at - self._before.at < SAME_MOMENT_S

    @property
    def unsettled(self) -> bool:
        """Exposure is still adapting: lights, infrared, black moments in between."""
        before = self._before
        if before is None or not self.same_moment:
            return False
        return abs(before.brightness - self._look.brightness[0]) > UNSETTLED_LEVELS

    def accept(self) -> None:
        """This view is the usual one from now on."""
        self._view.forget()

    @lazy
    def likeness_before(self) -> float | None:
        """Correlation of the outline with that of a moment ago; None when there was no such look."""
        if self._before is None or not self.same_moment:
            return None
        return self._before.again().outline.likeness(self._look.outline)

    @lazy
    def detail_before(self) -> float | None:
        """Correlation of the finest detail with that of a moment ago; None when there was no such look."""
        if self._before is None or not self.same_moment:
            return None
        return self._before.again().detail.likeness(self._look.detail)

    @lazy
    def change_floor(self) -> float:
        """Levels by which the picture differs from the usual where it differs least: a fifth of it differs less."""
        if self._view.half is None or self._view.half.shape != self._look.half.shape:
            return 0.0
        usual = np.asarray(self._view.half >> 8, np.uint8)
        # Every third row is enough to find what lies over all of the picture.
        change = np.asarray(cv2.absdiff(self._look.half[::3], usual[::3]), np.uint8)
        tiles = shrunk(change, (TILES[0], TILES[1] // 2)).ravel()
        return float(np.partition(tiles, len(tiles) // 5)[len(tiles) // 5])

    @lazy
    def difference(self) -> NDArray[np.float32] | None:
        """What was added to the usual picture, (height, width) float32 levels at `EDGE_WIDTH_PX`, mean 0."""
        if self._view.half is None or self._view.half.shape != self._look.half.shape:
            return None
        added = self._look.half.astype(np.float32) - self._view.half.astype(np.float32) / 256
        return np.asarray(added - added.mean(), np.float32)

    @lazy
    def shift(self) -> tuple[float, float, float]:
        """How far the picture stands off its usual place, right and down in shares of the width, and how like the usual
        view it is there. Up to a sixth of the picture; finer than a pixel. Off its place only where it is plainly more
        like the usual view than at it: who walks before the lens shifts nothing."""
        usual, seen = self._view.outline, self._look.outline
        if usual is None or usual.values.shape != seen.values.shape:
            return 0.0, 0.0, 0.0
        height, width = seen.values.shape
        rim_x, rim_y = width // 6, height // 6
        middle = seen.values[rim_y : height - rim_y, rim_x : width - rim_x]
        scores = np.asarray(cv2.matchTemplate(usual.values, middle, cv2.TM_CCOEFF_NORMED), np.float32)
        y, x = (int(index) for index in np.unravel_index(int(scores.argmax()), scores.shape))
        if scores[y, x] < scores[rim_y, rim_x] + LEAST_GAIN:
            y, x = rim_y, rim_x
        # The place in the usual view that looks like the middle of this one lies against the shift.
        across, down = rim_x - (x + _summit(scores[y], x)), rim_y - (y + _summit(scores[:, x], y))
        return across / width, down / width, float(scores[y, x])

    @lazy
    def turn(self) -> tuple[float, float, float]:
        """The same for shifts of up to half the picture; coarser, and right only where the likeness is plain.

        Source: C. D. Kuglin, D. C. Hines, The phase correlation image alignment method, 1975.
        """
        usual, seen = self._view.outline, self._look.outline
        if usual is None or usual.values.shape != seen.values.shape:
            return 0.0, 0.0, 0.0
        height, width = seen.values.shape
        # Given a window to apply, it would write over what it is given.
        window = _window(width, height)
        (across, down), _ = cv2.phaseCorrelate(usual.values * window, seen.values * window)
        return across / width, down / width, _likeness_shifted(usual.values, seen.values, across, down)


class _Before:
    """What is kept of the look before: little, for most of it is never asked for."""

    __slots__ = ("at", "brightness", "luma")

    def __init__(self, look: Look) -> None:
        self.at, self.luma, self.brightness = look.at, look.luma, look.brightness[0]

    def again(self) -> Look:
        """The look as it was, without its full size."""
        return Look(self.luma, self.at)


class View:
    """The usual view of one camera: outline, edge energy, contrast; some fifty kilobytes."""

    def __init__(self) -> None:
        self.outline: Outline | None = None
        # In steps of a 256th level: float would take twice the memory.
        self.half: NDArray[np.uint16] | None = None
        self.energy = self.contrast = 0.0
        self.likeness, self.likeness_spread = 1.0, 0.1
        self.looks = 0
        self.before: _Before | None = None
        self._learned_at = 0.0

    def against(self, look: Look, glance: Glance = UNKNOWN) -> Against:
        if self.half is not None and self.half.shape != look.half.shape:
            self.forget()
        return Against(look, self, glance)

    def passed(self, look: Look) -> None:
        """This look becomes the look before."""
        self.before = _Before(look)

    def learn(self, look: Look, against: Against) -> None:
        """Take a normal look into the usual view."""
        if self.looks >= KNOWN_LOOKS and 0 <= look.at - self._learned_at < LEARN_EVERY_S:
            return
        self.looks += 1
        self._learned_at = look.at
        rate = max(LEARN_RATE * (2 if self.looks > KNOWN_LOOKS else 1), 1 / self.looks)
        if self.outline is None or self.half is None:
            self.outline, self.half = look.outline, _fine(look.half)
        else:
            self.half = np.asarray(cv2.addWeighted(self.half, 1 - rate, _fine(look.half), rate, 0.0), np.uint16)
            if self.looks > LEARN_LOOKS:
                self._learn_likeness(against.likeness)
            self.outline = Outline(_mixed(self.outline.values, look.outline.values, rate))
        self.energy += rate * (look.edge_energy - self.energy)
        self.contrast += rate * (look.brightness[1] - self.contrast)

    def overdue(self, at: float) -> bool:
        """Doubt has kept the view from learning for too long."""
        return at - self._learned_at > DOUBT_S

    def _learn_likeness(self, likeness: float) -> None:
        rate = max(LIKENESS_RATE, 1 / (self.looks - LEARN_LOOKS))
        step = likeness - self.likeness
        self.likeness += rate * step
        self.likeness_spread += rate * (max(LEAST_LIKENESS_SPREAD, abs(step)) - self.likeness_spread)

    def forget(self) -> None:
        """Start anew: the camera hangs elsewhere now."""
        self.outline, self.half, self.looks, self.before = None, None, 0, None
        self.likeness, self.likeness_spread = 1.0, 0.1

    def interrupted(self) -> None:
        """The stream broke off: the look before says nothing of the next one."""
        self.before = None


def _likeness_shifted(usual: NDArray[np.float32], seen: NDArray[np.float32], across: float, down: float) -> float:
    """Likeness of what both pictures show when one is shifted by so many pixels; 0 when that is too little."""
    height, width = usual.shape
    if abs(across) > width / 2 or abs(down) > height / 2:
        return 0.0
    back = np.array([[1, 0, -across], [0, 1, -down]], np.float64)
    undone = np.asarray(cv2.warpAffine(seen, back, (width, height)), np.float32)
    left, right = max(0, int(np.ceil(-across))), width - max(0, int(np.ceil(across)))
    top, low = max(0, int(np.ceil(-down))), height - max(0, int(np.ceil(down)))
    here, there = usual[top:low, left:right], undone[top:low, left:right]
    return Outline(np.ascontiguousarray(here)).likeness(Outline(np.ascontiguousarray(there)))


def _summit(scores: NDArray[np.float32], at: int) -> float:
    """Where between pixels a row of scores is highest, as seen from its highest pixel: -0.5 to 0.5."""
    if not 0 < at < len(scores) - 1:
        return 0.0
    left, top, right = (float(score) for score in scores[at - 1 : at + 2])
    bend = left - 2 * top + right
    return 0.0 if bend >= 0 else max(-0.5, min(0.5, 0.5 * (left - right) / bend))


_WINDOWS: dict[tuple[int, int], NDArray[np.float32]] = {}


def _window(width: int, height: int) -> NDArray[np.float32]:
    size = width, height
    if size not in _WINDOWS:
        if len(_WINDOWS) > 64:
            _WINDOWS.clear()
        _WINDOWS[size] = np.asarray(cv2.createHanningWindow(size, cv2.CV_32F), np.float32)
    return _WINDOWS[size]


def _fine(half: Picture) -> NDArray[np.uint16]:
    """Levels in steps of a 256th."""
    return np.asarray(half.astype(np.uint16) << 8, np.uint16)


def _mixed(known: NDArray[np.float32], new: NDArray[np.float32], rate: float) -> NDArray[np.float32]:
    return np.asarray(cv2.addWeighted(known, 1 - rate, new, rate, 0.0), np.float32)
