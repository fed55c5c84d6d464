"""Dates, states and ratings as other systems write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.registry.clocks import LOCAL
from command_center.registry.imports.layer import BadRow
from command_center.response.past.saying import FORMATS, instant, is_closed, rating, solved

NINE = datetime(2026, 8, 24, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-08-24 09:05:00", "2026-08-24T09:05:00", "2026-08-24T01:05:00Z", "2026-08-24T09:05:00+08:00",
        "2026/8/24 9:05", "2026-8-24 9:05", "20260824090500", "2026年8月24日 09:05", "2026年8月24日9时5分",
        "2026.08.24 09:05", "08/24/2026 09:05:00 AM", " 2026-08-24 09:05 ",
    ],
)  # fmt: skip
def test_an_instant_is_read_however_it_is_written(text: str) -> None:
    assert instant(text, "at") == NINE


def test_a_day_alone_begins_at_midnight_of_the_center() -> None:
    assert instant("2026/8/24", "at") == datetime(2026, 8, 24, tzinfo=LOCAL)
    assert instant("", "at") is None


@pytest.mark.parametrize(
    "text",
    [
        "昨天",
        "2026-13-01",
        "1900-01-00",
        "1899-12-30",
        "24/08/2026",
        "0001-01-01",
        "45892",
        "2026-02-30 10:00",
        "2026/8/24 25:00",
    ],
)
def test_what_is_no_date_is_named_and_not_guessed(text: str) -> None:
    with pytest.raises(BadRow, match="bad_time"):
        instant(text, "来电时间")


@given(st.integers(700_000_000, 4_000_000_000))
def test_every_form_gives_back_what_was_written_in_it(second: int) -> None:
    at = datetime.fromtimestamp(second, LOCAL)
    for form in (*FORMATS, "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y年%m月%d日%H时%M分%S秒", "%Y.%m.%d"):
        written = at.strftime(form)
        assert instant(written, "at") == datetime.strptime(written, form).replace(tzinfo=LOCAL)


def test_states_ratings_and_outcomes_are_understood() -> None:
    assert [is_closed(word) for word in ("已办结", "已归档", "Closed", "未办结", "待办结", "办理中", "")] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip
    grades = ["非常满意", "满意", "基本满意", "不满意", "非常不满意", "4", "", "未评价"]
    assert [rating(word, "满意度") for word in grades] == [5, 4, 3, 2, 1, 4, None, None]
    with pytest.raises(BadRow, match="bad_rating"):
        rating("八分", "满意度")
    assert [solved(word) for word in ("已解决", "是", "未解决", "否", "No", "")] == [
        True,
        True,
        False,
        False,
        False,
        None,
    ]
