"""Terms on the calendar of the center: when they run out, how long a pause was, how much of a term is used. Pure.

Every unit has its own ticks: minutes and hours are counted in seconds, working hours in working seconds, working days
and days in days. A pause and an extension are so many ticks of their clock, so they add up exactly.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol, cast

from command_center.registry.clocks import LOCAL, WORKING_HOURS, is_arranged, is_workday

SpanUnit = Literal["m", "h", "wh", "wd", "d", "mo"]
Hours = tuple[tuple[time, time], ...]
SPAN = re.compile(r"([1-9]\d{0,3})(mo|m|h|wh|wd|d)")
SECONDS = {"m": 60, "h": 3600, "wh": 3600}


class BadSpan(ValueError):
    """Not a number with one of the units m, h, wh, wd, d, mo."""


@dataclass(frozen=True, slots=True)
class Span:
    """How long something may take: minutes, hours, working hours, working days, days or months."""

    count: int
    unit: SpanUnit

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def parse_span(text: str) -> Span:
    """Read a span as it is written in profiles and in the catalogue.

    Raises:
        BadSpan: it is something else.
    """
    match = SPAN.fullmatch(text)
    if match is None:
        raise BadSpan(text)
    return Span(int(match[1]), cast(SpanUnit, match[2]))


class WorkDays(Protocol):
    """Which days are worked, and of which years that was published."""

    def __call__(self, day: date) -> bool: ...
    def is_arranged(self, year: int) -> bool: ...


class Published:
    """The arrangements of the State Council as far as they are known; later years keep weekends and fixed holidays."""

    def __call__(self, day: date) -> bool:
        return is_workday(day)

    def is_arranged(self, year: int) -> bool:
        return is_arranged(year)


@dataclass(frozen=True, slots=True)
class Season:
    """Working hours of a part of the year, first and last day (month, day) included."""

    first: tuple[int, int]
    last: tuple[int, int]
    hours: Hours

    def covers(self, day: date) -> bool:
        return self.first <= (day.month, day.day) <= self.last


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant at which a term runs out.

    Attributes:
        at: in UTC.
        counted_at: before it was moved off a day off; what pauses and extensions are added to.
        assumed_years: years it reaches into whose days off were not published when it was computed.
    """

    at: datetime
    counted_at: datetime
    assumed_years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days and hours of one center.

    Attributes:
        version: stored with what was computed, so that a later arrangement explains an older deadline.
    """

    workdays: WorkDays
    version: str = "published"
    hours: Hours = WORKING_HOURS
    seasons: tuple[Season, ...] = ()

    def hours_on(self, day: date) -> Hours:
        """The working hours of a day; none on a day off."""
        if not self.workdays(day):
            return ()
        return next((season.hours for season in self.seasons if season.covers(day)), self.hours)

    def due(self, start: datetime, span: Span, *, rolls: bool = False) -> Deadline:
        """When a span that began then runs out.

        Days are counted from the next one and end with it: days at 24:00, working days when work ends. A month ends
        with the same date of the next one, or with its last day.

        Args:
            rolls: a last day that is off moves to the next working day.

        Source: 民法典 (2020), articles 201 to 203.
        """
        if span.unit == "mo":
            counted = _midnight_after(_months_later(start.astimezone(LOCAL).date(), span.count))
        else:
            first = start.astimezone(UTC) if span.unit in SECONDS else self._day_ends(span.unit, start)
            counted = self.advance(span.unit, first, span.count * SECONDS.get(span.unit, 1))
        return self.deadline(span.unit, start, counted, rolls=rolls)

    def deadline(self, unit: SpanUnit, start: datetime, counted: datetime, *, rolls: bool) -> Deadline:
        """A counted instant, moved off a day off where that is asked for."""
        at = self._rolled(counted) if rolls and unit in ("d", "mo") else counted
        years = range(start.astimezone(LOCAL).year, at.astimezone(LOCAL).year + 1)
        asks = unit in ("wh", "wd") or rolls
        return Deadline(at, counted, tuple(year for year in years if asks and not self.workdays.is_arranged(year)))

    def advance(self, unit: SpanUnit, at: datetime, ticks: int) -> datetime:
        """The instant so many ticks of a unit later, in UTC."""
        if unit in ("m", "h"):
            return (at + timedelta(seconds=ticks)).astimezone(UTC)
        if unit == "wh":
            return self.work_after(at, ticks)
        if unit == "wd":
            local = at.astimezone(LOCAL)
            day = local.date()
            for _ in range(ticks):
                day = self._next_workday(day)
            return self._work_ends(day) if ticks else at.astimezone(UTC)
        return (at.astimezone(LOCAL) + timedelta(days=ticks)).astimezone(UTC)

    def ticks(self, unit: SpanUnit, start: datetime, end: datetime) -> int:
        """How many ticks of a unit lie between two instants; ticks of neighbouring stretches add up."""
        if unit in ("m", "h"):
            return int(end.timestamp()) - int(start.timestamp())
        if unit == "wh":
            return self.work_between(start, end)
        first, last = start.astimezone(LOCAL).date(), end.astimezone(LOCAL).date()
        if unit == "wd":
            days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
            return sum(self.workdays(day) for day in days)
        return (last - first).days

    def measure_s(self, unit: SpanUnit, start: datetime, end: datetime) -> int:
        """Seconds between two instants that count for a share of a term: all of them, or those of working hours."""
        if end < start:
            return -self.measure_s(unit, end, start)
        return self.work_between(start, end) if unit in ("wh", "wd") else int((end - start).total_seconds())

    def before(self, unit: SpanUnit, end: datetime, seconds: int) -> datetime:
        """The instant from which so many seconds that count are left until `end`."""
        return self.work_before(end, seconds) if unit in ("wh", "wd") else end - timedelta(seconds=seconds)

    def work_between(self, start: datetime, end: datetime) -> int:
        """Working seconds of [start, end)."""
        a, b = start.astimezone(LOCAL), end.astimezone(LOCAL)
        total = timedelta()
        for day in _days(a.date(), b.date()):
            for opens, closes in self._stretches(day):
                total += max(timedelta(), min(closes, b) - max(opens, a))
        return int(total.total_seconds())

    def work_after(self, start: datetime, seconds: int) -> datetime:
        """The instant at which so many working seconds after `start` are over."""
        at, left = start.astimezone(LOCAL), timedelta(seconds=seconds)
        if not left:
            return at.astimezone(UTC)
        day = at.date()
        while True:
            for opens, closes in self._stretches(day):
                begin = max(opens, at)
                if begin < closes:
                    if left <= closes - begin:
                        return (begin + left).astimezone(UTC)
                    left -= closes - begin
            day += timedelta(days=1)

    def work_before(self, end: datetime, seconds: int) -> datetime:
        """The last instant from which so many working seconds are left until `end`."""
        at, left = end.astimezone(LOCAL), timedelta(seconds=seconds)
        if not left:
            return at.astimezone(UTC)
        day = at.date()
        while True:
            for opens, closes in reversed(self._stretches(day)):
                begin = min(closes, at)
                if begin > opens:
                    if left <= begin - opens:
                        return (begin - left).astimezone(UTC)
                    left -= begin - opens
            day -= timedelta(days=1)

    def _stretches(self, day: date) -> list[tuple[datetime, datetime]]:
        return [
            (datetime.combine(day, opens, LOCAL), datetime.combine(day, closes, LOCAL))
            for opens, closes in self.hours_on(day)
        ]

    def _day_ends(self, unit: SpanUnit, start: datetime) -> datetime:
        day = start.astimezone(LOCAL).date()
        return start if unit == "wd" else _midnight_after(day)

    def _work_ends(self, day: date) -> datetime:
        return datetime.combine(day, self.hours_on(day)[-1][1], LOCAL).astimezone(UTC)

    def _next_workday(self, day: date) -> date:
        day += timedelta(days=1)
        while not self.workdays(day):
            day += timedelta(days=1)
        return day

    def _rolled(self, midnight: datetime) -> datetime:
        """The end of the first working day from the one that ends at `midnight` on."""
        last = midnight.astimezone(LOCAL).date() - timedelta(days=1)
        return midnight if self.workdays(last) else _midnight_after(self._next_workday(last))


PUBLISHED = Calendar(Published())


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), LOCAL).astimezone(UTC)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)
