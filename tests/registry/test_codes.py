from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.registry import codes
from command_center.registry.codes import BadCode

days = st.dates(date(2020, 1, 1), date(2099, 12, 31))
towns = st.from_regex(r"\A[0-9]{9}\Z")


def test_the_published_case_code_comes_out() -> None:
    assert codes.case_code("451302103", date(2026, 11, 22), 37) == "ZZ4513021032026112200376"


@given(towns, days, st.integers(1, 9999))
def test_a_case_code_is_read_back_as_it_was_made(town: str, day: date, sequence: int) -> None:
    code = codes.case_code(town, day, sequence)
    assert len(code) == 24
    assert codes.parse_case_code(code) == codes.CaseCode(town, day, sequence)


@given(towns, days, st.integers(1, 9999), st.integers(2, 23), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(town: str, day: date, sequence: int, at: int, step: int) -> None:
    code = codes.case_code(town, day, sequence)
    wrong = code[:at] + str((int(code[at]) + step) % 10) + code[at + 1 :]
    with pytest.raises(BadCode):
        codes.parse_case_code(wrong)


@pytest.mark.parametrize("town_sequence", [("45130210", 1), ("451302103", 0), ("451302103", 10_000)])
def test_a_case_code_needs_a_town_and_a_number_in_range(town_sequence: tuple[str, int]) -> None:
    town, sequence = town_sequence
    with pytest.raises(BadCode):
        codes.case_code(town, date(2026, 11, 22), sequence)


def test_query_codes_are_eight_characters_that_nobody_confuses_and_never_the_same() -> None:
    made = {codes.query_code() for _ in range(500)}
    assert len(made) == 500
    assert all(len(code) == 8 and not set(code) & set("ILOU") for code in made)
    assert all(codes.read_query_code(code.lower()) == code for code in made)


def test_a_query_code_is_understood_as_people_type_it() -> None:
    assert codes.read_query_code("7k3f-9qxa") == "7K3F9QXA"
    assert codes.read_query_code("oil1 9qxa") == "01119QXA"
    with pytest.raises(BadCode):
        codes.read_query_code("7K3F9QX")


def test_orders_carry_their_day_and_number() -> None:
    assert codes.order_code(date(2026, 11, 22), 3) == "ZL20261122-003"
    assert codes.order_code(date(2026, 11, 22), 3, kind="DB") == "DB20261122-003"
    with pytest.raises(BadCode):
        codes.order_code(date(2026, 11, 22), 3, kind="XX")


def test_alert_codes_have_thirty_one_characters_in_local_time() -> None:
    code = codes.alert_code("451303", datetime(2026, 11, 22, 0, 30, tzinfo=UTC), 0, industry="123")
    assert code == "45130312300000_20261122083000_0"
    assert len(code) == 31
    with pytest.raises(BadCode):
        codes.alert_code("451303", datetime(2026, 11, 22, tzinfo=UTC), 10)


def test_area_codes_are_taken_apart() -> None:
    area = codes.parse_area_code("320724199205001")
    assert (area.county, area.town, area.village, area.grid) == (
        "320724",
        "320724199",
        "320724199205",
        "320724199205001",
    )
    assert codes.parse_area_code("320724").town is None
    assert not area.is_special
    assert codes.parse_area_code("320724199205501").is_special


@pytest.mark.parametrize(
    "code", ["", "3207", "32072419", "320724199205000", "320724199205500", "320724199205700", "x" * 9]
)
def test_what_is_no_area_code_is_refused(code: str) -> None:
    with pytest.raises(BadCode):
        codes.parse_area_code(code)


def test_device_codes_are_taken_apart() -> None:
    device = codes.parse_device_code("45130203011326001447")
    assert device == codes.DeviceCode("45130203", "01", "132", "6", 1447)
    with pytest.raises(BadCode):
        codes.parse_device_code("4513020301132600")
