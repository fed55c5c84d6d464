"""Who asks for more looks in vain waits longer each time."""

from __future__ import annotations

from itertools import pairwise

from video.detect.curiosity import CLOSE_S, FORGOTTEN_S, LONGEST_REST_S, Curiosity


def _granted(curiosity: Curiosity, seconds: int) -> list[int]:
    """Seconds at which somebody who always asks, once a second, is given more looks."""
    return [at for at in range(seconds) if curiosity.grants(1000.0 + at)]


def test_somebody_who_asks_all_the_time_is_given_less_and_less() -> None:
    granted = _granted(Curiosity(), 1200)
    starts = [at for at in granted if at - 1 not in granted]
    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert granted[:4] == [0, 1, 2, starts[1]]
    assert pauses == sorted(pauses) and pauses[-1] <= CLOSE_S + LONGEST_REST_S + 1
    assert len(granted) < 0.06 * 1200


def test_who_has_not_asked_for_long_is_heard_as_at_first() -> None:
    curiosity = Curiosity()
    _granted(curiosity, 600)
    assert curiosity.grants(1600.0 + FORGOTTEN_S)
    assert curiosity.grants(1602.0 + FORGOTTEN_S)
