"""The figures of the cases: the printed rates of real centers come out of stored rows, and each opens its cases."""

import io
import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any

import httpx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from command_center.response.engine.case import Timer
from command_center.response.figures import queries
from command_center.response.figures.counting import PARTS, period
from command_center.response.figures.queries import Asked
from command_center.response.figures.reckoning import (
    RATES,
    Style,
    percent,
    places,
    rates,
    reckon,
    shares,
    time_of,
)
from command_center.response.tables import CaseRow, CaseUnitRow, ClockRow

from .case_rows import HOUR, OPEN, OPENED, Made, store, times
from .hall import Hall, officer
from .serving_hall import ServedHall, said, served
from .small_town import ORIGIN, OTHER_VILLAGE, TOWN

COUNTS = {name for rate in RATES for name in (rate.over, rate.of)}
AUGUST = {"since": "2026-08-01", "until": "2026-08-31"}
LEADERS = count(1)
RATE = {rate.name: rate for rate in RATES}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHall]:
    folder = tmp_path_factory.mktemp("figures")
    with served(Hall(f"sqlite:///{folder}/hall.db"), folder) as here:
        yield here


@pytest.fixture
def leader(desk: ServedHall) -> httpx.Client:
    """Somebody who has just signed in, however long the clock of the hall was moved on before."""
    return desk.sign_in(f"leader{next(LEADERS)}", "leader")


@pytest.fixture(autouse=True)
def empty(desk: ServedHall) -> Iterator[None]:
    yield
    with desk.hall.tx() as tx:
        for table in (CaseRow, ClockRow, CaseUnitRow):
            tx.session.execute(delete(table))


def read(who: httpx.Client, **asked: str) -> Any:
    return said(who.get("/cases/figures", params={**AUGUST, **asked}))


def behind(who: httpx.Client, name: str, **asked: Any) -> Any:
    return said(who.get(f"/cases/figures/{name}/cases", params={**AUGUST, **asked}))


def shown(one: Mapping[str, Any], name: str) -> str:
    """A rate as the page shows it."""
    rate = next(rate for rate in one["rates"] if rate["name"] == name)
    return f"{rate['over']}/{rate['of']} {rate['percent']}"


def keep(desk: ServedHall, *many: list[Made]) -> list[str]:
    with desk.hall.tx() as tx:
        return store(tx, [made for some in many for made in some])


# What centers printed, out of rows that lie in a database, by HTTP.


def test_xiaopingyang_calls_its_closing_rate_receipt_rate_and_has_the_true_one_beside_it(
    desk: ServedHall, leader: httpx.Client
) -> None:
    """F-01: 32 received, 30 solved; two that were sent have not been received."""
    done, going = Made(profile="xpy"), replace(OPEN, profile="xpy")
    keep(desk, times(30, done), times(2, going), times(2, going, state="ASSIGNED", receive=None))
    found = read(leader, way="xpy")
    closing = next(rate for rate in found["rates"] if rate["name"] == "closing_rate")
    assert closing["label"] == "依法接单率" and shown(found, "closing_rate") == "30/34 88.24"
    assert shown(found, "receipt_rate") == "32/34 94.12"
    with desk.hall.tx() as tx:
        tx.session.execute(delete(CaseRow).where(CaseRow.state == "ASSIGNED"))
    found = read(leader, way="xpy")
    assert shown(found, "closing_rate") == "30/32 93.75" and shown(found, "receipt_rate") == "32/32 100.00"


def test_a_center_that_cuts_off_prints_91_66_where_others_round_to_91_67(
    desk: ServedHall, leader: httpx.Client
) -> None:
    """F-02: of 12 disputes 11 were settled."""
    for way, printed in (("xpy", "91.66"), ("bz", "91.67")):
        keep(desk, times(11, Made(profile=way, agreed=True)), times(1, Made(profile=way, agreed=False)))
        assert shown(read(leader, way=way), "agreed_rate") == f"11/12 {printed}"
    both = {one["key"]: shown(one, "agreed_rate") for one in read(leader)["parts"]["way"]}
    assert both == {"xpy": "11/12 91.66", "bz": "11/12 91.67"}


