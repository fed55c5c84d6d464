"""What each responder is doing, and the way from order to order: call, move along, release."""

from collections.abc import Collection, Iterable
from typing import Protocol

from sqlalchemy import select

from command_center.errors import Conflict, NotFound
from command_center.response.tables import CaseRow, OrderRow, ResponderRow
from command_center.response.telling import tell_responder
from command_center.timeline import Transaction

ON_PATROL_FORCES = frozenset({"POL", "AUX", "GRD"})
STATUS_OF_ORDER = {
    "sent": "called",
    "accepted": "called",
    "departed": "en_route",
    "arrived": "on_scene",
    "reported": "handling",
    "done": "returning",
}


class PersonLike(Protocol):
    """A person of the registry."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def call_sign(self) -> str: ...
    @property
    def force(self) -> str: ...
    @property
    def unit_id(self) -> str: ...
    @property
    def area(self) -> str: ...


def muster(tx: Transaction, persons: Iterable[PersonLike]) -> int:
    """Give every person without a row one, patrol forces on patrol and the others standing by; return how many."""
    known = set(tx.session.scalars(select(ResponderRow.id)))
    new = [person for person in persons if person.id not in known]
    for person in new:
        status = "patrolling" if person.force in ON_PATROL_FORCES else "standby"
        row = ResponderRow(
            id=person.id,
            name=person.name,
            call_sign=person.call_sign,
            force=person.force,
            unit_id=person.unit_id,
            area=person.area,
            status=status,
            base_status=status,
            order_id=None,
            case_id=None,
            version=0,
        )
        tx.session.add(row)
        tell_responder(tx, "response.mustered", row)
    return len(new)


def hold(tx: Transaction, person_ids: Collection[str]) -> dict[str, ResponderRow]:
    """The rows of these persons, held until the end of the transaction, always in one order so that none deadlock.

    Raises:
        NotFound: one of them is unknown.
    """
    query = select(ResponderRow).where(ResponderRow.id.in_(person_ids)).order_by(ResponderRow.id).with_for_update()
    found = {row.id: row for row in tx.session.scalars(query.execution_options(populate_existing=True))}
    for person_id in person_ids:
        if person_id not in found:
            raise NotFound("person_not_found", id=person_id)
    return found


def check_free(tx: Transaction, responder: ResponderRow) -> None:
    """Refuse to call somebody twice.

    Raises:
        Conflict: the person is off duty or has an open order.
    """
    if responder.order_id is not None:
        order = tx.session.get(OrderRow, responder.order_id)
        raise Conflict("responder_busy", name=responder.call_sign, order=order.code if order else "")
    if responder.status == "off_duty":
        raise Conflict("responder_off_duty", name=responder.call_sign)


def follow(responder: ResponderRow, order: OrderRow) -> None:
    """Let the status follow the order that the responder has (or has just ended)."""
    if order.state in ("declined", "void"):
        let_go(responder)
        return
    responder.status = STATUS_OF_ORDER[order.state]
    responder.order_id = None if order.state == "done" else order.id
    responder.case_id = order.case_id


def let_go(responder: ResponderRow) -> None:
    """Back to what the responder did before."""
    responder.status = responder.base_status
    responder.order_id = None
    responder.case_id = None


def release(tx: Transaction, case: CaseRow) -> None:
    """Send home everybody who still belongs to a case without an open order, e.g. on the way back."""
    query = select(ResponderRow).where(ResponderRow.case_id == case.id, ResponderRow.order_id.is_(None))
    for responder in tx.session.scalars(query.order_by(ResponderRow.id).with_for_update()):
        let_go(responder)
        tell_responder(tx, "response.released", responder)
