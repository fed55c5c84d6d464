"""The day as a workbook: the same numbers as on the page, a sheet each for sums, teams, places, duties and hours."""

import io
from collections.abc import Iterable
from datetime import datetime

from openpyxl import Workbook

from command_center.patrol.days.views import DayReport, MinutesView, TallyView
from command_center.patrol.windows import LOCAL
from command_center.workbook import fill

CAUSES = {
    "not_visited": "没有来",
    "device_silent": "设备失联",
    "poor_gps": "定位太差",
    "suspect": "位置存疑",
    "called_away": "被调去处置",
}
STATES = {"open": "待巡", "visited": "已巡", "missed": "漏巡", "excused": "免责"}
TALLY = (
    "应巡（次）", "已巡", "漏巡", "免责", "待巡", "他组代巡",
    "要求停留（分）", "证明停留（分）", "应巡街道（米）", "证明街道（米）", "不同街道（米）", "走过的不同街道（米）",
    "漏巡原因", "免责案件",
)  # fmt: skip
MINUTES = ("编排在巡（分）", "其中已到时间（分）", "证明在巡（分）", "编排之外在巡（分）")
DUTY = (
    "地点", "时段起", "时段止", "结论", "原因", "案件", "到达", "要求停留（秒）", "证明停留（秒）", "街道（米）",
    "巡过比例",
)  # fmt: skip


def workbook(report: DayReport) -> bytes:
    """The file, ready to be sent."""
    book = Workbook()
    sums = book.active
    assert sums is not None
    sums.title = "合计"
    fill(sums, ("日期", "截至", *MINUTES, *TALLY), [_sum_row(report)])
    fill(book.create_sheet("按巡组"), ("巡组", "有无编排", *MINUTES, *TALLY), _team_rows(report))
    fill(
        book.create_sheet("按地点"),
        ("编码", "地点", "编排到站（次）", "有人在（分）", "视频看过（次）", *TALLY),
        _place_rows(report),
    )
    fill(
        book.create_sheet("任务"),
        (
            "地点",
            "时段起",
            "时段止",
            "结论",
            "原因",
            "案件",
            "到达",
            "要求停留（秒）",
            "证明停留（秒）",
            "街道（米）",
            "巡过比例",
        ),
        _duty_rows(report),
    )
    fill(
        book.create_sheet("分时"),
        ("地点", "项目", *(f"{hour:02}时" for hour in range(24)), "最长间隔要求（分）", "最长未见（分）"),
        _hour_rows(report),
    )
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def _sum_row(report: DayReport) -> list[object]:
    return [report["date"], _local(report["as_of"]), *_minutes(report["minutes"]), *_tally(report["total"])]


def _team_rows(report: DayReport) -> Iterable[list[object]]:
    for team in report["teams"]:
        name = team["name"] or "未分配到巡组"
        yield [name, "有" if team["round"] else "无", *_minutes(team["minutes"]), *_tally(team["tally"])]


def _place_rows(report: DayReport) -> Iterable[list[object]]:
    for place in report["places"]:
        seen = [place["planned_stops"], place["feet_min"], place["looks"]]
        yield [place["code"], place["name"], *seen, *_tally(place["tally"])]


def _duty_rows(report: DayReport) -> Iterable[list[object]]:
    for duty in report["duties"]:
        case = duty["case"]
        yield [
            duty["name"],
            _local(duty["window_start"]),
            _local(duty["window_end"]),
            STATES[duty["state"]],
            CAUSES.get(duty["cause"] or "", duty["cause"] or ""),
            (case["code"] or case["id"]) if case else "",
            _local(duty["visited_at"]) if duty["visited_at"] else "",
            duty["need_s"],
            duty["dwell_s"],
            duty["length_m"],
            "" if duty["share"] is None else duty["share"],
        ]


def _hour_rows(report: DayReport) -> Iterable[list[object]]:
    for spot in report["spots"]:
        gap = "" if spot["gap_s"] is None else round(spot["gap_s"] / 60)
        rows = (
            ("脚步：有人在（分）", spot["feet"]),
            ("视频：看过（次）", spot["eyes"]),
            ("编排到站（次）", spot["planned"]),
            ("漏巡（次）", spot["missed"]),
            ("超过最长间隔（分）", spot["over_min"]),
        )
        for title, hours in rows:
            yield [spot["name"], title, *hours, gap, round(spot["longest_s"] / 60)]


def _tally(sums: TallyView) -> list[object]:
    causes = "、".join(f"{CAUSES.get(cause, cause)} {count}" for cause, count in sums["causes"].items())
    cases = "、".join(case["code"] or case["id"] for case in sums["cases"])
    return [
        sums["due"], sums["proved"], sums["missed"], sums["excused"], sums["open"], sums["by_others"],
        round(sums["need_s"] / 60, 1), round(sums["stay_s"] / 60, 1),
        sums["due_m"], sums["proved_m"], sums["street_m"], sums["walked_m"], causes, cases,
    ]  # fmt: skip


def _minutes(one: MinutesView) -> list[object]:
    return [one["planned"], one["begun"], one["proved"], one["extra"]]


def _local(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