def test_toupai_solved_165_of_168(desk: ServedHall, leader: httpx.Client) -> None:
    """F-03."""
    asked = Made(profile="tp", rating=4)
    keep(desk, times(165, asked), times(3, asked, solved=False))
    assert shown(read(leader), "solved_rate") == "165/168 98.2"


def test_haizhou_satisfied_counts_from_just_satisfied_up(desk: ServedHall, leader: httpx.Client) -> None:
    """F-07, and F-09: of 148 first petitions 141 were settled at once."""
    keep(desk, times(60, Made(rating=5)), times(33, Made(rating=3)), times(2, Made(rating=2)), times(5, Made()))
    assert shown(read(leader), "satisfied_rate") == "93/95 97.89"
    petition = Made(source="petition")
    keep(
        desk,
        times(141, petition),
        times(3, petition, value={"repeats": 1}),
        times(2, petition, value={"rebounds": 1}),
        times(2, petition, state="HANDLING", resolve=None),
        times(4, petition, state="REJECTED", sent=False),
    )
    assert shown(read(leader), "once_rate") == "141/148 95.27"


def test_haian_closing_rate_by_kind(desk: ServedHall, leader: httpx.Client) -> None:
    """F-11: disputes 98.3 %, hazards 100 %."""
    keep(desk, times(59, Made(profile="ha")), times(1, replace(OPEN, profile="ha")))
    keep(desk, times(40, Made(profile="ha", category="04004")))
    kinds = {one["key"]: shown(one, "closing_rate") for one in read(leader)["parts"]["category"]}
    assert kinds == {"01008": "59/60 98.3", "04004": "40/40 100.0"}


def test_large_numbers_print_as_they_were_printed() -> None:
    """F-04, F-05, F-06, F-08 and F-10, whose cases would fill a database."""
    one_digit = Style(rounding={"*": "half_up1"})
    assert 1261 + 1918 + 180302 == 183481
    for closed, printed in ((182104, "99.2"), (182105, "99.3"), (182197, "99.3"), (182288, "99.3"), (182289, "99.4")):
        assert reckon(RATE["closing_rate"], {"closed": closed, "accepted": 183481}, one_digit).percent == printed
    doors = shares({"window": 1036, "citizen": 834, "hotline": 34129})
    assert [one.percent for one in doors.values()] == ["2.88", "2.32", "94.81"]
    assert {one.of for one in doors.values()} == {35999}
    assert (percent(12, 16), percent(26188, 26722, digits=0)) == ("75.00", "98")
    assert percent(8635, 11000, digits=1) == "78.5"


# What is counted.


def test_everything_that_came_in_is_somewhere_and_only_once(desk: ServedHall, leader: httpx.Client) -> None:
    late = desk.hall.clock() - 100 * HOUR
    keep(
        desk,
        times(5, Made()),
        times(2, replace(OPEN, opened_at=late)),
        times(1, replace(OPEN, state="SUSPENDED", opened_at=desk.hall.clock())),
        times(2, Made("SUBMITTED", sent=False, resolve=None)),
        times(1, Made("REJECTED", sent=False, resolve=None)),
        times(1, Made("DUPLICATE", sent=False, resolve=None)),
        times(1, Made("TRANSFERRED", receive=8, resolve=8)),
        times(1, Made("WITHDRAWN", sent=False, resolve=None)),
        times(3, Made(opened_at=OPENED - 40 * 24 * HOUR, resolve=41 * 24)),
    )
    found = read(leader)
    assert found["volumes"] == {
        "came": 14, "accepted": 9, "open": 3, "overdue": 2, "suspended": 1, "closed": 5, "left": 1, "waiting": 2,
        "refused": 2, "joined": 1,
    }  # fmt: skip
    assert found["now"] == {"open_now": 3, "overdue_now": 2, "suspended_now": 1}
    # Three that came in before August were closed in it.
    assert found["closed_within"] == 8
    # What ended with all its clocks was sent and not received.
    assert shown(found, "receipt_rate") == "8/9 88.89"


def test_returns_are_counted_by_sending_and_the_first_right_one_by_case(desk: ServedHall, leader: httpx.Client) -> None:
    again = replace(OPEN, value={"returns": 2})
    keep(desk, times(6, Made()), times(1, again), times(1, OPEN, state="TRIAGE", sent=False, value={"returns": 1}))
    found = read(leader)
    # 6 sent once, one three times, one given back and not sent again yet.
    assert shown(found, "return_rate") == "3/10 30.00" and shown(found, "right_first_rate") == "6/8 75.00"
    returned = behind(leader, "return_rate")
    assert (returned["count"], returned["cases"], [one["times"] for one in returned["lines"]]) == (3, 2, [1, 2])


