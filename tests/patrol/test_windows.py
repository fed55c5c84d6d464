"""Windows of the day and the instants they mean."""

from datetime import UTC, date, datetime

import pytest

from command_center.patrol.windows import day_bounds, local_day, read_windows


def test_a_window_is_local_time() -> None:
    [window] = read_windows([{"start": "07:20:00", "end": "08:10"}])
    start, end = window.on(date(2026, 8, 23))
    assert (start, end) == (datetime(2026, 8, 22, 23, 20, tzinfo=UTC), datetime(2026, 8, 23, 0, 10, tzinfo=UTC))
    assert window.json() == {"start": "07:20:00", "end": "08:10:00"}


def test_a_window_over_midnight_ends_on_the_next_day() -> None:
    [window] = read_windows([{"start": "22:00", "end": "02:00"}])
    assert window.length_s == 4 * 3_600


@pytest.mark.parametrize(
    "items",
    [
        [{"start": "07:00", "end": "08:00"}, {"start": "07:30", "end": "09:00"}],
        [{"start": "01:00", "end": "03:00"}, {"start": "22:00", "end": "02:00"}],
        [{"start": "22:00", "end": "02:00"}, {"start": "23:00", "end": "23:30"}],
        [{"start": "25:00", "end": "26:00"}],
        [{"start": "dawn", "end": "dusk"}],
    ],
)
def test_windows_that_overlap_or_are_none_are_refused(items: list[dict[str, str]]) -> None:
    with pytest.raises(ValueError):
        read_windows(items)


def test_the_day_turns_at_local_midnight() -> None:
    assert local_day(datetime(2026, 8, 22, 15, 59, tzinfo=UTC)) == date(2026, 8, 22)
    assert local_day(datetime(2026, 8, 22, 16, 0, tzinfo=UTC)) == date(2026, 8, 23)
    assert day_bounds(date(2026, 8, 23))[0] == datetime(2026, 8, 22, 16, 0, tzinfo=UTC)
