"""What `yiping history` prints: columns, what would come in, every row that cannot; for people, or JSON lines."""

import sys
from collections.abc import Mapping
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from command_center.registry.imports.plan import texts
from command_center.response.past.plan import Plan

MOST_BAD = 50
MOST_UNITS = 10
WORDS = {
    "zh": {
        "closed": "已办结，入库", "open": "未办结，作新件登记", "known": "以前导过", "bad": "坏行", "line": "行",
        "key": "编号", "why": "原因", "columns": "字段对应", "units": "不在本地单位名单里，承办单位留空",
        "loose": "{n} 件没有坐标，放在所说的村社或中心", "otherwise": "{n} 件归不进目录，归入 {code}",
        "more": "……还有 {n} 行（--json 列出全部）", "dry": "这是试导入，什么都没有改。确认后加 --apply。",
        "done": "已导入", "nothing": "没有可导入的",
    },
    "en": {
        "closed": "closed, filed", "open": "open, taken down anew", "known": "brought in before", "bad": "bad rows",
        "line": "line", "key": "number", "why": "why", "columns": "columns", "units": "no unit of ours, left empty",
        "loose": "{n} without coordinates are put at the village they name, or the center",
        "otherwise": "{n} belong to no category and go to {code}", "more": "… and {n} more (--json lists all)",
        "dry": "This was a dry run; nothing has changed. Add --apply to bring it in.", "done": "brought in",
        "nothing": "nothing to bring in",
    },
}  # fmt: skip


def print_plan(plan: Plan, language: str, *, otherwise: str, applied: bool) -> None:
    """Tell people what would come in, or has."""
    words, out = WORDS[language], Console()
    out.print(f"[bold]{plan.file}[/bold]  {plan.system}  {plan.encoding}", highlight=False)
    mapped = "  ".join(f"{name}={column}" for name, column in plan.columns.items())
    out.print(f"{words['columns']}: {mapped}", highlight=False, markup=False)
    if plan.bad:
        table = Table(words["line"], words["key"], words["why"])
        for one in texts(plan.bad[:MOST_BAD], language):
            table.add_row(str(one["line"]), one["key"], one["text"])
        out.print(table, markup=False)
    if len(plan.bad) > MOST_BAD:
        out.print(words["more"].format(n=len(plan.bad) - MOST_BAD))
    if plan.closed or plan.open:
        _notes(plan, words, out, otherwise)
    counts = "  ".join(f"{words[name]} {count}" for name, count in plan.counts.items() if count)
    out.print(counts or words["nothing"])
    if not applied:
        out.print(words["dry"], style="bold")
    elif plan.closed or plan.open:
        out.print(words["done"], style="green")


def _notes(plan: Plan, words: Mapping[str, str], out: Console, otherwise: str) -> None:
    """What is less than it could be in what comes in."""
    if plan.units:
        named = "  ".join(f"{name} {count}" for name, count in plan.units.most_common(MOST_UNITS))
        out.print(f"{words['units']}: {named}", highlight=False, markup=False)
    if plan.loose:
        out.print(words["loose"].format(n=plan.loose))
    if plan.sorted_so:
        out.print(words["otherwise"].format(n=plan.sorted_so, code=otherwise))


def print_json(plan: Plan, language: str, *, otherwise: str, applied: bool) -> None:
    """One object per line: every bad row, and last the sum."""
    for one in texts(plan.bad, language):
        _line({"bad": one})
    sums = {"file": plan.file, "sha256": plan.sha256, "system": plan.system, "encoding": plan.encoding}
    notes = {"units": dict(plan.units), "loose": plan.loose, "otherwise": {otherwise: plan.sorted_so}}
    _line({"history": {**sums, "columns": plan.columns, "counts": plan.counts, **notes, "applied": applied}})


def _line(body: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(body).decode() + "\n")
