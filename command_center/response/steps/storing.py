"""What lists and seals read of a case stands in columns of its row: kept in step with the engine's value."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from command_center.response.engine.case import Case
from command_center.response.tables import CaseRow
from command_center.timeline.facts import iso


def mirror(row: CaseRow, case: Case, by: Mapping[str, str], now: datetime, said: Mapping[str, Any]) -> None:
    """Write into the row what the step changed in the value."""
    if case.category:
        row.category = case.category
    row.answer = case.answer or None
    if case.resolved_at != row.resolved_at:
        row.resolved_at, row.resolved_by = case.resolved_at, dict(by) if case.resolved_at else None
    if case.rating is None:
        row.callback = None
    elif case.state == "RATED" and "rating" in said:
        row.callback = {
            "rating": case.rating,
            "solved": bool(case.solved),
            "note": str(said.get("note", "")),
            "by": dict(by),
            "at": iso(now),
        }
    if case.archived_at != row.archived_at:
        row.archived_at, row.archived_by = case.archived_at, dict(by) if case.archived_at else None
        row.archive_hash = None
