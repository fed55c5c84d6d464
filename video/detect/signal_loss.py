"""signal_loss 信号丢失: no whole picture for some seconds. Works on transport alone, nothing is decoded.

Sees: cut cable, power, network, a camera or recorder that stopped. Does not see: a stream that goes on without content
(freeze, covered).
"""

from __future__ import annotations

from video.detect.verdict import NOTHING, Verdict

SILENT_S = 4.0


def judge(*, now: float, last_unit_at: float, silent_s: float = SILENT_S) -> Verdict:
    """All times in epoch seconds; `last_unit_at` is the last whole picture, or when the feed was first asked for."""
    gone_s = now - last_unit_at
    if gone_s < silent_s:
        return NOTHING
    return Verdict(0.0, 1.0, None, {"silent_s": round(gone_s, 1)}, last_unit_at)
