from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.registry.catalogue import categories
from command_center.registry.clocks import (
    LOCAL,
    BadTerm,
    Term,
    due_at,
    is_arranged,
    is_workday,
    parse_term,
    workday_after,
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-09-29", 3, "2026-10-09"),
        ("2026-09-30", 5, "2026-10-13"),
        ("2026-11-20", 5, "2026-11-27"),
        ("2026-12-28", 5, "2027-01-05"),
    ],
)
def test_working_days_are_counted_from_the_next_day_over_holidays(start: str, count: int, end: str) -> None:
    assert workday_after(date.fromisoformat(start), count) == date.fromisoformat(end)


@pytest.mark.parametrize("day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"])
def test_weekends_worked_instead_of_a_holiday_are_working_days(day: str) -> None:
    assert is_workday(date.fromisoformat(day))


def test_a_year_without_an_arrangement_says_so_and_keeps_fixed_holidays() -> None:
    assert is_arranged(2026)
    assert not is_arranged(2027)
    assert not is_workday(date(2027, 1, 1))
    assert is_workday(date(2027, 1, 4))
    assert not is_workday(date(2027, 1, 9))


@pytest.mark.parametrize(
    ("start", "term", "end"),
    [
        ("2026-11-22T10:00", "30m", "2026-11-22T10:30"),
        ("2026-11-22T23:30", "2h", "2026-11-23T01:30"),
        ("2026-11-23T09:00", "2wh", "2026-11-23T11:00"),
        ("2026-11-23T11:00", "2wh", "2026-11-23T15:30"),
        ("2026-11-23T13:00", "1wh", "2026-11-23T15:30"),
        ("2026-11-23T08:30", "7wh", "2026-11-23T18:00"),
        ("2026-11-23T17:00", "2wh", "2026-11-24T09:30"),
        ("2026-11-20T17:30", "4wh", "2026-11-23T12:00"),
        ("2026-11-22T10:00", "4wh", "2026-11-23T15:00"),
        ("2026-09-30T17:00", "2wh", "2026-10-08T09:30"),
        ("2026-11-20T09:00", "5wd", "2026-11-27T18:00"),
        ("2026-11-20T09:00", "1d", "2026-11-22T00:00"),
        ("2026-11-20T23:59", "15d", "2026-12-06T00:00"),
    ],
)
def test_a_term_runs_out_when_it_should(start: str, term: str, end: str) -> None:
    assert due_at(local(start), term) == local(end)


def test_the_answer_is_in_utc_and_the_start_may_be_in_any_zone() -> None:
    started = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert due_at(started, "2wh") == local("2026-11-23T11:00")
    assert due_at(started, "2wh").tzinfo is UTC


@given(st.datetimes(datetime(2025, 1, 1), datetime(2026, 11, 1)), st.integers(1, 40), st.integers(1, 40))  # noqa: DTZ001
def test_working_hours_add_up(start: datetime, first: int, second: int) -> None:
    begin = start.replace(tzinfo=LOCAL)
    halfway = due_at(begin, Term(first, "wh"))
    assert due_at(halfway, Term(second, "wh")) == due_at(begin, Term(first + second, "wh"))


@given(st.datetimes(datetime(2025, 1, 1), datetime(2026, 11, 1)), st.sampled_from(["m", "h", "wh", "wd", "d"]))  # noqa: DTZ001
def test_a_longer_term_never_ends_earlier(start: datetime, unit: str) -> None:
    begin = start.replace(tzinfo=LOCAL)
    ends = [due_at(begin, f"{count}{unit}") for count in range(1, 6)]
    assert begin < ends[0]
    assert ends == sorted(ends)


def test_terms_of_the_catalogue_can_all_be_read() -> None:
    for category in categories():
        assert parse_term(category.accept) is not None
        assert parse_term(category.resolve) is not None
        parse_term(category.arrive)


def test_a_dash_means_no_term() -> None:
    assert parse_term("-") is None
    with pytest.raises(BadTerm):
        due_at(local("2026-11-22T10:00"), "-")


@pytest.mark.parametrize("text", ["0m", "4 wh", "wh", "5x", "-3d", "1.5h"])
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(BadTerm):
        parse_term(text)


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        due_at(datetime(2026, 11, 22, 10, 0), "30m")  # noqa: DTZ001
