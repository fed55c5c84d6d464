"""Cases are found by any words that stand in them and by what they are, on both engines, by who may see them."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import delete, func, select

from command_center.access.guard import Who
from command_center.response.finding import index
from command_center.response.finding.queries import COUNTED, Wish, found
from command_center.response.finding.tables import FoundRow
from command_center.response.finding.words import asked, sign, words_of
from command_center.response.tables import CaseRow, CaseUnitRow
from tests.response.hall import Hall
from tests.response.serving_hall import said
from tests.response.small_town import OTHER_VILLAGE, TOWN
from tests.response.test_steps import Room, room, sent_out, step

__all__ = ["room"]

TEXTS = st.text(st.sampled_from("路灯不亮工地欠薪ＡａＢb12３－，。 \n䶮😀éßǅ"), max_size=12) | st.text(max_size=12)


@given(TEXTS, TEXTS, TEXTS)
@example("", "路", "")
def test_what_stands_in_a_text_is_asked_for_by_its_words(before: str, part: str, after: str) -> None:
    words = words_of([f"{before} {part} {after}"])
    for term in asked(part):
        assert any(word.startswith(term.word) if term.begins else word == term.word for word in words)


@given(st.text(st.sampled_from("路灯不亮工地"), min_size=2, max_size=9), st.data())
def test_a_run_of_characters_is_found_by_any_part_of_it(run: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(start + 1, len(run)))
    words = words_of([run])
    assert all(
        any(word.startswith(one.word) for word in words) if one.begins else one.word in words
        for one in asked(run[start:end])
    )


def lay(hall: Hall, number: int, **more: Any) -> None:
    """A case of the past, straight into the store."""
    at = more.pop("opened_at", datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number // 2))
    values = {
        "id": f"C{number:025}", "code": f"320724-2026-{number:06}", "query_code": f"Q{number:06}", "state": "TRIAGE",
        "title": "", "text": "", "asks": False, "category": "01008", "priority": "P3", "level": 4, "source": "window",
        "area": f"{TOWN}001", "lon": 119.0, "lat": 34.0, "place": "", "alert_id": None, "opened_at": at,
        "opened_by": {}, "profile": "hall", "profile_version": 1, "version": 1,
    } | more  # fmt: skip
    with hall.timeline.transaction() as tx:
        tx.session.add(CaseRow(**values))


def ids(hall: Hall, who: Who, **wish: Any) -> list[int]:
    with hall.timeline.reading() as session:
        return [int(one["id"][1:]) for one in found(session, who, Wish(**wish))["cases"]]


HEAD = Who("h", "h", "班长", "shift_head", TOWN)


def test_cases_are_found_by_words_and_by_what_they_are_newest_first(hall: Hall) -> None:
    lay(hall, 1, title="路灯不亮", text="砚河路三号楼前路灯坏了三天")
    lay(hall, 2, title="工地欠薪", place="砚河工地", state="ARCHIVED", category="02001", level=2, profile="hall")
    lay(hall, 3, title="Street LIGHT broken", text="No.１２ lamp, 电话 13812345678", area=f"{OTHER_VILLAGE}")
    lay(hall, 4, title="路灯太亮", source="12345", priority="P1")
    assert index.take_up(hall.timeline) == 4 and index.take_up(hall.timeline) == 0
    assert ids(hall, HEAD) == [4, 3, 2, 1]
    assert ids(hall, HEAD, q="路灯") == [4, 1]
    assert ids(hall, HEAD, q="灯 砚河") == [1] == ids(hall, HEAD, q="三号楼前")
    assert ids(hall, HEAD, q="light 12 LAMP") == [3] == ids(hall, HEAD, q="ligh")
    assert ids(hall, HEAD, q="320724-2026-000002") == [2]
    assert ids(hall, HEAD, q="？") == [] == ids(hall, HEAD, q="不灯")
    # A number is masked before it becomes words: it cannot be guessed by looking for it.
    assert ids(hall, HEAD, q="13812345678") == [] and ids(hall, HEAD, q="5678") == [3]
    assert ids(hall, HEAD, state="open") == [4, 3, 1] and ids(hall, HEAD, state="ARCHIVED") == [2]
    assert ids(hall, HEAD, category="02") == [2] == ids(hall, HEAD, level=2)
    assert ids(hall, HEAD, source="12345", priority="P1") == [4] and ids(hall, HEAD, profile="gn") == []
    assert ids(hall, HEAD, area=OTHER_VILLAGE) == [3] and ids(hall, HEAD, q=":a320724") == []
    far = Who("f", "f", "村里", "duty_officer", OTHER_VILLAGE)
    assert ids(hall, far) == [3] and ids(hall, far, q="路灯") == []
    # Two in an hour: of a local day all, of another none.
    day = date(2026, 1, 1)
    assert ids(hall, HEAD, since=day, until=day) == [4, 3, 2, 1]
    assert ids(hall, HEAD, since=day + timedelta(days=1)) == []


@given(st.text(max_size=6), st.text(max_size=6))
@example("U1", "u1")
@example("_u1", "U1")
def test_what_differs_has_different_signs(one: str, other: str) -> None:
    assert (sign("u", one) == sign("u", other)) == (one == other)


@pytest.mark.parametrize("unit", ["u7", "U 7", "U'7", 'U"7', "U-7", "所07", "U7*", "|&!"])
def test_a_department_finds_its_own_cases_whatever_its_code(hall: Hall, unit: str) -> None:
    for number, at_work in enumerate(("U7", unit), 1):
        lay(hall, number)
        with hall.timeline.transaction() as tx:
            tx.session.add(CaseUnitRow(case_id=f"C{number:025}", unit_id=at_work, part="lead", waits=True))
    index.take_up(hall.timeline)
    assert ids(hall, Who("d", "d", "所里", "department", "320724", unit_id=unit)) == [2]
    assert ids(hall, HEAD, unit="U7") == [1]


def test_pages_follow_each_other_without_a_gap_and_counting_stops_somewhere(hall: Hall) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(1, 8):
        lay(hall, number, opened_at=at, title="同时")
    index.take_up(hall.timeline)
    seen, before = list[str](), None
    with hall.timeline.reading() as session:
        while True:
            page = found(session, HEAD, Wish(q="同时"), before=before, limit=3)
            seen += [one["id"] for one in page["cases"]]
            assert (page["count"], page["most"]) == (7, COUNTED)
            before = page["next"]
            if before is None:
                break
    assert len(seen) == len(set(seen)) == 7
    with hall.timeline.transaction() as tx:
        tx.session.execute(delete(FoundRow).where(FoundRow.number % 2 == 0))
    with hall.timeline.reading() as session:
        left = session.scalar(select(func.count()).select_from(FoundRow))
        assert len(found(session, HEAD, Wish(q="同时"))["cases"]) == left


def test_a_case_is_found_as_it_is_now_and_a_department_finds_its_own(room: Room) -> None:
    case = sent_out(room, way="gn", text="砖厂欠薪，来电13900001111")

    def find(who: Any, **wish: Any) -> list[str]:
        return [one["code"] for one in said(who.get("/cases/found", params=wish))["cases"]]

    assert find(room.head, q="砖厂", state="ASSIGNED", unit="U03") == [case["code"]] == find(room.labour, q="砖厂")
    assert find(room.labour, q="砖厂", state="TRIAGE") == [] == find(room.head, q="13900001111")
    step(room.labour, case, "receive")
    assert find(room.justice, q="砖厂", state="RECEIVED") == [case["code"]]
    stranger = room.served.sign_in("roads", "department", unit_id="U04", area="320724")
    assert find(stranger, q="砖厂") == []
    assert [one["id"] for one in said(room.head.get("/cases/queue?name=open&q=砖厂"))["cases"]] == [case["id"]]
    assert [one["id"] for one in said(room.head.get("/cases?q=砖厂"))] == [case["id"]]
    refused = room.head.get("/cases/found?since=2026-02-01&until=2026-01-01")
    assert (refused.status_code, refused.json()["code"]) == (400, "found_days_bad")


def test_what_is_found_goes_out_as_a_workbook_and_that_is_written_down(room: Room) -> None:
    sent_out(room, way="gn", text="=SUM(A1) 化肥店欠薪，来电13900002222")
    answer = room.head.get("/cases/found.xlsx?q=化肥店")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[0][:2] == ("编号", "标题") and len(rows) == 2
    assert str(rows[1][1]).startswith("'=") and "13900002222" not in str(rows)
    with room.served.hall.timeline.reading() as session:
        lines = session.connection().exec_driver_sql("SELECT object_id FROM access_audit WHERE what = 'cases.exported'")
        assert lines.scalars().all() == ["1"]


def test_searches_are_kept_by_name_for_oneself(room: Room) -> None:
    kept = said(room.head.put("/cases/found/kept", json={"name": "欠薪", "wish": {"q": "欠薪", "state": "open"}}))
    assert kept["wish"] == {"q": "欠薪", "state": "open"}
    again = said(room.head.put("/cases/found/kept", json={"name": "欠薪", "wish": {"category": "01"}}))
    assert again["id"] == kept["id"] and said(room.head.get("/cases/found/kept")) == [again]
    assert said(room.clerk.get("/cases/found/kept")) == []
    said(room.clerk.delete(f"/cases/found/kept/{kept['id']}"), 404)
    said(room.head.put("/cases/found/kept", json={"name": "x", "wish": {"nonsense": 1}}), 422)
    assert room.head.delete(f"/cases/found/kept/{kept['id']}").status_code == 204
    assert said(room.head.get("/cases/found/kept")) == []


@pytest.mark.parametrize(
    "q", ['"', "'; DROP", "NEAR(a b)", "a OR b", "a*", "路灯\u0000亮", "\U0002ebf0\U00030000", "ß ı ŉ"]
)
def test_no_question_breaks_the_search(hall: Hall, q: str) -> None:
    lay(hall, 1, title=f"甲 {q} 乙".replace("\u0000", " "))
    index.take_up(hall.timeline)
    assert ids(hall, HEAD, q=q) in ([], [1])
    assert ids(hall, HEAD, q=q.replace("\u0000", " ")) == ([1] if asked(q) else [])
