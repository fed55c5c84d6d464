"""Terms on the calendar: the boundary cases, the published arrangements, and the law that pauses add up."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_center.registry.clocks import LOCAL, due_at
from command_center.response.engine.calendar import (
    PUBLISHED,
    BadSpan,
    Calendar,
    Published,
    Season,
    Span,
    parse_span,
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def days(first: str, last: str) -> set[date]:
    start = date.fromisoformat(first)
    return {start + timedelta(days=n) for n in range((date.fromisoformat(last) - start).days + 1)}


# 国务院办公厅关于部分节假日安排的通知: 国办发明电〔2024〕12号 (2025), 国办发明电〔2025〕7号 (2026).
DAYS_OFF = {
    2025: days("2025-01-01", "2025-01-01") | days("2025-01-28", "2025-02-04") | days("2025-04-04", "2025-04-06")
    | days("2025-05-01", "2025-05-05") | days("2025-05-31", "2025-06-02") | days("2025-10-01", "2025-10-08"),
    2026: days("2026-01-01", "2026-01-03") | days("2026-02-15", "2026-02-23") | days("2026-04-04", "2026-04-06")
    | days("2026-05-01", "2026-05-05") | days("2026-06-19", "2026-06-21") | days("2026-09-25", "2026-09-27")
    | days("2026-10-01", "2026-10-07"),
}  # fmt: skip
WORKED = {
    2025: {"01-26", "02-08", "04-27", "09-28", "10-11"},
    2026: {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"},
}


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_of_a_published_year_is_as_the_notice_says(year: int) -> None:
    for day in sorted(days(f"{year}-01-01", f"{year}-12-31")):
        worked = f"{day:%m-%d}" in WORKED[year] or (day.weekday() < 5 and day not in DAYS_OFF[year])
        assert PUBLISHED.workdays(day) == worked, day


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-02-13T09:00", "5wd", "2026-02-27T18:00"),
        ("2026-09-29T09:00", "3wd", "2026-10-09T18:00"),
        ("2026-09-30T09:00", "5wd", "2026-10-13T18:00"),
        ("2026-11-20T09:00", "5wd", "2026-11-27T18:00"),
        ("2026-12-28T09:00", "5wd", "2027-01-05T18:00"),
        ("2026-02-14T17:00", "2wh", "2026-02-24T09:30"),
        ("2026-01-31T10:00", "1mo", "2026-03-01T00:00"),
        ("2026-01-31T23:59", "2mo", "2026-04-01T00:00"),
        ("2026-11-30T10:00", "3mo", "2027-03-01T00:00"),
        ("2026-12-15T10:00", "1mo", "2027-01-16T00:00"),
    ],
)
def test_a_span_runs_out_on_the_right_day(start: str, span: str, end: str) -> None:
    assert PUBLISHED.due(local(start), parse_span(span)).at == local(end)


def test_a_year_without_an_arrangement_falls_back_and_says_so() -> None:
    over = PUBLISHED.due(local("2026-12-28T09:00"), Span(5, "wd"))
    assert over.assumed_years == (2027,)
    assert PUBLISHED.due(local("2026-12-24T09:00"), Span(3, "wd")).assumed_years == ()
    assert PUBLISHED.due(local("2026-12-28T09:00"), Span(60, "d")).assumed_years == ()
    assert PUBLISHED.due(local("2026-12-28T09:00"), Span(60, "d"), rolls=True).assumed_years == (2027,)


@pytest.mark.parametrize(
    ("start", "span", "plain", "rolled"),
    [
        ("2026-11-20T10:00", "15d", "2026-12-06T00:00", "2026-12-08T00:00"),
        ("2026-09-16T10:00", "15d", "2026-10-02T00:00", "2026-10-09T00:00"),
        ("2026-11-20T10:00", "14d", "2026-12-05T00:00", "2026-12-05T00:00"),
        ("2026-01-31T10:00", "1mo", "2026-03-01T00:00", "2026-03-01T00:00"),
    ],
)
def test_a_last_day_that_is_off_moves_on_where_the_law_says_so(start: str, span: str, plain: str, rolled: str) -> None:
    assert PUBLISHED.due(local(start), parse_span(span)).at == local(plain)
    moved = PUBLISHED.due(local(start), parse_span(span), rolls=True)
    assert (moved.at, moved.counted_at) == (local(rolled), local(plain))


def test_summer_has_its_own_hours() -> None:
    summer = Season((5, 1), (9, 30), ((time(8), time(12)), (time(15), time(18, 30))))
    calendar = Calendar(Published(), seasons=(summer,))
    assert calendar.due(local("2026-07-01T12:00"), Span(1, "wh")).at == local("2026-07-01T16:00")
    assert calendar.due(local("2026-07-01T12:00"), Span(1, "wd")).at == local("2026-07-02T18:30")
    assert calendar.due(local("2026-11-23T12:00"), Span(1, "wh")).at == local("2026-11-23T15:30")


@pytest.mark.parametrize("text", ["0m", "4 wh", "wh", "5x", "-3d", "1.5h", ""])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(BadSpan):
        parse_span(text)


UNITS = st.sampled_from(["m", "h", "wh", "wd", "d"])
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 6, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=LOCAL)
)


@settings(max_examples=60, deadline=None)
@given(INSTANTS, UNITS, st.integers(1, 60))
def test_the_catalogue_counts_in_the_same_way(start: datetime, unit: str, count: int) -> None:
    assert PUBLISHED.due(start, parse_span(f"{count}{unit}")).at == due_at(start, f"{count}{unit}")


@settings(max_examples=60, deadline=None)
@given(st.lists(INSTANTS, min_size=3, max_size=3).map(sorted), UNITS)
def test_ticks_of_neighbouring_stretches_add_up(moments: list[datetime], unit: str) -> None:
    first, middle, last = moments
    u = parse_span(f"1{unit}").unit
    assert PUBLISHED.ticks(u, first, middle) + PUBLISHED.ticks(u, middle, last) == PUBLISHED.ticks(u, first, last)


@settings(max_examples=60, deadline=None)
@given(INSTANTS, UNITS, st.integers(1, 30), st.integers(0, 40))
def test_a_deadline_moved_by_ticks_lies_that_many_ticks_later(start: datetime, unit: str, count: int, by: int) -> None:
    span = parse_span(f"{count}{unit}")
    due = PUBLISHED.due(start, span).at
    assert PUBLISHED.ticks(span.unit, due, PUBLISHED.advance(span.unit, due, by)) == by


@settings(max_examples=60, deadline=None)
@given(INSTANTS, st.integers(1, 400_000))
def test_working_time_is_found_back(start: datetime, seconds: int) -> None:
    end = PUBLISHED.work_after(start, seconds)
    assert PUBLISHED.work_between(start, end) == seconds
    back = PUBLISHED.work_before(end, seconds)
    assert PUBLISHED.work_between(back, end) == seconds
    assert back >= start
