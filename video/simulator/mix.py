"""How unlike each other the cameras of a town are: codings, group lengths and manners, in shares that can be set."""

from __future__ import annotations

from dataclasses import dataclass, fields

from video.simulator.camera import Manner
from video.simulator.coding import PLAIN, Coding

H265 = Coding("h265", 30)
JPEG = Coding("jpeg", 1, 3)
SHORT = Coding("h264", 15)
LONG = Coding("h264", 60)
_LIES: tuple[Manner, ...] = ("jumping", "backward", "constant")


@dataclass(frozen=True)
class Mix:
    """Shares of all cameras, 0 to 1: coded as H.265 or JPEG, with groups of 1 s or 4 s, flaky, lying about the time.

    Raises:
        ValueError: a share outside 0 to 1, or more codings or manners than cameras.
    """

    h265: float = 0.06
    jpeg: float = 0.03
    short: float = 0.03
    long: float = 0.03
    flaky: float = 0.02
    lying: float = 0.02

    def __post_init__(self) -> None:
        codings, manners = (self.h265, self.jpeg, self.short, self.long), (self.flaky, self.lying)
        if min(codings + manners) < 0 or sum(codings) > 1 or sum(manners) > 1:
            raise ValueError("shares of cameras run from 0 to 1, and those of codings and of manners to 1 together")

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of the shares."""
        return tuple(field.name for field in fields(cls))

    def coding(self, index: int) -> Coding:
        """The coding of a camera: the same camera has the same one in every run, and kinds are spread evenly."""
        place = (index * 0.618034 + 0.31) % 1.0
        for coding, share in ((H265, self.h265), (JPEG, self.jpeg), (SHORT, self.short), (LONG, self.long)):
            if place < share:
                return coding
            place -= share
        return PLAIN

    def manner(self, index: int) -> Manner:
        """How a camera behaves on the wire."""
        place = (index * 0.754878 + 0.53) % 1.0
        if place < self.flaky:
            return "flaky"
        return _LIES[index % len(_LIES)] if place < self.flaky + self.lying else "steady"


EVEN = Mix(0, 0, 0, 0, 0, 0)
