"""Tables: CSV in any usual encoding, Excel workbooks, and JSON lists as platforms give them."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import orjson

from command_center.errors import BadInput
from command_center.registry.imports.encoding import decode, find_encoding
from command_center.registry.imports.layer import Layer, Problem, RawRow

DELIMITERS = ",\t;|"
# What an Excel table may hold; beyond it somebody saved an empty sheet with formats down to the last row.
MOST_ROWS = 500_000
MOST_CELL = 10_000


def read_csv(path: Path, encoding: str = "") -> Layer:
    """A table of text. Rows with more cells than the heading are bad: a comma in a text without quotes moved them."""
    data = path.read_bytes()
    encoding = encoding or find_encoding(data)
    text = decode(data, encoding).removeprefix("\ufeff")
    if "\0" in text:
        raise BadInput("import_not_text")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        columns, rows, bad = _split(_numbered(reader))
    except csv.Error as problem:
        raise BadInput("import_csv_broken", line=reader.line_num) from problem
    return Layer(columns, rows, bad, encoding=encoding)


def _delimiter(text: str) -> str:
    heading = text.partition("\n")[0]
    return max(DELIMITERS, key=heading.count)


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins; a row in quotes may go over several."""
    before = 0
    for cells in reader:
        yield before + 1, cells
        before = reader.line_num


def _split(lines: Iterator[tuple[int, list[str]]]) -> tuple[list[str], list[RawRow], list[Problem]]:
    columns: list[str] = []
    rows: list[RawRow] = []
    bad: list[Problem] = []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if not columns:
            columns = _unique([cell.strip() for cell in cells])
        elif any(cell.strip() for cell in cells[len(columns) :]):
            bad.append(Problem(line, cells[0].strip(), "ragged", {"cells": len(cells), "columns": len(columns)}))
        else:
            rows.append(RawRow(line, {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}))
    if not columns:
        raise BadInput("import_empty")
    return columns, rows, bad


def _unique(names: Sequence[str]) -> list[str]:
    """Column names, each once: a second 名称 becomes 名称 (2)."""
    seen: dict[str, int] = {}
    unique = []
    for number, name in enumerate(names, 1):
        name = name or f"#{number}"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique


def read_xlsx(path: Path, sheet: str = "") -> Layer:
    """The first sheet of a workbook, or the one named; its values, not its formulas.

    Raises:
        BadInput: it is no workbook, or has no such sheet.
    """
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as problem:
        # openpyxl raises whatever its XML meets; for whoever uploads it is one thing: not a workbook.
        raise BadInput("import_not_readable", why=str(problem)[:200]) from problem
    try:
        if sheet and sheet not in book.sheetnames:
            raise BadInput("import_no_layer", name=sheet, layers="、".join(book.sheetnames))
        names = [sheet or book.sheetnames[0], *(one for one in book.sheetnames if one != (sheet or book.sheetnames[0]))]
        lines = _cells(book[names[0]])
        columns, rows, bad = _split(lines)
    finally:
        book.close()
    return Layer(columns, rows, bad, layers=names)


def _cells(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    blank = 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        texts = [_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        blank = 0 if texts else blank + 1
        if number > MOST_ROWS or blank > 10_000:
            return
        yield number, texts


def _text(cell: Any) -> str:
    """A cell as a person would read it: 320724199001 and not 320724199001.0."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)[:MOST_CELL]


def read_json(path: Path) -> Layer:
    """A list of objects, wherever in the document it stands: a GB/T 28181 catalogue, the answer of a platform.

    Raises:
        BadInput: there is no such list.
    """
    data = path.read_bytes()
    try:
        body = orjson.loads(decode(data, find_encoding(data)).removeprefix("\ufeff"))
    except orjson.JSONDecodeError as problem:
        raise BadInput("import_not_readable", why=str(problem)) from problem
    found = _list(body)
    if found is None:
        raise BadInput("import_no_list")
    columns = list(dict.fromkeys(str(name) for item in found for name in item))
    rows = [
        RawRow(number, {str(name): _text(value) for name, value in item.items() if not isinstance(value, dict | list)})
        for number, item in enumerate(found, 1)
    ]
    return Layer(columns, rows)


def _list(body: Any, depth: int = 0) -> list[Mapping[str, Any]] | None:
    """The longest list of objects in a document."""
    if isinstance(body, list):
        return body if body and all(isinstance(item, dict) for item in body) else None
    if isinstance(body, dict) and depth < 5:
        lists = [found for value in body.values() if (found := _list(value, depth + 1)) is not None]
        return max(lists, key=len, default=None)
    return None
