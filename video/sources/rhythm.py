"""When to read a camera next: often enough for what it sends, and right after its next key frame is due.

Cameras send key frames at a steady pace. Who knows it waits for the one that is due instead of asking again and again
whether it has come: key frames are known sooner, and quiet stretches are read in larger pieces. All of this is pure:
time is an argument.
"""

from __future__ import annotations

from video.sources.depacketize import CLOCK_HZ

# Between reads of a camera whose rhythm is known, and of one whose rhythm is not.
QUIET_S, ROUND_S = 0.5, 0.2
# No more than this is to gather between reads, or the socket would hold up a camera that sends much.
BIG_BYTES = 48 * 1024
# A key frame that is late is asked for at every beat for so long; then the camera is read as if it had no rhythm.
PATIENCE_S = 0.25
# Key frames this far apart make a rhythm: closer ones are every picture or nearly so, of others there are too few.
SHORTEST_S, LONGEST_S = 0.6, 5.0
# Two steps between key frames may differ by so much, and the camera's clock from ours over one step.
UNEVEN_S, BELIEVED_S = 0.08, 0.25
# After a key frame that came in time the next one is expected this much earlier: the expectation comes down to the
# moment itself and is put up again when it was too early, once in a dozen key frames.
EARLIER_S = 0.002
_NEVER = -1e9


class Rhythm:
    """The pace of one stream. All times in epoch seconds; a clock that is put right costs a few key frames."""

    __slots__ = ("_due", "_per_s", "_read_at", "_stamp", "_step_s", "_whole_at")

    def __init__(self, now: float) -> None:
        self._read_at = now
        self._due = self._whole_at = _NEVER
        self._stamp, self._step_s = -1, 0.0
        # Bytes in about the last second.
        self._per_s = 0.0

    def key(self, now: float, *, stamp: int, newest: int) -> None:
        """A key frame is whole in the read at `now`; to be told before `read`.

        Args:
            now: when the socket was read.
            stamp: RTP time of the key frame, in ticks of 1/90000 s, 32 bits.
            newest: RTP time of the last packet of the read, which tells how long ago the key frame came.
        """
        behind_s = _seconds(newest, stamp)
        whole_at = now - behind_s if behind_s < now - self._read_at else self._read_at
        if self._read_at < self._due <= now:
            # The first try found it: it came at the expected moment or before.
            whole_at = max(self._read_at, min(whole_at, self._due) - EARLIER_S)
        step_s = _seconds(stamp, self._stamp)
        steady = (
            SHORTEST_S <= step_s <= LONGEST_S
            and abs(step_s - self._step_s) <= UNEVEN_S
            and abs(step_s - (whole_at - self._whole_at)) <= BELIEVED_S
        )
        self._due = whole_at + step_s if steady else _NEVER
        self._stamp, self._step_s, self._whole_at = stamp, step_s, whole_at

    def read(self, now: float, count: int) -> float:
        """The socket was read and gave `count` bytes: seconds until the next read, 0.0 for the next beat."""
        ahead_s = self._due - now
        if ahead_s > 0.0:
            # Reads are spread so that the last of them meets the key frame.
            wait_s = ahead_s / max(1, round(ahead_s / QUIET_S))
        else:
            wait_s = 0.0 if ahead_s > -PATIENCE_S else ROUND_S
        passed_s = min(1.0, max(0.0, now - self._read_at))
        self._per_s += count - passed_s * self._per_s
        self._read_at = now
        if self._per_s > BIG_BYTES:
            return min(wait_s, BIG_BYTES / self._per_s)
        return wait_s


def _seconds(later: int, earlier: int) -> float:
    """Between two RTP times; a step back shows as half a day."""
    return ((later - earlier) & 0xFFFFFFFF) / CLOCK_HZ
