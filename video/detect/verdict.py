"""What a detector answers: how sensitive one must be for what it saw, or why it cannot say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from video.model import Box

NEVER = 2.0


@dataclass(frozen=True)
class Verdict:
    """What a detector thinks of one look.

    `needs` is the least sensitivity at which this counts: 0 for the plainest event, 1 for the faintest, `NEVER` for
    nothing at all. `score` runs from 0 to 1. A positive verdict may say since when. `blind` says why this look cannot
    be judged (`learning`, `night`, `no_texture`, `covered`): that is neither an alarm nor a pass.
    """

    needs: float
    score: float = 0.0
    box: Box | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    since: float | None = None
    blind: str = ""

    def positive(self, sensitivity: float) -> bool:
        return self.needs <= sensitivity


NOTHING = Verdict(NEVER)
LEARNING = Verdict(NEVER, blind="learning")


def blind(reason: str) -> Verdict:
    """A look that cannot be judged."""
    return Verdict(NEVER, blind=reason)


def needs_of(value: float, *, plain: float, faint: float) -> float:
    """How sensitive one must be for a measure: 0 at `plain` and beyond, 1 at `faint`, `NEVER` on the quiet side of it.

    `plain` may be above or below `faint`: the direction from faint to plain is the alarming one.
    """
    share = (value - plain) / (faint - plain)
    return NEVER if share > 1 else max(0.0, share)
