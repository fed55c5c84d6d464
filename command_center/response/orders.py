"""The verbs on an order: accept, depart, arrive, report, done, decline; each by the person it was sent to."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from command_center.access.guard import Who
from command_center.errors import NotFound
from command_center.evidence.commands import StoredMedia, add_photo
from command_center.response.facts import OrderView
from command_center.response.guards import Situation, pass_through
from command_center.response.machine import ORDER_MACHINE
from command_center.response.responders import follow, hold
from command_center.response.tables import CaseRow, FeedbackRow, OrderRow, ResponderRow
from command_center.response.telling import tell_order
from command_center.response.working import ordered, take
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id


class HeldOrder:
    """An order with its case and its person, all held until the end of the transaction, case first."""

    def __init__(self, tx: Transaction, id: str) -> None:
        case_id = tx.session.scalar(select(OrderRow.case_id).where(OrderRow.id == id))
        case = tx.session.get(CaseRow, case_id, with_for_update=True, populate_existing=True) if case_id else None
        order = tx.session.get(OrderRow, id, with_for_update=True, populate_existing=True)
        if case is None or order is None:
            raise NotFound("order_not_found", id=id)
        self.tx = tx
        self.case: CaseRow = case
        self.order: OrderRow = order
        self.responder: ResponderRow = hold(tx, [order.person_id])[order.person_id]

    def step(self, action: str, situation: Situation) -> None:
        """Move the order on, and the person with it.

        Raises:
            Conflict, BadInput: the state or a guard refuses.
        """
        row = pass_through(ORDER_MACHINE, self.order.state, action, situation, key="order_state")
        self.order.state = row.target
        if row.target in ORDER_MACHINE.ends:
            self.order.active_for = None
        follow(self.responder, self.order)

    def step_case(self, action: str, **said: Any) -> None:
        """Move the case on as the order's effect."""
        self.tx.session.flush()
        take(self.tx, self.case, ordered(self.order.person_id), action, **said)

    def tell(self, kind: str, who: Who | None) -> OrderView:
        return tell_order(self.tx, kind, self.order, self.case, self.responder, who=who)


def accept(tx: Transaction, *, id: str, who: Who) -> OrderView:
    """签收. Raises NotFound for anybody else's order, Conflict in any other state."""
    held = own(tx, id, who)
    held.step("accept", Situation())
    held.order.accepted_at = tx.now
    held.step_case("receive")
    return held.tell("response.order_accepted", who)


def depart(tx: Transaction, *, id: str, who: Who) -> OrderView:
    """出发. Raises NotFound for anybody else's order, Conflict in any other state."""
    held = own(tx, id, who)
    held.step("depart", Situation())
    held.order.departed_at = tx.now
    held.step_case("start")
    return held.tell("response.order_departed", who)


def arrive(tx: Transaction, *, id: str, who: Who, note: str = "") -> OrderView:
    """到场: confirm what positions have shown, or say how one got there unseen.

    Raises:
        NotFound, Conflict: anybody else's order; the state does not allow it.
        BadInput: positions have not shown it and there is no note.
    """
    held = own(tx, id, who)
    order = held.order
    proposed = order.arrival_proposed_at is not None
    held.step("arrive", Situation(text=note, arrival_proposed=proposed))
    order.arrived_at = tx.now
    order.arrived_how = "position" if proposed else "manual"
    order.arrived_note = note.strip()[:500] or None
    held.step_case("arrive", within_100_m=proposed, note=note)
    return held.tell("response.order_arrived", who)


def feedback(tx: Transaction, *, id: str, who: Who, text: str, photo: StoredMedia | None = None) -> OrderView:
    """反馈: say how things are, with a photo that lies in the store already.

    Raises:
        NotFound, Conflict, BadInput: anybody else's order; the state does not allow it; neither text nor photo.
    """
    held = own(tx, id, who)
    held.step("feedback", Situation(text=text, photo=photo is not None))
    said = FeedbackRow(
        id=new_id(),
        order_id=id,
        case_id=held.case.id,
        at=tx.now,
        text=text.strip()[:2000],
        photo_id=photo.id if photo else None,
    )
    tx.session.add(said)
    if photo is not None:
        person_id, area = held.order.person_id, held.order.area
        add_photo(tx, photo, case_id=held.case.id, order_id=id, person_id=person_id, area=area, who=who.json())
    held.step_case("report", text=text, photos=int(photo is not None))
    return held.tell("response.order_reported", who)


def done(tx: Transaction, *, id: str, who: Who) -> OrderView:
    """完成: the person's part is over. Raises NotFound for anybody else's order, Conflict in any other state."""
    held = own(tx, id, who)
    held.step("done", Situation())
    held.order.done_at = tx.now
    held.step_case("order_done")
    return held.tell("response.order_done", who)


def decline(tx: Transaction, *, id: str, who: Who, reason: str) -> OrderView:
    """拒单: give the order back with a reason; the case waits for the others, or for somebody new.

    Raises:
        NotFound, Conflict, BadInput: anybody else's order; the state does not allow it; no reason.
    """
    held = own(tx, id, who)
    held.step("decline", Situation(text=reason))
    held.order.decline_reason = reason.strip()[:500]
    held.step_case("order_declined")
    tx.session.flush()
    left = _open_orders(tx, held.case)
    if held.case.state in ("ASSIGNED", "RECEIVED") and not left:
        held.step_case("none_left")
    elif held.case.state == "RECEIVED" and set(left) == {"sent"}:
        held.step_case("none_accepted_left")
    return held.tell("response.order_declined", who)


def propose_arrival(tx: Transaction, *, id: str, at: datetime) -> bool:
    """Note, once and only on the way, that positions show the person on the spot since `at`; tell whether noted."""
    held = HeldOrder(tx, id)
    if held.order.arrival_proposed_at is not None or held.order.state not in ("accepted", "departed"):
        return False
    held.step("propose_arrival", Situation())
    held.order.arrival_proposed_at = at
    held.tell("response.arrival_proposed", None)
    return True


def own(tx: Transaction, id: str, who: Who) -> HeldOrder:
    """The caller's own order.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    held = HeldOrder(tx, id)
    if who.person_id is None or held.order.person_id != who.person_id:
        raise NotFound("order_not_found", id=id)
    return held


def _open_orders(tx: Transaction, case: CaseRow) -> dict[str, int]:
    """How many orders of a case are open, by state."""
    query = (
        select(OrderRow.state, func.count())
        .where(OrderRow.case_id == case.id, OrderRow.active_for.is_not(None))
        .group_by(OrderRow.state)
    )
    return {state: count for state, count in tx.session.execute(query)}
