"""Every bad row is named with its line and its reason, and nothing of it reaches the rows that are good."""

import contextlib
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_center.errors import BadInput
from command_center.registry import tables
from command_center.timeline import Timeline, open_timeline

from .land import TOWN, at, bring, everything, stored, table, trial

GOOD = "32072400011326000001"
LON, LAT = at(0.25, 0.75)


def reasons(timeline: Timeline, path: Path, kind: str = "cameras", **wish: object) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in trial(timeline, kind, path, **wish).bad]


def test_each_thing_that_can_be_wrong_with_a_camera_is_said_of_its_line(land: Timeline, tmp_path: Path) -> None:
    path = table(
        tmp_path / "c.csv",
        [
            ("设备编码", "名称", "经度", "纬度"),
            (GOOD, "桥头", LON, LAT),
            (GOOD, "又一个", LON, LAT),
            ("32072400011326000002", "没有坐标", "", ""),
            ("32072400011326000003", "零", 0, 0),
            ("32072400011326000004", "远方", 121.5, 31.2),
            ("32072400011326000005", "反了", LAT, LON),
            ("3207240001132601", "旧码", LON, LAT),
            ("32072400012006000001", "平台", LON, LAT),
            ("3.20724E+19", "表格", LON, LAT),
            ("32072400011326000006", "桥头", LON, LAT),
            ("32072400011326000007", "多一格", LON, LAT, "逗号"),
            ("32072400011326000008", "不是数", "东经", "北纬"),
            ("", "无编码", LON, LAT),
        ],
    )
    assert reasons(land, path) == [
        (3, "double_key"), (4, "no_coordinates"), (5, "zero_coordinates"), (6, "outside"), (7, "swapped"),
        (8, "legacy_id"), (9, "not_a_camera"), (10, "excel_id"), (11, "double_position"), (12, "ragged"),
        (13, "not_numbers"), (14, "no_id"),
    ]  # fmt: skip


def test_people_need_a_unit_a_force_and_a_number_that_can_be_dialled(land: Timeline, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="import_needs_units"):
        trial(land, "people", table(tmp_path / "p.csv", [("姓名",), ("张三",)]))
    bring(land, "units", table(tmp_path / "u.csv", [("名称", "经度", "纬度"), ("派出所", LON, LAT)]))
    rows = [
        ("姓名", "呼号", "队伍", "所属单位", "联系电话", "所属网格"),
        ("张三", "警01", "民警", "派出所", "138 0013 8000", ""),
        ("李四", "网01", "网格员", "派出所", "13800138", ""),
        ("王五", "网02", "巡特警总队", "派出所", "", ""),
        ("赵六", "网03", "网格员", "水务站", "", ""),
        ("孙七", "网04", "网格员", "派出所", "", "北村"),
        ("周八", "警01", "民警", "派出所", "", ""),
    ]
    plan = bring(land, "people", table(tmp_path / "p.csv", rows, "gb18030"))
    assert plan.encoding == "gb18030"
    expected = ["bad_phone", "unknown_force", "unknown_unit", "unknown_area", "double_key"]
    assert [one.reason for one in plan.bad] == expected
    (person,) = stored(land, tables.PersonRow).values()
    assert (person["phone"], person["area"], person["travel"]) == ("13800138000", TOWN, "car")


def test_a_grid_must_be_of_a_village_of_this_town(land: Timeline, tmp_path: Path) -> None:
    rows = [
        ("网格编码", "户数"),
        (f"{TOWN}001001", 300),
        (f"{TOWN}999001", 1),
        ("320724198001001", 1),
        (f"{TOWN}001777", 1),
    ]
    plan = bring(land, "grids", table(tmp_path / "g.csv", rows))
    assert [one.reason for one in plan.bad] == ["unknown_village", "other_town", "bad_area_code"]
    # A list without outlines changes what it says and nothing else.
    assert plan.changed == {f"{TOWN}001001": {"households": (0, 300)}}
    assert len(stored(land, tables.GridRow)[f"{TOWN}001001"]["outline"]) == 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_list_says_the_same_in_every_encoding(land: Timeline, tmp_path: Path, encoding: str) -> None:
    plan = bring(land, "places", table(tmp_path / "p.csv", [("名称", "经度", "纬度"), ("镇政府", LON, LAT)], encoding))
    assert [row["name"] for row in plan.new.values()] == ["镇政府"]
    assert [row["area"] for row in stored(land, tables.PlaceRow).values()] == [f"{TOWN}001001"]


Row = tuple[str, tuple[object, object], str]
ROW = st.tuples(
    st.sampled_from(["", "桥", "路口", "学校", "河边", "x" * 30]),
    st.sampled_from([("", ""), (0, 0), (LON, LAT), at(0.8, 0.2), at(0.3, 0.3), (200, 10), ("甲", "乙"), (121.4, 31.2)]),
    st.sampled_from(["", "1", "2", "3", "4"]),
)
BAD = st.tuples(
    st.sampled_from(["坏", "坏二"]), st.sampled_from([("", ""), (0, 0), (121.4, 31.2), ("甲", "乙")]), st.just("")
)


@settings(max_examples=10, deadline=None)
@given(good=st.lists(ROW, min_size=1, max_size=8), bad=st.lists(st.tuples(st.integers(0, 8), BAD), max_size=6))
def test_importing_twice_is_importing_once_and_bad_rows_change_nothing(
    ground: Path, tmp_path_factory: pytest.TempPathFactory, good: list[Row], bad: list[tuple[int, Row]]
) -> None:
    folder = tmp_path_factory.mktemp("law")

    def written(rows: list[Row]) -> Path:
        lines = [(number, text, x, y) for text, (x, y), number in rows]
        return table(folder / "p.csv", [("编号", "名称", "经度", "纬度"), *lines])

    mixed = list(good)
    for place, row in bad:
        mixed.insert(place, row)
    with contextlib.ExitStack() as halls:
        one, other = (
            halls.enter_context(contextlib.closing(open_timeline(f"sqlite:///{shutil.copy(ground, folder / name)}")))
            for name in ("one.db", "other.db")
        )
        first = bring(one, "places", written(good))
        once = everything(one)
        again = bring(one, "places", written(good))
        assert everything(one) == once
        assert (again.new, again.changed, len(again.unchanged)) == ({}, {}, len(first.new))
        with_bad = bring(other, "places", written(mixed))
        assert everything(other) == once
        assert len(with_bad.bad) == len(first.bad) + len(bad)
