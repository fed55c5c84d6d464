"""What is left of names and numbers, and what may be one at all."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.errors import BadInput
from command_center.response.parties.checking import check_digit, id_number_of, is_minor, phone_of
from command_center.response.parties.masking import (
    mask_address,
    mask_id_number,
    mask_id_number_in_public,
    mask_name,
    mask_phone,
    mask_text,
    sheltered_name,
)

TODAY = date(2026, 8, 24)

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
id_firsts = st.builds(
    lambda area, born, order: f"{area}{born:%Y%m%d}{order:03}",
    st.from_regex(r"[1-6][0-9]{5}", fullmatch=True),
    st.dates(date(1900, 1, 1), date(2020, 12, 31)),
    st.integers(0, 999),
)
id_numbers = id_firsts.map(lambda first: first + check_digit(first))
# Whatever people write, but no digit next to a number: that would be another number.
words = st.text(max_size=30).filter(lambda text: not any(unicodedata.category(one) == "Nd" for one in text))


@given(before=words, number=st.one_of(mobiles, id_numbers), after=words)
def test_no_number_survives_in_a_text_and_the_words_around_it_do(before: str, number: str, after: str) -> None:
    masked = mask_text(before + number + after)
    assert number not in masked
    assert masked.startswith(before)
    assert masked.endswith(number[-4:] + after)
    assert mask_text(masked) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话138 1234 5678找张", "电话138****5678找张"),
        ("138-1234-5678", "138****5678"),
        ("+8613812345678。", "+86138****5678。"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("证件 320724 19550307 999x", "证件 320724********999x"),
        ("座机0518-88765432", "座机0518******32"),
        ("卡号6222021234567890123", "卡号622************0123"),
        ("旧证320724550307999", "旧证320********7999"),
        ("2026-11-28 13:45 有 12345 热线 3 号楼 501", "2026-11-28 13:45 有 12345 热线 3 号楼 501"),
        ("镜头 32072400111326000001", "镜头 32072400111326000001"),
        ("案号 ZZ320724199202608240001X", "案号 ZZ320724199202608240001X"),
    ],
)
def test_numbers_are_found_as_people_write_them_and_nothing_else_is(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_each_field_keeps_only_what_tells_people_apart() -> None:
    assert [mask_name(name) for name in ("张三", "张三丰", "欧阳修", "欧阳", "", "Ann Lee")] == [
        "张*", "张*", "欧阳*", "欧*", "", "A*",
    ]  # fmt: skip
    assert [mask_phone(one) for one in ("13812345678", "051888765432", "")] == ["138****5678", "0518******32", ""]
    assert mask_id_number("32072419550307999X") == "320724********999X"
    assert mask_id_number_in_public("32072419550307999X") == "3****************X"
    assert mask_address("示范镇一村幸福路 7 号") == "示范镇一村***"
    assert mask_address("幸福路 7 号") == "***"
    assert mask_address("一村") == "***"
    assert [sheltered_name(place) for place in (0, 1, 10)] == ["当事人甲", "当事人乙", "当事人11"]


@given(number=id_numbers, at=st.integers(0, 16), digit=st.integers(1, 9))
def test_one_wrong_digit_of_an_identity_number_is_always_seen(number: str, at: int, digit: int) -> None:
    assert id_number_of(f" {number.lower()} ", TODAY) == number
    wrong = number[:at] + str((int(number[at]) + digit) % 10) + number[at + 1 :]
    with pytest.raises(BadInput) as refused:
        id_number_of(wrong, TODAY)
    assert refused.value.key in ("party_id_check", "party_id_shape")
    assert wrong not in refused.value.text("zh")


def test_numbers_are_kept_one_way_and_refused_with_a_reason() -> None:
    assert {phone_of(one) for one in ("138 1234 5678", "+86-13812345678", "１３８１２３４５６７８")} == {"13812345678"}
    assert phone_of("(0518) 8876-5432") == "051888765432"
    assert id_number_of("11010519491231002x", TODAY) == "11010519491231002X"
    for bad in ("12812345678", "1381234567", "88765432", "一三八"):
        with pytest.raises(BadInput, match="party_phone_bad"):
            phone_of(bad)
    for bad, key in (("110105491231002", "party_id_shape"), ("110105194912310021", "party_id_check")):
        with pytest.raises(BadInput, match=key):
            id_number_of(bad, TODAY)
    with pytest.raises(BadInput, match="party_id_birth"):
        id_number_of("11010519490231002" + check_digit("11010519490231002"), TODAY)


def test_somebody_is_a_minor_until_the_eighteenth_birthday() -> None:
    number = "32072420080825001"
    number += check_digit(number)
    assert is_minor(number, date(2026, 8, 24))
    assert not is_minor(number, date(2026, 8, 25))
