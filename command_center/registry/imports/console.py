"""What `yiping import` prints: columns, datum, what would change, every bad row; for people, or JSON lines."""

import sys
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from command_center.errors import TEXTS
from command_center.registry.imports.plan import Plan, texts
from command_center.registry.imports.views import (
    change_views,
    datum_view,
    fault_views,
    roads_view,
    say_datum,
    say_roads,
)

MOST_CHANGES = 20
WORDS = {
    "zh": {
        "new": "新增",
        "changed": "变更",
        "unchanged": "不变",
        "left": "文件未提及，保留",
        "removed": "删除",
        "bad": "坏行",
        "line": "行",
        "key": "编号",
        "why": "原因",
        "what": "变更内容",
        "more": "……还有 {n} 条（--json 列出全部）",
        "columns": "字段对应",
        "dry": "这是试导入，什么都没有改。确认后加 --apply。",
        "done": "已导入",
        "moved": "{n} 个镜头、地点、单位归到新的网格",
        "roads": "成网 {n:,} 个节点",
        "faults": "网格：{n} 处问题",
        "renumbered": "网格重新编号",
        "nothing": "没有变化",
    },
    "en": {
        "new": "new",
        "changed": "changed",
        "unchanged": "unchanged",
        "left": "not in the file, kept",
        "removed": "removed",
        "bad": "bad rows",
        "line": "line",
        "key": "key",
        "why": "why",
        "what": "what changes",
        "more": "… and {n} more (--json lists all)",
        "columns": "columns",
        "dry": "This was a dry run; nothing has changed. Add --apply to import.",
        "done": "imported",
        "moved": "{n} cameras, places and units change their grid",
        "roads": "{n:,} junctions",
        "faults": "grids: {n} faults",
        "renumbered": "grids numbered anew",
        "nothing": "nothing changes",
    },
}


def print_plan(plan: Plan, language: str, *, applied: bool) -> None:
    """Tell people what would change, or has."""
    words, out = WORDS[language], Console()
    mapped = "  ".join(f"{field}={column}" for field, column in plan.columns.items())
    out.print(f"[bold]{plan.kind.name}[/bold] {plan.file}  {plan.datum}  {plan.encoding}", highlight=False)
    if mapped:
        out.print(f"{words['columns']}: {mapped}", highlight=False, markup=False)
    said = say_datum(plan.verdict, language)
    if said:
        out.print(said, style="bold yellow" if plan.verdict and plan.verdict.doubted else "", highlight=False)
    if plan.bad or plan.held:
        _bad(plan, language, out)
    if plan.changed:
        _changes(plan, words, out)
    _notes(plan, language, out)
    out.print("  ".join(f"{words[name]} {count}" for name, count in plan.counts.items() if count) or words["nothing"])
    out.print(words["done"] if applied else words["dry"], style="green" if applied else "bold")
    if applied and plan.kind.follows_at_start:
        out.print(TEXTS[language][plan.kind.follows_at_start])


def _bad(plan: Plan, language: str, out: Console) -> None:
    words = WORDS[language]
    table = Table(words["line"], words["key"], words["why"])
    for one in texts([*plan.bad, *plan.held], language):
        table.add_row(str(one["line"]), one["key"], one["text"])
    out.print(table, markup=False)


def _changes(plan: Plan, words: dict[str, str], out: Console) -> None:
    table = Table(words["key"], words["what"])
    views = change_views(plan)
    for one in views[:MOST_CHANGES]:
        table.add_row(one["id"], "; ".join(f"{c['field']}: {c['before']} → {c['after']}" for c in one["changes"]))
    out.print(table, markup=False)
    if len(views) > MOST_CHANGES:
        out.print(words["more"].format(n=len(views) - MOST_CHANGES))


def _notes(plan: Plan, language: str, out: Console) -> None:
    words = WORDS[language]
    if plan.roads_read is not None:
        out.print(say_roads(plan.roads_read, language), highlight=False)
    if plan.network is not None:
        out.print(words["roads"].format(n=len(plan.network.stretches.node_lonlat)), highlight=False)
    if plan.renumbered:
        changes = "  ".join(f"{old}→{new}" for old, new in plan.renumbered.items())
        out.print(f"{words['renumbered']}: {changes}", highlight=False)
    if plan.moved:
        out.print(words["moved"].format(n=plan.moved))
    if plan.faults:
        out.print(words["faults"].format(n=len(plan.faults)))
        for fault in fault_views(plan.faults)[:MOST_CHANGES]:
            out.print(f"  {fault['kind']} {fault['area_m2']} m² {' '.join(fault['codes'])}", highlight=False)


def print_json(plan: Plan, language: str, *, applied: bool) -> None:
    """One object per line: every bad row, every change, and last the sum."""
    for one in texts([*plan.bad, *plan.held], language):
        _line({"bad": one})
    for id, columns in plan.new.items():
        _line({"new": {"id": id, "name": columns.get("name", "")}})
    for change in change_views(plan):
        _line({"changed": change})
    for id in plan.removed:
        _line({"removed": id})
    for old, new in plan.renumbered.items():
        _line({"renumbered": {"from": old, "to": new}})
    for fault in fault_views(plan.faults):
        _line({"fault": fault})
    _line(
        {
            "import": {
                "kind": plan.kind.name,
                "file": plan.file,
                "sha256": plan.sha256,
                "encoding": plan.encoding,
                "datum": datum_view(plan.verdict, plan.datum, language),
                "columns": plan.columns,
                "counts": plan.counts,
                **({"roads": roads_view(plan, language)} if plan.roads_read else {}),
                "applied": applied,
            }
        }
    )


def _line(body: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(body).decode() + "\n")
