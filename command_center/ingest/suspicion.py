"""When flags about positions become a suspicion against a device, and when it is cleared. Pure, with hysteresis."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from command_center.ingest.position import Flag, names_of

WITHIN = timedelta(minutes=10)
# One jump is a receiver between high buildings, three are not; the other flags are slow to come by themselves.
NEEDED = {Flag.impossible_speed: 3, Flag.apart: 3}
# Cleared after so long without the flag, and so many reports without it.
CLEAR_AFTER = timedelta(minutes=10)
CLEAR_REPORTS = 10


@dataclass(slots=True)
class Suspicion:
    """One reason to suspect a device; `told` once it is a fact."""

    seen: deque[datetime] = field(default_factory=lambda: deque(maxlen=8))
    clean: int = 0
    since: datetime | None = None

    @property
    def told(self) -> bool:
        return self.since is not None


@dataclass(frozen=True, slots=True)
class Change:
    """A suspicion that has come up or is cleared."""

    reason: str
    suspect: bool
    since: datetime


class Suspicions:
    """Those against one device."""

    def __init__(self) -> None:
        self._by_reason: dict[str, Suspicion] = {}

    def restore(self, reason: str, since: datetime) -> None:
        """Take up what was told before a restart."""
        self._by_reason[reason] = Suspicion(deque([since], maxlen=8), since=since)

    def standing(self) -> dict[str, datetime]:
        """What stands against the device, since when."""
        return {reason: one.since for reason, one in self._by_reason.items() if one.since is not None}

    def note(self, flags: Flag, now: datetime) -> list[Change]:
        """Take in one report, doubtful or clean; what changed by it, mostly nothing."""
        if not flags and not self._by_reason:
            return []
        return [*self._raise(flags, now), *self._clear(flags, now)]

    def _raise(self, flags: Flag, now: datetime) -> list[Change]:
        changes = []
        for reason in names_of(flags):
            one = self._by_reason.setdefault(reason, Suspicion())
            one.seen.append(now)
            one.clean = 0
            recent = sum(now - moment <= WITHIN for moment in one.seen)
            if one.since is None and recent >= NEEDED.get(Flag[reason], 1):
                one.since = now
                changes.append(Change(reason, True, now))
        return changes

    def _clear(self, flags: Flag, now: datetime) -> list[Change]:
        changes = []
        for reason, one in list(self._by_reason.items()):
            if Flag[reason] & flags:
                continue
            one.clean += 1
            if now - one.seen[-1] < CLEAR_AFTER or (one.told and one.clean < CLEAR_REPORTS):
                continue
            del self._by_reason[reason]
            if one.since is not None:
                changes.append(Change(reason, False, one.since))
        return changes
