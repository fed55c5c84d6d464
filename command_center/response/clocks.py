"""The clocks of a case as stored instants. How long a term is, and on which days, is the registry's business."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from command_center.registry.clocks import LOCAL
from command_center.response.tables import CaseRow, ClockRow
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id

RECEIVE, ARRIVE, RESOLVE, CALLBACK = "T-RECV", "T-ARRIVE", "T-RESOLVE", "T-CALLBACK"


def start(tx: Transaction, case: CaseRow, name: str, *, due_at: datetime, basis: str) -> None:
    """Start a clock; one that was started before keeps running from its first start."""
    if find(tx, case, name) is None:
        row = ClockRow(
            id=new_id(), case_id=case.id, name=name, started_at=tx.now, due_at=due_at, stopped_at=None, basis=basis
        )
        tx.session.add(row)
        tx.session.flush()


def stop(tx: Transaction, case: CaseRow, name: str) -> None:
    """Stop a clock if it runs."""
    row = find(tx, case, name)
    if row is not None and row.stopped_at is None:
        row.stopped_at = tx.now


def run_on(tx: Transaction, case: CaseRow, name: str) -> None:
    """Let a stopped clock run on to its first deadline, because what had stopped it was taken back."""
    row = find(tx, case, name)
    if row is not None:
        row.stopped_at = None


def find(tx: Transaction, case: CaseRow, name: str) -> ClockRow | None:
    return tx.session.scalar(select(ClockRow).where(ClockRow.case_id == case.id, ClockRow.name == name))


def callback_due(resolved_at: datetime) -> datetime:
    """Call-back is due by the end of the next local day."""
    day = resolved_at.astimezone(LOCAL).date() + timedelta(days=2)
    return datetime.combine(day, time(), LOCAL)
