"""Time-of-day windows of a mandatory point and the instants they mean on a day. Pure."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end` local time; an end at or before the start lies on the next day."""

    start: time
    end: time

    def on(self, day: date) -> tuple[datetime, datetime]:
        """The instants in UTC at which the window of this day starts and ends."""
        start = datetime.combine(day, self.start, LOCAL)
        end = datetime.combine(day if self.end > self.start else day + timedelta(days=1), self.end, LOCAL)
        return start.astimezone(UTC), end.astimezone(UTC)

    @property
    def length_s(self) -> float:
        start, end = self.on(date(2000, 1, 1))
        return (end - start).total_seconds()

    def json(self) -> dict[str, str]:
        return {"start": self.start.isoformat("seconds"), "end": self.end.isoformat("seconds")}


def read_windows(items: Iterable[dict[str, str]]) -> list[Window]:
    """Read `[{"start": "07:20:00", "end": "08:10:00"}]`, in order of their start.

    Raises:
        ValueError: a time is none, or two windows overlap.
    """
    windows = sorted(
        (Window(time.fromisoformat(item["start"]), time.fromisoformat(item["end"])) for item in items),
        key=lambda window: window.start,
    )
    for window, following in itertools.pairwise(windows):
        if window.end <= window.start or following.start < window.end:
            raise ValueError("two windows overlap")
    if len(windows) > 1 and windows[-1].end <= windows[-1].start and windows[-1].end > windows[0].start:
        raise ValueError("two windows overlap")
    return windows


def local_day(moment: datetime) -> date:
    """The date in the town at an instant."""
    return moment.astimezone(LOCAL).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The instants at which a local day starts and ends, half open."""
    start = datetime.combine(day, time(), LOCAL)
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)