def test_an_extension_that_was_not_needed_counts_for_the_first_deadline(desk: ServedHall, leader: httpx.Client) -> None:
    timer = Timer("T-RESOLVE", OPENED, OPENED + 10 * HOUR, OPENED + 40 * HOUR, "h", "10h", extended=30 * 3600)
    value = {"extensions": 1, "timers": (timer,)}
    keep(desk, times(4, Made()), times(1, Made(resolve=9, value=value)), times(2, Made(resolve=30, value=value)))
    keep(desk, times(1, Made(resolve=50)), times(2, OPEN))
    found = read(leader)
    assert shown(found, "on_time_rate") == "7/8 87.50" and shown(found, "original_rate") == "5/8 62.50"
    assert behind(leader, "original_rate")["count"] == 5 and behind(leader, "original_rate", side="of")["count"] == 8


def test_a_reply_counts_once_it_is_there_or_its_time_is_over(desk: ServedHall, leader: httpx.Client) -> None:
    fresh = replace(OPEN, state="ASSIGNED", receive=None, opened_at=desk.hall.clock())
    keep(desk, times(7, Made()), times(1, Made(receive=5)), times(1, replace(fresh, opened_at=OPENED)), [fresh])
    assert shown(read(leader), "response_rate") == "7/9 77.78"


def test_nothing_to_divide_by_is_no_rate(desk: ServedHall, leader: httpx.Client) -> None:
    found = read(leader)
    assert {rate["percent"] for rate in found["rates"]} == {None} and found["parts"]["unit"] == []
    assert [(time["count"], time["median_s"]) for time in found["times"]] == [(0, None)] * 4
    keep(desk, [OPEN])
    assert shown(read(leader), "satisfied_rate") == "0/0 None"


def test_durations_have_a_middle_and_a_tail(desk: ServedHall, leader: httpx.Client) -> None:
    keep(desk, [Made(resolve=hours, receive=hours / 10) for hours in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89)])
    found = {time["name"]: time for time in read(leader)["times"]}
    assert (found["close_s"]["median_s"], found["close_s"]["p90_s"]) == (10.5 * 3600, 55 * 3600)
    slowest = behind(leader, "close_s", limit=2)
    assert slowest["cases"] == 10 and [one["took_s"] for one in slowest["lines"]] == [89 * 3600, 55 * 3600]


def test_a_day_is_a_local_one_and_a_period_ends_after_it_begins(desk: ServedHall, leader: httpx.Client) -> None:
    first = datetime(2026, 7, 31, 16, 0, tzinfo=UTC)
    keep(desk, [replace(OPEN, opened_at=first), replace(OPEN, opened_at=first - timedelta(microseconds=1))])
    assert read(leader)["volumes"]["came"] == 1
    # The clock of this hall stands in August.
    month = said(leader.get("/cases/figures"))
    assert (month["since"], month["until"]) == ("2026-08-01", "2026-08-24") and month["volumes"]["came"] == 1
    for bad in ({"since": "2026-08-02", "until": "2026-08-01"}, {"since": "1990-01-01", "until": "2026-08-01"}):
        assert said(leader.get("/cases/figures", params=bad), 400)["code"] == "figures_period_bad"
    assert said(leader.get("/cases/figures/beauty/cases"), 400)["code"] == "figures_unknown"


