"""moved 视角偏移: the camera shows another view, as rich as the usual one, and stands still again.

Sees: a camera that was turned, hit, re-hung. Does not see: a turn of less than about a fiftieth of the picture. A view
that stays for ten minutes becomes the usual one; a view from which the camera came back by itself is a preset, and is
not told again. While the picture still moves nothing is said, so a patrol that goes and returns at once raises nothing.
A camera that sways all the time is judged by how much worse than usual it is, or not at all.

Source: correlation of locally normalised edges with the usual view (see view.py); the shift is named by phase
correlation.
"""

from __future__ import annotations

from typing import Any

from video.detect.acceptance import Acceptance
from video.detect.look import Lane, Look, Outline
from video.detect.verdict import LEARNING, NOTHING, Verdict, blind, needs_of
from video.detect.view import Against
from video.model import FeedSpec

LEAST_STRUCTURE = 1.0
# Correlation with the usual outline: the plainest change, the faintest.
PLAIN_LIKENESS, FAINT_LIKENESS = 0.06, 0.42
# With so little in common it is another view, also where traffic fills the picture now and then.
NOTHING_ALIKE = 0.15
# Edges that must be there: less is a cover or the dark.
LEAST_EDGES = 0.35
# Two looks a moment apart are this alike when the camera stands.
STANDS = 0.55
ACCEPT_S = 600.0
# Views this alike are the same preset; so many are remembered.
SAME_VIEW, MOST_PRESETS, PRESET_S = 0.45, 6, 4.0
# A shift is named when undoing it brings back so much of the usual view.
SURE = 0.4


class Moved:
    """Remembers views the camera came back from."""

    lanes: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})

    def __init__(self, spec: FeedSpec, memory: Any = None) -> None:
        self._sensitivity = spec.sensitivity
        self._presets: list[Outline] = []
        self._elsewhere: Outline | None = None
        self._since: float | None = None
        self._acceptance = Acceptance(ACCEPT_S)
        self.curious = False

    def judge(self, look: Look, against: Against) -> Verdict:
        """Positive while the view is another one."""
        self.curious = False
        if against.learning:
            return LEARNING
        if against.usual_energy < LEAST_STRUCTURE:
            return blind("no_texture")
        verdict = self._judge(look, against)
        positive = verdict.positive(self._sensitivity)
        if positive:
            self._elsewhere, self._since = look.outline, self._since or look.at
        elif against.likeness > FAINT_LIKENESS:
            self._returned(look.at)
        if self._acceptance.after(positive, look.at):
            self._accept(against)
        return verdict

    def _judge(self, look: Look, against: Against) -> Verdict:
        if against.likeness > FAINT_LIKENESS or against.edges_left < LEAST_EDGES:
            return NOTHING
        plainly = against.likeness < NOTHING_ALIKE and against.unlike(2.0) > 0
        if against.unlike() <= 0 and not plainly:
            return blind("unsteady")
        before = against.likeness_before
        if before is not None and before < STANDS:
            # Another look will tell whether it comes to rest elsewhere.
            self.curious = True
            return NOTHING
        if any(preset.likeness(look.outline) > SAME_VIEW for preset in self._presets):
            self._accept(against)
            return NOTHING
        needs = needs_of(against.likeness, plain=PLAIN_LIKENESS, faint=FAINT_LIKENESS)
        detail: dict[str, Any] = {"likeness": round(against.likeness, 3)}
        if look.hot:
            across, down, undone = max(against.shift, against.turn, key=lambda shift: shift[2])
            if undone > SURE:
                detail |= {"shift_right": round(across, 3), "shift_down": round(down, 3)}
        return Verdict(needs, min(1.0, 0.9 - against.likeness), None, detail)

    def _returned(self, at: float) -> None:
        """The usual view is back: where the camera stood for a while meanwhile is a preset."""
        if self._elsewhere is not None and self._since is not None and at - self._since >= PRESET_S:
            self._remember(self._elsewhere)
        self._elsewhere, self._since = None, None

    def _accept(self, against: Against) -> None:
        """The new view is the usual one, and the old one a preset."""
        if against.usual_outline is not None:
            self._remember(against.usual_outline)
        self._elsewhere, self._since = None, None
        against.accept()

    def _remember(self, view: Outline) -> None:
        others = [preset for preset in self._presets if preset.likeness(view) <= SAME_VIEW]
        self._presets = [*others, view][-MOST_PRESETS:]

    def interrupted(self) -> None:
        """Usual views stay."""

    def memory(self) -> Any:
        """Views are learned anew within seconds."""
        return None
