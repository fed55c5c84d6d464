"""Addresses read in the model town: laws that hold for every name in it, and texts as people write them."""

import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.addresses import AddressBook, Answer, Ground, Spot, find
from gis.addresses.coordinates import typed
from gis.addresses.text import number_of, plain, widths
from gis.datum import wgs84_to_gcj02
from gis.metric import distance_m
from gis.town import generate_town

TOWN = generate_town(cameras=700)
GROUND = Ground(
    code="320724199",
    town="示范镇",
    county="灌南县",
    lonlat=TOWN.center.lonlat,
    outline=TOWN.outline,
    villages=TOWN.villages,
    grids=TOWN.grids,
    roads=TOWN.roads,
    spots=(
        *(Spot("place", one.id, one.name, one.lonlat, one.area, 50.0, sort=one.kind) for one in TOWN.places),
        *(
            Spot("camera", one.id, one.name, one.lonlat, one.area, 15.0, one.number, one.kind, one.place)
            for one in TOWN.cameras
        ),
    ),
)
BOOK = AddressBook(GROUND)
PLACES = st.sampled_from(TOWN.places)
VILLAGES = {one.code: one for one in TOWN.villages}
BREAKS = st.sampled_from(["，", ", ", " ", "、", "；", "  ", "\n"])


def best(text: str, **wish: str) -> str:
    found = find(BOOK, text, **wish).candidates  # type: ignore[arg-type]
    return found[0].label if found else ""


def codes(answer: Answer, place: int = 0) -> dict[str, dict[str, str | int]]:
    return {reason.code: dict(reason.params) for reason in answer.candidates[place].reasons}


@pytest.mark.parametrize("place", TOWN.places, ids=lambda one: one.name)
def test_every_place_is_found_by_its_own_name_as_the_best(place) -> None:  # type: ignore[no-untyped-def]
    first = find(BOOK, place.name).candidates[0]
    assert (first.label, first.kind, first.lonlat, first.area) == (place.name, "place", place.lonlat, place.area)


def test_every_village_and_grid_is_found_by_name_and_by_code() -> None:
    for kind, listed in (("village", TOWN.villages), ("grid", TOWN.grids)):
        for one in listed:
            for text in (one.name, one.code, f"江苏省灌南县示范镇{one.name}"):
                first = find(BOOK, text).candidates[0]
                assert (first.kind, first.id, first.label) == (kind, one.code, one.name), text


@settings(max_examples=60)
@given(place=PLACES, data=st.data(), gaps=st.lists(BREAKS, min_size=5, max_size=5))
def test_order_of_parts_and_spaces_do_not_matter(place, data: st.DataObject, gaps: list[str]) -> None:  # type: ignore[no-untyped-def]
    parts = ["江苏省", "灌南县", "示范镇", VILLAGES[place.area[:12]].name, place.name]
    order = data.draw(st.permutations(parts))
    said = "".join(part + gap for part, gap in zip(order, gaps, strict=True))
    assert best(said) == best("，".join(parts)) == place.name


@settings(max_examples=60)
@given(place=PLACES, every=st.integers(1, 4))
def test_spaces_within_a_name_do_not_matter(place, every: int) -> None:  # type: ignore[no-untyped-def]
    spaced = " ".join(place.name[i : i + every] for i in range(0, len(place.name), every))
    assert best(spaced) == place.name


AREAS = st.sampled_from([*(one.code for one in TOWN.villages), *(one.code for one in TOWN.grids)])
TAILS = st.sampled_from(["", "东边", "以北300米", "西南方向2公里", "对面", "附近"])


@settings(max_examples=100)
@given(
    names=st.lists(
        st.sampled_from([*TOWN.places, *TOWN.villages, *TOWN.grids, *TOWN.roads, *TOWN.cameras]), max_size=3
    ),
    more=st.sampled_from(["", "三组", "与人民街交叉口", "3公里处", "119.38,34.122", "119.3668 34.1419 高德"]),
    tail=TAILS,
    area=AREAS,
    typing=st.booleans(),
)
def test_no_candidate_lies_outside_the_caller_s_area(names, more, tail, area, typing) -> None:  # type: ignore[no-untyped-def]
    text = "，".join(one.name for one in names) + tail + more
    for one in find(BOOK, text, area=area, typing=typing).candidates:
        assert one.area.startswith(area)
        at = BOOK.areas.find(one.lonlat)
        assert at is None or at.startswith(area) or one.kind in ("village", "grid", "camera", "place", "group"), one


