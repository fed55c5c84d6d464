"""Acts on clocks of cases that ran out: each once, in the order in which they did, also those of while it was down."""

from typing import Any

from sqlalchemy import select

from command_center.errors import Conflict
from command_center.response.engine.case import THE_HALL, Effect
from command_center.response.profiles import ENDED
from command_center.response.tables import CaseRow, ClockRow
from command_center.response.telling import tell_case
from command_center.response.working import save, take, value_of
from command_center.timeline import Timeline, Transaction
from command_center.timeline.facts import iso

AT_ONCE = 50


class CaseKeeper:
    """One per hall; its `step` is done again and again."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def step(self) -> bool:
        """Act on what is over; tell whether there may be more at once."""
        query = (
            select(ClockRow.case_id, ClockRow.name, ClockRow.of)
            .join(CaseRow, CaseRow.id == ClockRow.case_id)
            .where(ClockRow.fires, ClockRow.due_at <= self._timeline.now(), CaseRow.ended_at.is_(None))
            .order_by(ClockRow.due_at, ClockRow.id)
            .limit(AT_ONCE)
        )
        with self._timeline.reading() as session:
            over = session.execute(query).all()
        for case_id, name, of in over:
            with self._timeline.transaction() as tx:
                fire(tx, case_id=case_id, name=name, of=of)
        return len(over) == AT_ONCE


def fire(tx: Transaction, *, case_id: str, name: str, of: str = "") -> bool:
    """Act on one clock in one transaction, and tell; nothing happens if somebody was faster. Tell whether it did."""
    row = tx.session.get(CaseRow, case_id, with_for_update=True, populate_existing=True)
    if row is None or row.state in ENDED:
        return False
    try:
        effects = take(tx, row, THE_HALL, "expire", timer=name, of=of)
    except Conflict:
        # Stopped, paused or moved since it was looked up: the rows say so from now on.
        save(tx, row, value_of(tx.session, row))
        return False
    expired = next(effect.data for effect in effects if effect.kind == "expired")
    told = {"timer": name, "of": of, "due_at": iso(expired["due_at"]), "effects": [_plain(one) for one in effects]}
    tell_case(tx, "response.clock_expired", row, who=None, more={"expired": told})
    return True


def _plain(effect: Effect) -> dict[str, Any]:
    data = {key: value for key, value in effect.data.items() if isinstance(value, (str, int, float, list, type(None)))}
    return {"kind": effect.kind, **data}