def test_what_people_did_with_cases_is_what_is_counted(desk: ServedHall) -> None:
    """No rows of our own making: an alert worked by orders, and a matter from the counter that was given back once."""
    hall = desk.hall
    case = hall.open_case()
    (order,) = hall.dispatch(case["id"], "R002")
    for wait_s, verb, more in ((60, "accept", {}), (30, "depart", {}), (510, "arrive", {"note": "步行到场"}),
                               (60, "feedback", {"text": "已劝离"})):  # fmt: skip
        hall.clock.wait(wait_s)
        hall.act(verb, order, **more)
    hall.clock.wait(540)
    hall.manage("resolve", case["id"], answer="已处置")
    hall.manage("call_back", case["id"], rating=4, solved=True)

    clerk, dispatcher = desk.sign_in("clerk", "intake"), desk.sign_in("dispatcher", "dispatcher")
    justice, labour = (
        desk.sign_in(name, "department", unit_id=unit) for name, unit in (("zheng", "U02"), ("fang", "U03"))
    )

    def step(who: httpx.Client, action: str, **words: Any) -> Any:
        return said(who.post(f"/cases/{matter['id']}/steps", json={"action": action, "said": words}))

    matter = {"channel": "window", "category": "01008", "text": "拖欠工资", "place": "砚河", "lonlat": ORIGIN}
    matter = said(clerk.post("/intake/cases", json=matter), 201)
    hall.clock.wait(600)
    step(clerk, "accept")
    step(dispatcher, "dispatch", lead="U02")
    hall.clock.wait(60)
    step(justice, "return", reason="不属于本所职责", basis="权责清单 12 条", proposed_unit="U03")
    said(dispatcher.post(f"/cases/{matter['id']}/approvals/a1", json={"yes": True}))
    step(dispatcher, "dispatch", lead="U03")
    hall.clock.wait(120)
    step(labour, "receive")

    found = read(desk.sign_in("late", "leader"))
    printed = {rate["name"]: (rate["over"], rate["of"]) for rate in found["rates"] if rate["of"]}
    assert printed == {
        "response_rate": (2, 2), "receipt_rate": (2, 2), "return_rate": (1, 3), "right_first_rate": (1, 2),
        "arrival_rate": (1, 1), "on_time_rate": (1, 1), "original_rate": (1, 1), "closing_rate": (1, 2),
        "solved_rate": (1, 1), "satisfied_rate": (1, 1), "rebound_rate": (0, 1),
    }  # fmt: skip
    took = {time["name"]: (time["count"], time["median_s"]) for time in found["times"]}
    assert took == {"accept_s": (1, 600), "receive_s": (2, 90), "arrive_s": (1, 600), "close_s": (1, 1200)}
    assert {one["key"]: one["volumes"]["open"] for one in found["parts"]["unit"]} == {"U01": 0, "U03": 1}
    assert {one["key"]: one["name"] for one in found["parts"]["channel"]} == {"camera": "视频预警", "window": "窗口"}


# Whose figures they are.


def test_a_department_has_the_figures_of_its_unit_and_sees_no_other_unit(
    desk: ServedHall, leader: httpx.Client
) -> None:
    own = keep(desk, times(3, Made()), times(2, Made(unit="U03", helper="U02")))
    keep(desk, times(7, Made(unit="U03")), times(1, Made(area="320724200001")))
    justice = desk.sign_in("justice", "department", unit_id="U02")
    found = read(justice)
    assert found["unit"] == "U02" and found["volumes"]["came"] == 6
    assert {one["key"]: one["volumes"]["came"] for one in found["parts"]["unit"]} == {"U02": 4, "-": 2}
    ids = {one["id"] for one in behind(justice, "accepted")["lines"]}
    assert set(own) <= ids and len(ids) == 6
    assert behind(justice, "accepted", part="unit", key="U03")["cases"] == 0
    assert {one["key"]: one["volumes"]["came"] for one in read(leader)["parts"]["unit"]} == {"U02": 3, "U03": 9}
    said(desk.sign_in("coordinator", "coordinator").get("/cases/figures"), 403)
    said(leader.get("/cases/figures", params={"area": "320724200"}), 404)


def test_an_area_has_its_own_figures(desk: ServedHall, leader: httpx.Client) -> None:
    keep(desk, times(3, Made()), times(2, Made(area=OTHER_VILLAGE + "001")), times(1, Made(area=TOWN)))
    assert {one["key"]: one["volumes"]["came"] for one in read(leader)["parts"]["village"]} == {
        "320724199001": 3, OTHER_VILLAGE: 2, "": 1,
    }  # fmt: skip
    assert read(leader, area=OTHER_VILLAGE)["volumes"]["came"] == 2


# Laws.


