"""Time-of-day windows in which something is due and the instants they mean on a day. Pure."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from typing_extensions import TypedDict

from command_center.errors import BadInput

LOCAL = ZoneInfo("Asia/Shanghai")
MOST_WINDOWS = 24


class WindowView(TypedDict):
    """Local times of day, `HH:MM:SS`."""

    start: str
    end: str


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


def plain_windows(items: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Windows as they are stored, in order.

    Raises:
        BadInput: a time is none, or two windows overlap.
    """
    try:
        return [window.json() for window in read_windows([dict(item) for item in items])]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput("windows_bad") from error


def local_day(moment: datetime) -> date:
    """The date in the town at an instant."""
    return moment.astimezone(LOCAL).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The instants at which a local day starts and ends, half open."""
    start = datetime.combine(day, time(), LOCAL)
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)
