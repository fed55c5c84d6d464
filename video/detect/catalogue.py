"""Which detectors there are: one line for each. A new detector is a file beside this one and a line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from video.detect.covered import Covered
from video.detect.crowd import Crowd
from video.detect.fire import Fire
from video.detect.foreground import Foreground
from video.detect.freeze import Freeze
from video.detect.intrusion import Intrusion
from video.detect.left_object import LeftObject
from video.detect.line_cross import LineCross
from video.detect.loitering import Loitering
from video.detect.look import Lane, Look, Verdict
from video.detect.motion import Motion
from video.detect.removed_object import RemovedObject
from video.detect.smoke import Smoke
from video.detect.wrong_way import WrongWay
from video.model import FeedSpec, QualityKind, SceneKind, SignalKind

EVERY_LOOK: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})
KEY_FRAMES: frozenset[Lane] = frozenset({"patrol", "deep"})


class QualityDetector(Protocol):
    """Judges the picture itself. Made as `Detector(spec, memory)`, where `memory` is what `memory()` gave earlier."""

    lanes: frozenset[Lane]

    def judge(self, look: Look) -> Verdict:
        """Called with looks of `lanes` only, in order of time."""

    def interrupted(self) -> None:
        """The stream broke off: what compares a picture with the one before starts anew; usual values stay."""

    def memory(self) -> Any:
        """What was learned, as plain JSON values; None when there is nothing worth keeping."""


class SceneDetector(Protocol):
    """Judges what is in the picture. Made as `Detector(spec)`.

    `curious` after a look says that looks within the second would tell more.
    """

    curious: bool

    def judge(self, look: Look, foreground: Foreground) -> Verdict:
        """Called with every look that is not hidden behind a cover."""


QUALITY: dict[QualityKind, Callable[[FeedSpec, Any], QualityDetector]] = {
    "covered": Covered,
    "freeze": Freeze,
}
SCENE: dict[SceneKind, Callable[[FeedSpec], SceneDetector]] = {
    "motion": Motion,
    "intrusion": Intrusion,
    "line_cross": LineCross,
    "wrong_way": WrongWay,
    "loitering": Loitering,
    "crowd": Crowd,
    "left_object": LeftObject,
    "removed_object": RemovedObject,
    "fire": Fire,
    "smoke": Smoke,
}
# While one of these is on, nothing can be said of the scene.
BLINDING: frozenset[SignalKind] = frozenset({"covered"})
# A first suspicion of one of these asks for more pictures at once.
SUSPECT: frozenset[SignalKind] = frozenset({"covered", "intrusion", "line_cross", "wrong_way", "fire"})
