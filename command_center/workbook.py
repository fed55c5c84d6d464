"""A sheet of a workbook that is read by people: a head that stays in sight, no cell that would be run."""

from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

HEAD = PatternFill("solid", fgColor="12283D")
# What a spreadsheet would take for a formula is text here.
FORMULA = ("=", "+", "-", "@")


def fill(sheet: Any, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a head and rows into an empty sheet."""
    sheet.append(list(head))
    for row in rows:
        sheet.append([f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in row])
    for number, cell in enumerate(sheet[1], 1):
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(number)].width = max(10, min(28, 2 * len(str(cell.value)) + 2))
    sheet.freeze_panes = "B2"
