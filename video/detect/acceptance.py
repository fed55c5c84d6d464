"""When trouble has lasted so long that it must be how the camera is now."""

from __future__ import annotations

ACCEPT_S = 24 * 3600.0


class Acceptance:
    """Counts how long something has been on without a break."""

    def __init__(self, after_s: float = ACCEPT_S) -> None:
        self._after_s = after_s
        self._since: float | None = None

    def after(self, positive: bool, at: float) -> bool:
        """True once, when it has been on for the whole time; counts anew after that."""
        if not positive:
            self._since = None
        elif self._since is None:
            self._since = at
        elif at - self._since >= self._after_s:
            self._since = None
            return True
        return False
