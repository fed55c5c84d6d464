"""Which detectors there are: one line for each. A new detector is a file beside this one and a line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from video.detect.bright import Bright
from video.detect.colour_cast import ColourCast
from video.detect.covered import Covered
from video.detect.crowd import Crowd
from video.detect.dark import Dark
from video.detect.defocus import Defocus
from video.detect.fire import Fire
from video.detect.foreground import Foreground
from video.detect.freeze import Freeze
from video.detect.intrusion import Intrusion
from video.detect.left_object import LeftObject
from video.detect.line_cross import LineCross
from video.detect.loitering import Loitering
from video.detect.look import Lane, Look
from video.detect.motion import Motion
from video.detect.moved import Moved
from video.detect.noise import Noise
from video.detect.removed_object import RemovedObject
from video.detect.shake import Shake
from video.detect.smoke import Smoke
from video.detect.stripe import Stripe
from video.detect.verdict import Verdict
from video.detect.view import Against
from video.detect.wrong_way import WrongWay
from video.model import FeedSpec, QualityKind, SceneKind, SignalKind

EVERY_LOOK: frozenset[Lane] = frozenset({"patrol", "hot", "deep"})
KEY_FRAMES: frozenset[Lane] = frozenset({"patrol", "deep"})


class QualityDetector(Protocol):
    """Judges the picture itself. Made as `Detector(spec, memory)`, where `memory` is what `memory()` gave earlier.

    `curious` after a look says that looks within the second would tell more.
    """

    lanes: frozenset[Lane]
    curious: bool

    def judge(self, look: Look, against: Against) -> Verdict:
        """Called with looks of `lanes` only, in order of time, together with how they differ from the usual view."""

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


# In this order: what is told first explains what the later ones would say.
QUALITY: dict[QualityKind, Callable[[FeedSpec, Any], QualityDetector]] = {
    "stripe": Stripe,
    "noise": Noise,
    "bright": Bright,
    "covered": Covered,
    "dark": Dark,
    "defocus": Defocus,
    "shake": Shake,
    "moved": Moved,
    "colour_cast": ColourCast,
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
# While one of these is on, nothing can be said of the scene, nor by the quality detectors after it.
BLINDING: frozenset[SignalKind] = frozenset(
    {"stripe", "noise", "bright", "covered", "dark", "defocus", "shake", "moved"}
)
# A first suspicion of one of these asks for more pictures at once.
SUSPECT: frozenset[SignalKind] = frozenset({*BLINDING, "colour_cast", "intrusion", "line_cross", "wrong_way", "fire"})