@settings(max_examples=120)
@given(st.text(max_size=80) | st.text("村社区组号路街与东边0123456789一二三十百.,，°′″kK+- 示范镇白鹭", max_size=60))
def test_any_text_is_answered_and_an_empty_answer_says_why(text: str) -> None:
    answer = find(BOOK, text, typing=len(text) % 2 == 0)
    assert (answer.why is None) == bool(answer.candidates)
    scores = [one.score for one in answer.candidates]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < one.score <= 1 and one.reasons and one.radius_m > 0 for one in answer.candidates)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("江苏省连云港市灌南县示范镇白鹭村3组12号", "白鹭村三组"),
        ("白鹭村第三村民小组", "白鹭村三组"),
        ("３组　白鹭村", "白鹭村三组"),
        ("白鹭社区二队", "白鹭村二组"),
        ("砚河社区 第一网格", "砚河社区第1网格"),
        ("白鹭村村民委员会", "白鹭村村委会"),
        ("白露村村委会", "白鹭村村委会"),
        ("西云小学", "栖云小学"),
        ("栖云学校", "栖云小学"),
        ("灌南县示範鎮卫生院", "示范镇卫生院"),
        ("砚河农市场", "砚河农贸市场"),
        ("我要反映砚河农贸市场，天天晚上烧烤扰民，味道很大，孩子没法写作业", "砚河农贸市场"),
        ("人民街和育才路交叉口", "人民街与育才路交叉口"),
        ("育才路、人民街路口", "人民街与育才路交叉口"),
        ("县道荷柳线3公里处", "县道荷柳线 3 公里处"),
        ("荷柳线K3+200", "县道荷柳线 3.2 公里处"),
        ("0007号摄像头", next(one.name for one in TOWN.cameras if one.number == "0007")),
        ("人民街砚河社区段", "人民街（砚河社区段）"),
        ("新河闸🔥 HELP", "新河闸"),
        ("320724199204003" + "07", "砚湖村第3网格"),
    ],
)
def test_texts_as_people_write_them(text: str, label: str) -> None:
    assert best(text) == label


def test_what_does_not_fit_is_said_and_costs_score() -> None:
    answer = find(BOOK, "砚河社区 砚湖警务站")
    assert answer.candidates[0].label == "砚湖警务站"
    assert codes(answer)["village_differs"] == {"written": "砚河社区", "actual": "砚湖村"}
    assert answer.candidates[0].score < find(BOOK, "砚湖村 砚湖警务站").candidates[0].score
    unknown = find(BOOK, "白鹭村九组")
    assert (unknown.candidates[0].kind, codes(unknown)["group_unknown"]) == ("village", {"group": "9组"})
    assert codes(find(BOOK, "人民街12号"))["number_unplaced"] == {"number": "12"}


def test_another_town_s_address_is_not_put_into_this_one() -> None:
    for text in ("江苏省连云港市赣榆区青口镇沙河村", "浙江省杭州市西湖区文三路", "新安镇镇中社区三组"):
        answer = find(BOOK, text)
        assert all(one.score < 0.5 for one in answer.candidates), text
    assert find(BOOK, "江苏省连云港市赣榆区青口镇沙河村").why is not None
    assert find(BOOK, "灌南县").why.code == "too_wide"  # type: ignore[union-attr]


def test_a_name_shared_by_two_villages_is_offered_twice_until_the_village_is_said() -> None:
    shops = [replace(TOWN.places[0], id=f"S{i}", name="红旗超市", area=one.code + "001", lonlat=one.center)
             for i, one in enumerate(TOWN.villages[2:4])]  # fmt: skip
    spots = tuple(Spot("place", one.id, one.name, one.lonlat, one.area, 50.0) for one in shops)
    book = AddressBook(replace(GROUND, spots=(*GROUND.spots, *spots)))
    both = find(book, "红旗超市")
    assert [one.score for one in both.candidates[:2]] == [0.99, 0.99]
    assert codes(both)["several"] == {"n": 2}
    assert find(book, f"{TOWN.villages[3].name}红旗超市").candidates[0].id == "S1"


