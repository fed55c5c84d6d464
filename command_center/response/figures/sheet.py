"""The figures as a workbook: the numbers of the page, with every numerator and denominator in a cell of its own."""

import io
from collections.abc import Iterable, Mapping
from datetime import datetime

from openpyxl import Workbook

from command_center.registry.clocks import LOCAL
from command_center.response.figures.reckoning import RATES, TIMES, VOLUMES
from command_center.response.figures.views import FiguresView, PartView, RateView, TimeView
from command_center.workbook import fill

WORDS: Mapping[str, str] = {rate.name: rate.word for rate in RATES}
SHEETS: Mapping[str, str] = {
    "unit": "按单位", "category": "按类别", "channel": "按来源", "tier": "按层级", "level": "按等级",
    "village": "按村社", "way": "按流程",
}  # fmt: skip
NOTHING: Mapping[str, str] = {"unit": "未派单位", "village": "未落到村社"}
NONE = "—"


def workbook(report: FiguresView) -> bytes:
    """The file, ready to be sent."""
    book = Workbook()
    sums = book.active
    assert sums is not None
    sums.title = "总数"
    fill(sums, ("项目", "本中心叫法", "比率（%）", "分子", "分母"), _sum_rows(report))
    fill(book.create_sheet("用时"), ("项目", "件数", "中位（小时）", "九成不超过（小时）"), map(_time, report["times"]))
    for part, title in SHEETS.items():
        rate_heads = (f"{word}{end}" for word in WORDS.values() for end in ("（%）", "分子", "分母"))
        head = (
            title[1:],
            *VOLUMES.values(),
            "受理占比（%）",
            *rate_heads,
            "办结用时中位（小时）",
            "办结用时九成（小时）",
        )
        fill(book.create_sheet(title), head, (_part(part, one) for one in report["parts"][part]))
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def _sum_rows(report: FiguresView) -> Iterable[list[object]]:
    yield ["起", report["since"], "", "", ""]
    yield ["止", report["until"], "", "", ""]
    yield ["截至", _local(report["as_of"]), "", "", ""]
    for name, word in VOLUMES.items():
        yield [word, "", "", report["volumes"][name], ""]
    yield ["期内办结（不论何时来件）", "", "", report["closed_within"], ""]
    for word, count in zip(("现在在办", "现在超期", "现在挂起"), report["now"].values(), strict=True):
        yield [word, "", "", count, ""]
    for rate in report["rates"]:
        yield [WORDS[rate["name"]], rate["label"] or "", *_rate(rate)]


def _part(part: str, one: PartView) -> list[object]:
    name = one["name"] or one["key"] or NOTHING.get(part, NONE)
    rates = (cell for rate in one["rates"] for cell in _rate(rate))
    volumes = (one["volumes"][name] for name in VOLUMES)
    share = one["share"]["percent"] or NONE
    return [name, *volumes, share, *rates, *_hours(one["closing"])]


def _rate(rate: RateView) -> list[object]:
    """The percentage is the printed text: as a number a spreadsheet would round it anew."""
    return [rate["percent"] or NONE, rate["over"], rate["of"]]


def _time(time: TimeView) -> list[object]:
    return [TIMES[time["name"]], time["count"], *_hours(time)]


def _hours(time: TimeView) -> list[object]:
    return [NONE if value is None else round(value / 3600, 2) for value in (time["median_s"], time["p90_s"])]


def _local(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
