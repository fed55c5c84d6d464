"""Terms of the catalogue (4wh, 30m, 3wd, 15d) and the instants they lead to, in local working time.

Minutes and hours run on; working hours run only 08:30–12:00 and 14:30–18:00 of working days; a period in days
starts the day after and ends with that day (calendar days) or with its working hours (working days).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import chinese_calendar

LOCAL = ZoneInfo("Asia/Shanghai")
WORKING_HOURS = ((time(8, 30), time(12, 0)), (time(14, 30), time(18, 0)))
# Holidays fixed by law to a date of the sun calendar, for years whose arrangement is not published yet.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
TERM = re.compile(r"([1-9]\d{0,3})(m|h|wh|wd|d)")

Unit = Literal["m", "h", "wh", "wd", "d"]
IsWorkday = Callable[[date], bool]


class BadTerm(ValueError):
    """Not a number with one of the units m, h, wh, wd, d."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long something may take: minutes, hours, working hours, working days or calendar days."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def parse_term(text: str) -> Term | None:
    """Read a term; "-" and "" mean that there is none.

    Raises:
        BadTerm: it is something else.
    """
    if text in ("-", ""):
        return None
    match = TERM.fullmatch(text)
    if match is None:
        raise BadTerm(f"not a term: {text!r}; expected a number with m, h, wh, wd or d")
    return Term(int(match[1]), match[2])  # type: ignore[arg-type]  # the pattern allows these five only


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """Whether a day is worked: the published arrangement, else Monday to Friday but the fixed holidays."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS


@lru_cache(maxsize=64)
def is_arranged(year: int) -> bool:
    """Whether the holiday arrangement of a year is known; if not, the hall shows ××年节假日安排未导入."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def workday_after(day: date, count: int, workdays: IsWorkday = is_workday) -> date:
    """The `count`-th working day after a day, which itself does not count."""
    while count > 0:
        day += timedelta(days=1)
        count -= workdays(day)
    return day


def due_at(started_at: datetime, term: Term | str, workdays: IsWorkday = is_workday) -> datetime:
    """The instant at which a term that started then runs out, in UTC.

    Raises:
        BadTerm: the text is not a term, or says that there is none.
        ValueError: the start has no time zone.
    """
    parsed = parse_term(term) if isinstance(term, str) else term
    if parsed is None:
        raise BadTerm("there is no term")
    if started_at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    local = started_at.astimezone(LOCAL)
    if parsed.unit == "m":
        return (started_at + timedelta(minutes=parsed.count)).astimezone(UTC)
    if parsed.unit == "h":
        return (started_at + timedelta(hours=parsed.count)).astimezone(UTC)
    if parsed.unit == "wh":
        return _after_working(local, timedelta(hours=parsed.count), workdays).astimezone(UTC)
    if parsed.unit == "wd":
        last = workday_after(local.date(), parsed.count, workdays)
        return datetime.combine(last, WORKING_HOURS[-1][1], LOCAL).astimezone(UTC)
    last = local.date() + timedelta(days=parsed.count + 1)
    return datetime.combine(last, time(0), LOCAL).astimezone(UTC)


def _after_working(local: datetime, left: timedelta, workdays: IsWorkday) -> datetime:
    """Use up working time from an instant on."""
    day = local.date()
    while True:
        for start, end in WORKING_HOURS if workdays(day) else ():
            opens, closes = datetime.combine(day, start, LOCAL), datetime.combine(day, end, LOCAL)
            begin = max(opens, local)
            if begin < closes:
                if left <= closes - begin:
                    return begin + left
                left -= closes - begin
        day += timedelta(days=1)
