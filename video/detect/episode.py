"""From looks to signals: a suspicion is confirmed before it starts, and quiet for a while before it ends."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from video.detect.verdict import Verdict
from video.model import FeedSignal, SignalKind, Trace, moment


@dataclass(frozen=True)
class Patience:
    """Positive looks needed, at least so many seconds apart in all, and seconds of calm before the end."""

    looks: int
    span_s: float
    calm_s: float
    # A suspicion older than this is forgotten.
    memory_s: float = 5.0


# How much more sensitive one is for the end of a signal than for its start.
HYSTERESIS = 0.2
AT_ONCE = Patience(1, 0.0, 0.0)
# Detectors that need no second look, or another patience than the usual two looks, stand here.
USUAL = Patience(2, 0.4, 5.0)
# Three looks a quarter of a second apart, and no more: what is told here concerns the whole picture.
SETTLED = Patience(3, 0.35, 3.0)
# Pictures are black for a moment when an infrared filter turns, and white for longer when a lamp is switched on.
FILTER_TURNED, LAMP_LIT = Patience(3, 0.55, 3.0), Patience(3, 0.9, 3.0)
PATIENCE: dict[SignalKind, Patience] = {
    "signal_loss": AT_ONCE,
    "freeze": AT_ONCE,
    "covered": FILTER_TURNED,
    "dark": FILTER_TURNED,
    "bright": LAMP_LIT,
    "stripe": SETTLED,
    "noise": SETTLED,
    "defocus": SETTLED,
    "colour_cast": SETTLED,
    "moved": SETTLED,
    # Counts its looks itself.
    "shake": Patience(1, 0.0, 12.0),
    "motion": Patience(2, 0.4, 10.0),
    "intrusion": Patience(2, 0.2, 5.0),
    "line_cross": Patience(1, 0.0, 1.5),
    "wrong_way": Patience(2, 0.15, 3.0),
    "loitering": Patience(1, 0.0, 6.0),
    "crowd": Patience(3, 3.5, 15.0, 12.0),
    "left_object": Patience(2, 1.5, 20.0, 30.0),
    "removed_object": Patience(2, 1.5, 20.0, 30.0),
    "fire": Patience(8, 7.0, 20.0, 30.0),
    # It is measured every five seconds only.
    "smoke": Patience(3, 9.0, 20.0, 30.0),
}


class Episode:
    """At most one open signal of one kind on one feed, as one sensitivity sees it."""

    __slots__ = ("_feed_id", "_kind", "_last_positive", "_patience", "_seen", "_sensitivity", "open")

    def __init__(self, feed_id: str, kind: SignalKind, sensitivity: float) -> None:
        self._feed_id, self._kind, self._sensitivity = feed_id, kind, sensitivity
        self._patience = PATIENCE.get(kind, USUAL)
        self._seen: list[tuple[float, float]] = []
        self._last_positive = 0.0
        self.open: FeedSignal | None = None

    @property
    def suspicious(self) -> bool:
        """Something was seen but not often enough yet: another look soon would tell."""
        return self.open is None and bool(self._seen)

    @property
    def idle(self) -> bool:
        """Nothing is open and nothing was seen: a look without anything in it changes nothing."""
        return self.open is None and not self._seen

    def update(self, at: float, verdict: Verdict) -> FeedSignal | None:
        """Take a verdict; the signal when it starts or ends with it. A look that cannot be judged changes nothing."""
        if verdict.blind:
            return None
        # What has begun is not over because it looks a little fainter for a moment.
        if verdict.positive(self._sensitivity + (HYSTERESIS if self.open is not None else 0.0)):
            self._last_positive = at
            if self.open is None:
                return self._suspect(at, verdict)
            if verdict.needs < self.open.needs:
                self.open = replace(self.open, needs=verdict.needs)
            return None
        if self.open is not None and at - self._last_positive >= self._patience.calm_s:
            return self.close(at)
        if self.open is None:
            self._seen.clear()
        return None

    def _suspect(self, at: float, verdict: Verdict) -> FeedSignal | None:
        self._seen = [seen for seen in self._seen if at - seen[0] <= self._patience.memory_s]
        self._seen.append((at, verdict.needs))
        if len(self._seen) < self._patience.looks or at - self._seen[0][0] < self._patience.span_s:
            return None
        started = verdict.since if verdict.since is not None else self._seen[0][0]
        # It would have started at no lower sensitivity than its least plain look.
        needs = round(max(needs for _, needs in self._seen), 3)
        self._seen.clear()
        name, score = uuid.uuid4().hex, round(verdict.score, 3)
        self.open = FeedSignal(
            self._feed_id, self._kind, moment(started), None, score, verdict.box, verdict.detail, name, needs
        )
        return self.open

    def close(self, at: float) -> FeedSignal | None:
        """End the open signal now, if there is one."""
        self._seen.clear()
        signal, self.open = self.open, None
        return replace(signal, ended_at=moment(at)) if signal is not None else None


def trace_of(signal: FeedSignal) -> Trace:
    """What stays of a candidate when it is over.

    Raises:
        ValueError: it is not over yet.
    """
    if signal.ended_at is None:
        raise ValueError(f"signal {signal.id} is still open")
    zone = str(signal.detail.get("zone", ""))
    return Trace(
        signal.feed_id, signal.kind, signal.started_at, signal.ended_at, signal.needs, signal.score, signal.box, zone
    )
