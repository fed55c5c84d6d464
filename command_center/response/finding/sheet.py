"""Cases that were found, as a workbook."""

import io
from collections.abc import Sequence
from datetime import datetime

from openpyxl import Workbook

from command_center.registry.clocks import LOCAL
from command_center.response.lines import CaseLine
from command_center.workbook import fill

HEAD = ("编号", "标题", "环节", "状态", "类别", "紧急", "级别", "来源", "地点", "主办单位", "登记时间", "最近时限")


def workbook(cases: Sequence[CaseLine], *, units: dict[str, str], categories: dict[str, str]) -> bytes:
    """The file, ready to be sent; times are local.

    Args:
        units, categories: names by id and by code.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "案件"
    rows = (
        (
            one["code"],
            one["title"],
            one["step"],
            one["state"],
            categories.get(one["category"], one["category"]),
            one["priority"],
            one["level"],
            one["source"],
            one["place"],
            units.get(one["lead"] or "", one["lead"] or ""),
            _local(one["opened_at"]),
            _local(one["due_at"]),
        )
        for one in cases
    )
    fill(sheet, HEAD, rows)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _local(at: str | None) -> str:
    return datetime.fromisoformat(at).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M") if at else ""
