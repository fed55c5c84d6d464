"""The last seconds of a feed, compressed, in groups that each start with a key frame."""

from __future__ import annotations

from collections import deque

from video.sources.unit import AccessUnit


class Ring:
    """Keeps at least `seconds` of access units (once that much has come) and at most `max_bytes`.

    Whole groups of pictures are forgotten at once, so that what is kept can always be decoded.
    """

    def __init__(self, seconds: float, max_bytes: int = 8_000_000) -> None:
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._groups: deque[list[AccessUnit]] = deque()
        self._truncated = False
        self.bytes = 0

    def add(self, unit: AccessUnit) -> None:
        """Append a unit; one that depends on a key frame that never came is ignored."""
        if unit.key:
            self._groups.append([unit])
            self._truncated = False
            self._forget(unit.at)
        elif self._groups and not self._truncated:
            self._groups[-1].append(unit)
        else:
            return
        self.bytes += len(unit.data)
        if self.bytes > self._max_bytes:
            self._shrink()

    def _forget(self, now: float) -> None:
        while len(self._groups) > 2 and self._groups[1][0].at <= now - self._seconds:
            self._drop_oldest()

    def _shrink(self) -> None:
        while len(self._groups) > 1 and self.bytes > self._max_bytes:
            self._drop_oldest()
        if self.bytes > self._max_bytes:
            # One group alone is too large (a camera that hardly sends key frames): keep its key frame only.
            self._truncated = True
            self._groups[-1] = self._groups[-1][:1]
            self.bytes = len(self._groups[-1][0].data)

    def _drop_oldest(self) -> None:
        self.bytes -= sum(len(unit.data) for unit in self._groups.popleft())

    def clear(self) -> None:
        self._groups.clear()
        self.bytes = 0

    @property
    def newest(self) -> AccessUnit | None:
        return self._groups[-1][-1] if self._groups else None

    def since_last_key(self) -> list[AccessUnit]:
        """Everything from the last key frame on: what an instant live picture starts with."""
        return list(self._groups[-1]) if self._groups else []

    def between(self, start: float, end: float) -> list[AccessUnit]:
        """Units that arrived in [start, end] (epoch seconds), from the key frame before `start` on."""
        groups = list(self._groups)
        first = 0
        for index, group in enumerate(groups):
            if group[0].at <= start:
                first = index
        return [unit for group in groups[first:] for unit in group if unit.at <= end]
