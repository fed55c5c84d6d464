"""From looks to signals: a suspicion is confirmed before it starts, and quiet for a while before it ends."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from video.detect.look import Verdict
from video.model import FeedSignal, SignalKind, moment


@dataclass(frozen=True)
class Patience:
    """Positive looks needed, at least so many seconds apart in all, and seconds of calm before the end."""

    looks: int
    span_s: float
    calm_s: float
    # A suspicion older than this is forgotten.
    memory_s: float = 5.0


PATIENCE: dict[SignalKind, Patience] = {
    "signal_loss": Patience(1, 0.0, 0.0),
    "freeze": Patience(1, 0.0, 0.0),
    "covered": Patience(2, 0.4, 1.5),
    "motion": Patience(2, 0.4, 10.0),
    "intrusion": Patience(2, 0.4, 5.0),
}


class Episode:
    """At most one open signal of one kind on one feed."""

    def __init__(self, feed_id: str, kind: SignalKind) -> None:
        self._feed_id, self._kind, self._patience = feed_id, kind, PATIENCE[kind]
        self._seen: list[float] = []
        self._last_positive = 0.0
        self.open: FeedSignal | None = None

    @property
    def suspicious(self) -> bool:
        """Something was seen but not often enough yet: another look soon would tell."""
        return self.open is None and bool(self._seen)

    def update(self, at: float, verdict: Verdict) -> FeedSignal | None:
        """Take a verdict; the signal when it starts or ends with it."""
        if verdict.positive:
            self._last_positive = at
            return None if self.open is not None else self._suspect(at, verdict)
        if self.open is not None and at - self._last_positive >= self._patience.calm_s:
            return self.close(at)
        if self.open is None:
            self._seen.clear()
        return None

    def _suspect(self, at: float, verdict: Verdict) -> FeedSignal | None:
        self._seen = [seen for seen in self._seen if at - seen <= self._patience.memory_s]
        self._seen.append(at)
        if len(self._seen) < self._patience.looks or at - self._seen[0] < self._patience.span_s:
            return None
        started = verdict.since if verdict.since is not None else self._seen[0]
        self._seen.clear()
        name, score = uuid.uuid4().hex, round(verdict.score, 3)
        self.open = FeedSignal(
            self._feed_id, self._kind, moment(started), None, score, verdict.box, verdict.detail, name
        )
        return self.open

    def close(self, at: float) -> FeedSignal | None:
        """End the open signal now, if there is one."""
        self._seen.clear()
        signal, self.open = self.open, None
        return replace(signal, ended_at=moment(at)) if signal is not None else None
