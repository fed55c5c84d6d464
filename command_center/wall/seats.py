"""Which pages are connected, how far each is, and whether what they folded is what they were sent."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

IN_STEP_S = 3.0
TRAIL = 64


@dataclass(frozen=True, slots=True)
class Mark:
    """A beat as sent: the page's last fact, its digest there, and when the beat was due (monotonic seconds)."""

    seq: int
    digest: str
    due: float


@dataclass(slots=True)
class Seat:
    """One page's agreement with the server. Times are monotonic seconds.

    A page acknowledges each beat with its own number and digest. It is in step while its answers come and agree,
    lags while they stay away, and has diverged when it folded something else than it was sent.
    """

    name: str
    marks: deque[Mark] = field(default_factory=lambda: deque(maxlen=TRAIL))
    due: float | None = None
    round_trip_s: float = 0.0
    acked_seq: int | None = None
    diverged: bool = False

    def beat_due(self, now: float) -> None:
        """A beat should go out now; one that waits already keeps its older time."""
        if self.due is None:
            self.due = now

    def beat_sent(self, seq: int, digest: str) -> None:
        if self.due is not None:
            self.marks.append(Mark(seq, digest, self.due))
            self.due = None

    def acknowledge(self, seq: int, digest: str, now: float) -> None:
        """Compare what the page has with what it was sent; an answer to no beat changes nothing."""
        answered = [mark for mark in self.marks if mark.seq == seq]
        if not answered:
            return
        mark = answered[-1]
        while self.marks and self.marks[0].due <= mark.due:
            self.marks.popleft()
        self.acked_seq = seq
        self.round_trip_s = now - mark.due
        self.diverged = digest != mark.digest

    def lag_s(self, now: float) -> float:
        """Age of the oldest beat without an answer, or how long the last answer took."""
        oldest = self.marks[0].due if self.marks else self.due
        # A beat that has just gone out is no lag yet: its answer cannot be here.
        waiting = 0.0 if oldest is None else now - oldest
        return waiting if waiting > IN_STEP_S else self.round_trip_s

    def restart(self) -> None:
        """The page starts anew from a snapshot or a number of its own."""
        self.marks.clear()
        self.diverged = False


def summary(seats: Iterable[Seat], now: float) -> dict[str, Any]:
    """`seats` of a beat: how many pages, how many in step, the worst lag among those, and who is behind."""
    total, in_step, lag_s = 0, 0, 0.0
    behind: list[dict[str, Any]] = []
    for seat in seats:
        total += 1
        own = seat.lag_s(now)
        if seat.diverged or own > IN_STEP_S:
            state = "diverged" if seat.diverged else "lags"
            behind.append({"seat": seat.name, "lag_s": round(own, 1), "state": state})
        else:
            in_step += 1
            lag_s = max(lag_s, own)
    behind.sort(key=lambda item: -item["lag_s"])
    return {"total": total, "in_step": in_step, "lag_s": round(lag_s, 2), "behind": behind[:20]}