def test_directions_move_the_point_and_widen_its_uncertainty() -> None:
    site = next(one for one in TOWN.places if one.name == "枣林村卫生室")
    moved = find(BOOK, "枣林村卫生室西边300米").candidates[0]
    assert distance_m(site.lonlat, moved.lonlat) == pytest.approx(300, abs=1)
    assert moved.lonlat[0] < site.lonlat[0] and moved.radius_m > 100
    across = find(BOOK, "枣林村卫生室对面").candidates[0]
    assert across.lonlat == site.lonlat and across.radius_m > 50


def test_coordinates_are_read_in_the_datum_said_and_doubted_where_none_is() -> None:
    lon, lat = wgs84_to_gcj02(TOWN.center.lonlat)
    said = find(BOOK, f"高德坐标 {lon:.6f},{lat:.6f}").candidates[0]
    assert distance_m(said.lonlat, TOWN.center.lonlat) < 1
    both = find(BOOK, "东经119°22′48″ 北纬34°7′19″").candidates
    assert [dict(one.reasons[0].params)["datum"] for one in both] == ["wgs84", "gcj02"]
    assert distance_m(both[0].lonlat, both[1].lonlat) == pytest.approx(530, abs=30)
    assert find(BOOK, "118.2,34.1").why.code == "outside"  # type: ignore[union-attr]


@given(st.floats(119.2, 119.8), st.floats(33.9, 34.4), st.booleans(), st.sampled_from([",", "，", " "]))
def test_a_pair_is_read_whichever_number_comes_first(lon: float, lat: float, order: bool, mark: str) -> None:
    pair = f"{lon:.5f}", f"{lat:.5f}"
    read = typed(widths(mark.join(pair if order else pair[::-1])))
    assert read is not None
    assert read.lonlat == pytest.approx((lon, lat), abs=1e-5)


@given(st.integers(0, 199))
def test_chinese_numerals_are_the_numbers_they_say(number: int) -> None:
    digits = "零一二三四五六七八九"
    tens, ones = number % 100 // 10, number % 10
    said = ("一百" if number >= 100 else "") + (("零" if tens == 0 and ones and number >= 100 else "")
        + (f"{digits[tens]}十" if tens else "") + (digits[ones] if ones else ""))  # fmt: skip
    assert number_of(said or "零") == number
    assert plain(f"第{said or '零'}组") == f"{number}组"


def test_awkward_texts_are_no_candidates_and_no_errors() -> None:
    for text in (
        "",
        "   ",
        "😀😀",
        "，。！？",
        "a" * 2000,
        "村" * 2000,
        "1" * 2000,
        "白" * 2000,
        "3400 GARRISON BLVD, MD",
    ):
        assert find(BOOK, text, typing=True).candidates == ()
    assert best("😀" * 900 + "栖云小学") == "栖云小学"


def test_what_is_typed_so_far_offers_what_begins_so() -> None:
    labels = [one.label for one in find(BOOK, "砚河农", typing=True).candidates]
    assert labels[0] == "砚河农贸市场"
    assert find(BOOK, "砚河农").candidates == ()


def test_kinds_that_the_caller_may_not_know_are_not_offered() -> None:
    point = Spot("point", "D1", "秘密哨点", TOWN.center.lonlat, TOWN.places[1].area, 60.0)
    book = AddressBook(replace(GROUND, spots=(*GROUND.spots, point)))
    assert find(book, "秘密哨点").candidates[0].kind == "point"
    assert find(book, "秘密哨点", hidden=frozenset({"point"})).candidates == ()


def test_a_book_does_not_change_by_being_asked() -> None:
    before = pickle.dumps(find(BOOK, "白鹭村三组，供销社东边"))
    for text in ("人民街", "119.38,34.122", "白鹭村"):
        find(BOOK, text, area="320724199200")
    assert pickle.dumps(find(BOOK, "白鹭村三组，供销社东边")) == before
