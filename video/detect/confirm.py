"""Before a scene signal is told, the object detector is asked whether there is anybody at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from video.detect.look import Look, Planes
from video.model import Box, FeedSignal, SignalKind

# Signals about persons and vehicles; fire, smoke and things are none of the network's business.
ABOUT_BODIES: frozenset[SignalKind] = frozenset({"intrusion", "line_cross", "wrong_way", "loitering", "crowd"})
# After a no, the same kind is not asked about again for so long: one look costs as much as 200 others.
ASK_AGAIN_S = 4.0


class Answer(Protocol):
    """What was found."""

    @property
    def kind(self) -> str: ...
    @property
    def score(self) -> float: ...


class Stage(Protocol):
    """An object detector, as `objects.ObjectStage` is one."""

    def what_is(self, planes: Planes, box: Box) -> Answer | None: ...


class Confirmation:
    """Asks for one feed, and counts."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._not_before: dict[SignalKind, float] = {}
        self.confirmed = self.refuted = 0

    def judged(self, signal: FeedSignal, look: Look) -> FeedSignal | None:
        """The signal with what was found in its detail, or None when nothing was.

        Signals that are not about bodies, and looks without a full picture, pass as they are.
        """
        if signal.kind not in ABOUT_BODIES or signal.box is None or look.planes is None:
            return signal
        if look.at < self._not_before.get(signal.kind, 0.0):
            return None
        answer = self._stage.what_is(look.planes, signal.box)
        if answer is None:
            self.refuted += 1
            self._not_before[signal.kind] = look.at + ASK_AGAIN_S
            return None
        self.confirmed += 1
        return replace(signal, detail={**signal.detail, "object": answer.kind, "object_score": answer.score})
