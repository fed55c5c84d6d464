"""Times of day, as people set them for zones and cameras."""

from __future__ import annotations

import time
from collections.abc import Iterable

# China has one time zone and no summer time.
LOCAL_OFFSET_S = 8 * 3600
DAY_S = 86_400
WEEK_HOURS = 168


def within(hours: Iterable[tuple[str, str]], at: float, *, offset_s: int = LOCAL_OFFSET_S) -> bool:
    """Whether a moment (epoch seconds) lies in one of the spans ("22:00", "05:30") of local time; end excluded.

    A span may pass midnight. No spans at all: always.
    """
    spans = list(hours)
    second = (at + offset_s) % DAY_S
    return not spans or any(_in_span(_seconds(start), _seconds(end), second) for start, end in spans)


def hour_of_week(at: float, *, offset_s: int = LOCAL_OFFSET_S) -> int:
    """0 for Monday from midnight to one o'clock, local time, to 167."""
    told = time.gmtime(at + offset_s)
    return told.tm_wday * 24 + told.tm_hour


def _in_span(start: int, end: int, second: float) -> bool:
    return start <= second < end if start < end else second >= start or second < end


def _seconds(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 3600 + int(minutes) * 60