@contextmanager
def kept(desk: ServedHall, many: list[Made]) -> Iterator[tuple[Session, Asked, datetime]]:
    """Some cases and no others, and a question about most of them."""
    with desk.hall.tx() as tx:
        for table in (CaseRow, ClockRow, CaseUnitRow):
            tx.session.execute(delete(table))
        store(tx, many)
    now = desk.hall.clock()
    with desk.hall.timeline.reading() as session:
        yield (
            session,
            Asked(officer("leader", "leader"), period(date(2026, 8, 1), date(2026, 8, 20), now=now), TOWN),
            now,
        )


MADE = st.builds(
    Made,
    state=st.sampled_from(("SUBMITTED", "TRIAGE", "ASSIGNED", "HANDLING", "SUSPENDED", "ARCHIVED", "RATED",
                           "REJECTED", "MERGED", "WITHDRAWN", "TRANSFERRED")),
    profile=st.sampled_from(("xpy", "tp", "gn", "hall")),
    source=st.sampled_from(("window", "hotline", "petition", "camera")),
    category=st.sampled_from(("01008", "02998")),
    area=st.sampled_from((TOWN, OTHER_VILLAGE, OTHER_VILLAGE + "001")),
    level=st.integers(1, 4),
    unit=st.sampled_from((None, "U01", "U02", "R002")),
    opened_at=st.integers(0, 600).map(lambda hours: OPENED + hours * HOUR),
    sent=st.booleans(),
    receive=st.none() | st.integers(0, 60),
    resolve=st.none() | st.integers(0, 90),
    rating=st.none() | st.integers(1, 5),
    solved=st.booleans(),
    agreed=st.none() | st.booleans(),
    value=st.fixed_dictionaries(
        {"returns": st.integers(0, 2), "rebounds": st.integers(0, 1), "repeats": st.integers(0, 1),
         "level": st.sampled_from(("village", "town", "county"))}
    ),
)  # fmt: skip


@given(many=st.lists(MADE, max_size=12))
@settings(max_examples=12)
def test_parts_add_up_to_the_whole(desk: ServedHall, many: list[Made]) -> None:
    with kept(desk, many) as (session, asked, now):
        found = queries.figures(session, desk.hall.town, asked, now=now)
        volumes, parts = found["volumes"], found["parts"]
        assert volumes["came"] == sum(volumes[name] for name in ("waiting", "refused", "joined", "accepted"))
        assert volumes["accepted"] == sum(volumes[name] for name in ("open", "closed", "left"))
        for lines in parts.values():
            assert volumes == {name: sum(one["volumes"][name] for one in lines) for name in volumes}
            for number, rate in enumerate(found["rates"]):
                sums = [sum(one["rates"][number][side] for one in lines) for side in ("over", "of")]
                assert sums == [rate["over"], rate["of"]] and rate["over"] <= rate["of"]


@given(many=st.lists(MADE, min_size=4, max_size=16), data=st.data())
@settings(max_examples=5)
def test_every_number_is_that_of_the_cases_it_opens(desk: ServedHall, many: list[Made], data: st.DataObject) -> None:
    with kept(desk, many) as (session, asked, now):
        found = queries.figures(session, desk.hall.town, asked, now=now)
        numbers = {**found["volumes"], **found["now"], "closed_within": found["closed_within"]}
        numbers |= {time["name"]: time["count"] for time in found["times"]}
        for name in data.draw(st.sets(st.sampled_from(sorted(numbers)), max_size=3)):
            assert queries.behind(session, asked, name, now=now)["count"] == numbers[name]
        for rate in data.draw(st.lists(st.sampled_from(found["rates"]), max_size=3, unique_by=lambda one: one["name"])):
            assert queries.behind(session, asked, rate["name"], now=now)["count"] == rate["over"]
            assert queries.behind(session, asked, rate["name"], side="of", now=now)["count"] == rate["of"]
        part = data.draw(st.sampled_from(PARTS))
        for one in found["parts"][part]:
            there = queries.behind(session, asked, "accepted", part=part, key=one["key"], now=now)
            assert there["count"] == one["volumes"]["accepted"]


