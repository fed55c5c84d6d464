"""Who asks for more looks gets them for a moment; who asked in vain waits longer each time."""

from __future__ import annotations

import math

# Seconds: of looking closely, of waiting after the first time and at most, and after which all is forgotten.
CLOSE_S, FIRST_REST_S, LONGEST_REST_S, FORGOTTEN_S = 2.5, 5.0, 160.0, 900.0


class Curiosity:
    """Looks between key frames cost ten times a key frame: some scenes would have them all the time."""

    __slots__ = ("_rest_s", "_since")

    def __init__(self) -> None:
        self._since, self._rest_s = -math.inf, FIRST_REST_S

    def grants(self, at: float) -> bool:
        """Whether somebody who asks at epoch second `at` is given more looks."""
        passed_s = at - self._since
        if 0 <= passed_s <= CLOSE_S:
            return True
        if 0 <= passed_s < CLOSE_S + self._rest_s:
            return False
        self._rest_s = FIRST_REST_S if passed_s > FORGOTTEN_S else min(LONGEST_REST_S, 2 * self._rest_s)
        self._since = at
        return True
