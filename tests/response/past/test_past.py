"""Requests of another system come in as cases: found, seen, counted and locked like every other, and only once."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from command_center.access.guard import Who
from command_center.errors import BadInput, Unavailable
from command_center.response.figures.counting import Period
from command_center.response.figures.queries import Asked, figures
from command_center.response.finding.queries import Wish as Search
from command_center.response.finding.queries import found
from command_center.response.finding.tables import FoundRow
from command_center.response.parties.keys import Keyring
from command_center.response.parties.queries import caller
from command_center.response.parties.tables import PartyRow
from command_center.response.past import commands
from command_center.response.past.commands import bring
from command_center.response.past.plan import Plan, Wish, make_plan
from command_center.response.past.tables import PastBatchRow, PastRow
from command_center.response.queries import case_detail
from command_center.response.steps.queues import queue
from command_center.response.tables import CaseRow, ClockRow
from command_center.timeline.tables import FactRow
from tests.response.hall import Hall
from tests.response.small_town import CORNERS, GRID, TOWN, VILLAGE

SAMPLE = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "hotline" / "baltimore_311_sample.csv"
COLUMNS = ("工单编号", "来电时间", "诉求人", "联系电话", "诉求内容", "诉求分类", "事发地址", "经度", "纬度", "承办单位",
           "办理期限", "办结时间", "工单状态", "办理结果", "满意度")  # fmt: skip
CONSOLE = Who("console", "console", "往年件", "intake", TOWN)
HEAD = Who("h", "h", "班长", "shift_head", TOWN)
POLICE = Who("p", "p", "所里", "department", "320724", unit_id="U01")
PAID: dict[str, Any] = {
    "工单编号": "JB001", "来电时间": "2026-08-01 09:00", "诉求人": "王小二", "联系电话": "13800001234",
    "诉求内容": "工地拖欠工资三个月", "诉求分类": "劳动报酬/欠薪", "事发地址": "一村砚河工地",
    "承办单位": "示范县派出所", "办理期限": "2026-08-16 00:00", "办结时间": "2026-08-05 10:00",
    "工单状态": "已办结", "办理结果": "工资已经发清", "满意度": "满意",
}  # fmt: skip


@pytest.fixture
def keys(tmp_path: Path, hall: Hall) -> Keyring:
    ring = Keyring(tmp_path / "names.key")
    ring.add_key(hall.clock())
    return ring


def written(folder: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path = folder / "12345.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    return path


def planned(hall: Hall, path: Path, wish: Wish | None = None) -> Plan:
    with hall.timeline.reading() as session:
        return make_plan(session, hall.town, path, wish or Wish(), now=hall.clock())


def brought(hall: Hall, path: Path, keys: Keyring) -> Plan:
    plan = planned(hall, path)
    bring(hall.timeline, hall.town, plan, who=CONSOLE, keys=keys)
    return plan


def test_a_closed_request_is_found_seen_counted_and_its_caller_is_locked_away(
    hall: Hall, tmp_path: Path, keys: Keyring
) -> None:
    assert brought(hall, written(tmp_path, [PAID]), keys).counts == {"closed": 1, "open": 0, "known": 0, "bad": 0}
    with hall.timeline.reading() as session:
        [line] = found(session, HEAD, Search(q="拖欠工资"))["cases"]
        assert (line["state"], line["area"], line["category"]) == ("ARCHIVED", VILLAGE, "01008")
        assert (line["lead"], line["due_at"]) == ("U01", None)
        assert [one["id"] for one in found(session, POLICE, Search())["cases"]] == [line["id"]]
        detail = case_detail(session, id=line["id"], who=HEAD)
        assert (detail["case"]["answer"], detail["sealed"]) == ("工资已经发清", None)
        assert detail["past"] == {"system": "12345", "number": "JB001", "file": "12345.csv"}
        asked = Asked(HEAD, Period(hall.clock().date().replace(day=1), hall.clock().date()), TOWN)
        sums = figures(session, hall.town, asked, now=hall.clock())
        rates = {one["name"]: (one["over"], one["of"]) for one in sums["rates"]}
        assert sums["volumes"]["accepted"] == 1
        assert rates["on_time_rate"] == rates["satisfied_rate"] == rates["closing_rate"] == (1, 1)
        [party] = session.scalars(select(PartyRow))
        assert "王小二" not in party.name
        assert [one["id"] for one in caller(session, who=HEAD, keys=keys, phone="13800001234")["cases"]] == [line["id"]]
        assert session.scalars(select(FactRow.kind)).all()[-1] == "response.past_brought"


def test_of_a_request_closed_nobody_knows_when_no_deadline_runs(hall: Hall, tmp_path: Path, keys: Keyring) -> None:
    brought(hall, written(tmp_path, [{**PAID, "办结时间": ""}]), keys)
    with hall.timeline.reading() as session:
        [line] = found(session, HEAD, Search(state="ARCHIVED"))["cases"]
        assert line["due_at"] is None
        assert session.scalar(select(func.count()).select_from(ClockRow)) == 0


def test_a_request_that_is_open_waits_at_the_counter_from_now_on(hall: Hall, tmp_path: Path, keys: Keyring) -> None:
    left = {**PAID, "工单编号": "JB002", "办结时间": "", "工单状态": "办理中", "满意度": "", "经度": CORNERS[2][0],
            "纬度": CORNERS[2][1], "联系电话": "不详"}  # fmt: skip
    assert brought(hall, written(tmp_path, [PAID, left]), keys).counts["open"] == 1
    with hall.timeline.reading() as session:
        [waiting] = queue(session, CONSOLE, "todo", now=hall.clock())["cases"]
        row = session.get_one(CaseRow, waiting["id"])
        assert (row.state, row.area, row.opened_at, row.ended_at) == ("SUBMITTED", GRID, hall.clock(), None)
        assert "12345 JB002" in row.text
        assert set(session.scalars(select(ClockRow.name).where(ClockRow.case_id == row.id))) == {"T-ACCEPT"}


def test_the_same_table_again_changes_nothing_and_one_broken_off_goes_on(
    hall: Hall, tmp_path: Path, keys: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{**PAID, "工单编号": f"JB{i:03}"} for i in range(7)]
    path, stored = written(tmp_path, rows), list[int]()
    monkeypatch.setattr(commands, "LAID_AT_ONCE", 2)

    def pull_the_plug(done: int) -> None:
        stored.append(done)
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(hall.timeline, hall.town, planned(hall, path), who=CONSOLE, keys=keys, tell=pull_the_plug)
    again = planned(hall, path)
    assert (again.known, len(again.closed)) == (4, 3)
    bring(hall.timeline, hall.town, again, who=CONSOLE, keys=keys)
    assert planned(hall, path).counts == {"closed": 0, "open": 0, "known": 7, "bad": 0}
    assert planned(hall, path, Wish(system="数字城管")).counts["closed"] == 7
    with hall.timeline.reading() as session:
        codes = session.scalars(select(CaseRow.code)).all()
        assert len(set(codes)) == session.scalar(select(func.count()).select_from(PastRow)) == 7
        assert [one.done_at is None for one in session.scalars(select(PastBatchRow).order_by(PastBatchRow.id))] == [
            True, False,
        ]  # fmt: skip


def test_requests_of_one_minute_keep_their_order(hall: Hall, tmp_path: Path, keys: Keyring) -> None:
    path = written(tmp_path, [{**PAID, "工单编号": f"JB{i}", "诉求内容": f"第{i}件"} for i in range(4)])
    brought(hall, path, keys)
    late = {**PAID, "工单编号": "JB9", "诉求内容": "第9件"}
    brought(hall, written(tmp_path, [late]), keys)
    with hall.timeline.reading() as session:
        order = select(CaseRow.title).join(FoundRow, FoundRow.case_id == CaseRow.id).order_by(FoundRow.number)
        assert session.scalars(order).all() == ["第0件", "第1件", "第2件", "第3件", "第9件"]


def test_what_cannot_come_in_is_named_with_its_line_and_its_reason(hall: Hall, tmp_path: Path) -> None:
    changes = [
        {"工单编号": ""}, {"来电时间": "上周"}, {"来电时间": ""}, {"办结时间": "2026-07-01"},
        {"来电时间": "2027-01-01", "办结时间": ""}, {"诉求内容": " "}, {"满意度": "八分"}, {},
        {"诉求分类": "鸡毛蒜皮", "诉求内容": "鸡毛蒜皮"},
    ]  # fmt: skip
    rows = [{**PAID, "工单编号": f"JB{i}", **change} for i, change in enumerate(changes)]
    path = written(tmp_path, [*rows, {**PAID, "工单编号": "JB7"}])
    plan = planned(hall, path)
    assert [(one.line, one.reason) for one in plan.bad] == [
        (2, "no_number"), (3, "bad_time"), (4, "no_time"), (5, "closed_before"), (6, "in_future"), (7, "no_text"),
        (8, "bad_rating"), (10, "no_category"), (11, "double_key"),
    ]  # fmt: skip
    assert plan.bad[2].text("zh") == "“来电时间”是空的"
    assert [one.number for one in plan.closed] == ["JB7"]
    assert planned(hall, path, Wish(otherwise="01002")).sorted_so == 1
    for wish in (
        Wish(system=""),
        Wish(system="x" * 21),
        Wish(otherwise="99999"),
        Wish(columns={"at": "没有"}),
        Wish(columns={"when": "来电时间"}),
    ):
        with pytest.raises(BadInput):
            planned(hall, path, wish)
    with pytest.raises(BadInput, match="past_columns_missing"):
        planned(hall, path, Wish(columns={"at": ""}))


def test_without_a_key_nobody_who_is_named_comes_in(hall: Hall, tmp_path: Path) -> None:
    path = written(tmp_path, [PAID])
    with pytest.raises(Unavailable):
        bring(hall.timeline, hall.town, planned(hall, path), who=CONSOLE, keys=Keyring(tmp_path / "none"))
    with hall.timeline.reading() as session:
        assert session.scalar(select(func.count()).select_from(CaseRow)) == 0


@pytest.mark.skipif(not SAMPLE.exists(), reason="the real requests of a hotline are not here")
def test_every_real_request_of_a_foreign_hotline_comes_in_or_is_named(
    hall: Hall, tmp_path: Path, keys: Keyring
) -> None:
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        many = list(csv.DictReader(file))
    path = tmp_path / "real.csv"
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, many[0])
        table.writeheader()
        table.writerows(many[:1500])
    plan = planned(hall, path, Wish(otherwise="01002", system="311"))
    assert len(plan.closed) + len(plan.open) + len(plan.bad) == 1500
    assert len(plan.bad) < 15, [(one.line, one.text("zh")) for one in plan.bad]
    bring(hall.timeline, hall.town, plan, who=CONSOLE, keys=keys)
    with hall.timeline.reading() as session:
        assert session.scalar(select(func.count()).select_from(CaseRow)) == 1500 - len(plan.bad)
