"""Where does the fault of lost pictures lie: noted here as a question, answered outside of any transaction."""

from command_center.prewarning.tables import AlertRow, ProbeRow
from command_center.timeline import Transaction

PROBED_KINDS = frozenset({"signal_loss", "fleet_loss"})


def want_probe(tx: Transaction, alert: AlertRow) -> None:
    """Let somebody go and ask, now; what was asked before is asked again."""
    if alert.kind not in PROBED_KINDS:
        return
    row = tx.session.get(ProbeRow, alert.id, with_for_update=True)
    if row is None:
        tx.session.add(ProbeRow(alert_id=alert.id, due_at=tx.now, tries=0))
    else:
        row.due_at, row.tries = tx.now, 0
