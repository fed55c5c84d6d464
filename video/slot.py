"""A place for a keeper: whichever process fills it, its feeds live there and its counts go on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from video.child import Child
from video.wire import Head

# What keepers count from their start on.
COUNTED = ("skipped", "hot_skipped", "looks", "restarts")


@dataclass
class KeeperSlot:
    """One keeper process, whoever it currently is, and the feeds that live there."""

    index: int
    child: Child | None = None
    restarts: int = 0
    report: Head | None = None
    # What dead keepers of this slot had counted.
    counted: Counter[str] = field(default_factory=Counter)
    lanes_before: Counter[str] = field(default_factory=Counter)
    report_at: float = 0.0
    busy: float = 0.0

    def count(self, name: str) -> int:
        return self.counted[name] + (int(self.report[name]) if self.report is not None else 0)

    def lanes(self) -> Counter[str]:
        """Looks made on each lane."""
        return self.lanes_before + Counter(self.report["lanes"] if self.report is not None else {})

    def heard(self, report: Head, now: float) -> None:
        """Take a report; how busy the lookers are shows between two of them."""
        if self.report is not None and now > self.report_at:
            busy = (report["busy_s"] - self.report["busy_s"]) / (now - self.report_at)
            self.busy += 0.2 * (busy - self.busy)
        self.report, self.report_at = report, now

    def bury(self) -> None:
        """The keeper is dead: what it counted still counts."""
        if self.report is not None:
            self.counted.update({name: int(self.report[name]) for name in COUNTED})
            self.lanes_before += Counter(self.report["lanes"])
        self.child = self.report = None
        self.restarts += 1