@given(over=st.integers(0, 10**7), more=st.integers(0, 10**7), digits=st.integers(0, 4))
def test_a_percentage_is_rounded_once_half_up(over: int, more: int, digits: int) -> None:
    of = over + more
    exact = Decimal(over * 100) / of if of else None
    step = Decimal(1).scaleb(-digits)
    if exact is None:
        assert percent(over, of, digits=digits) is None
        return
    half_up = (Fraction(over * 100 * 10**digits, of) + Fraction(1, 2)).__floor__()
    assert Decimal(percent(over, of, digits=digits) or "") == half_up * step
    assert Decimal(percent(over, of, digits=digits, truncate=True) or "") <= exact + step / 10**6


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COUNTS, st.integers(0, 10**6))), max_size=6))
def test_a_rate_of_the_whole_lies_between_those_of_its_parts(parts: list[dict[str, int]]) -> None:
    whole = {name: sum(part[name] for part in parts) for name in COUNTS}
    for one in rates(whole):
        over, of = one.rate.over, one.rate.of
        each = [Fraction(part[over], part[of]) for part in parts if part[of]]
        if each and all(part[of] or not part[over] for part in parts):
            assert min(each) <= Fraction(one.over, one.of) <= max(each)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40))
def test_the_median_and_the_ninth_tenth_are_those_of_the_sorted_list(taken: list[int]) -> None:
    ordered = sorted(taken)
    time = time_of(len(ordered), {place: ordered[place - 1] for place in places(len(ordered))})
    assert time.median_s == statistics.median(ordered) and time.p90_s is not None
    assert 10 * sum(one <= time.p90_s for one in ordered) >= 9 * len(ordered)
    assert 10 * sum(one < time.p90_s for one in ordered) < 9 * len(ordered)


def test_the_workbook_says_what_the_page_says(desk: ServedHall, leader: httpx.Client) -> None:
    keep(desk, times(93, Made(rating=4)), times(2, Made(rating=1, unit="U03")), times(1, OPEN))
    answer = leader.get("/cases/figures/report.xlsx", params=AUGUST)
    assert "case-figures-2026-08-01-2026-08-31.xlsx" in answer.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sums = {row[0]: row[2:] for row in book["总数"].iter_rows(values_only=True)}
    assert sums["满意率"] == ("97.89", 93, 95) and sums["化解成功率"] == ("—", 0, 0)
    assert sums["受理量"][1] == 96 and sums["现在在办"][1] == 1
    head, *rows = book["按单位"].iter_rows(values_only=True)
    units = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert (units["司法所"]["满意率分子"], units["司法所"]["满意率分母"], units["人社所"]["办结率（%）"]) == (
        93,
        93,
        "100.00",
    )


def test_postgresql_counts_the_same(hall: Hall) -> None:
    """The figures of one store, on every engine."""
    timer = Timer("T-RESOLVE", OPENED, OPENED + 10 * HOUR, OPENED + 40 * HOUR, "h", "10h", extended=30 * 3600)
    with hall.tx() as tx:
        store(tx, [
            *times(5, Made(rating=5)), Made(rating=2, solved=False, resolve=7.5), OPEN,
            Made(agreed=True, value={"returns": 1, "level": "village"}), Made(agreed=False, source="petition"),
            Made(unit="R002", resolve=9, value={"extensions": 1, "timers": (timer,)}),
            Made("WITHDRAWN", sent=False, resolve=None),
        ])  # fmt: skip
    with hall.timeline.reading() as session:
        asked = Asked(officer("leader", "leader"), period(date(2026, 8, 1), None, now=hall.clock()), TOWN)
        found = queries.figures(session, hall.town, asked, now=hall.clock())
        slow = queries.behind(session, asked, "close_s", now=hall.clock(), limit=1)
        units = {one["key"]: one["volumes"]["came"] for one in found["parts"]["unit"]}
        tiers = {one["key"]: one["volumes"]["came"] for one in found["parts"]["tier"]}
    printed = {rate["name"]: (rate["over"], rate["of"]) for rate in found["rates"]}
    assert found["volumes"]["came"] == 11 and found["volumes"]["refused"] == 1
    assert printed["satisfied_rate"] == (5, 6) and printed["solved_rate"] == (5, 6)
    assert printed["return_rate"] == (1, 11) and printed["agreed_rate"] == (1, 2) and printed["once_rate"] == (1, 1)
    assert printed["on_time_rate"] == printed["original_rate"] == (9, 9)
    assert found["times"][3]["median_s"] == 20 * 3600 and slow["lines"][0]["took_s"] == 20 * 3600
    # Whoever of U01 was sent in person counts for his unit.
    assert units == {"U02": 9, "U01": 1, "": 1} and tiers == {"village": 1, "town": 10}
