"""移交: an incident of the police becomes a case of the center, once, however often it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from command_center.access.guard import Who
from command_center.errors import BadInput, Conflict
from command_center.registry.queries import unit_rows
from command_center.response.handover.facts import HandoverView
from command_center.response.handover.queries import of_case
from command_center.response.handover.tables import HandoverRow
from command_center.response.intake.commands import Matter, take_down
from command_center.response.terms import Terms
from command_center.timeline import Fact, Transaction

CHANNEL = "police"
EARLIEST = timedelta(days=366)
CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Incident:
    """What the 接警单 says, beside the matter itself."""

    number: str
    kind: str
    reported_at: datetime
    dealt: str
    reason: str
    contact: str = ""
    station: str = ""


def hand_over(tx: Transaction, incident: Incident, matter: Matter, *, who: Who, terms: Terms) -> HandoverView:
    """Open the case, and keep by whom, with which number and why it came. Sent again, it is the same one.

    Raises:
        NotFound, BadInput: as `take_down`; no number, no station, or a time that cannot be.
        Conflict: the number belongs to a hand-over of somebody else.
    """
    number = incident.number.strip()
    station = _station(tx, who) or incident.station.strip()
    if not number or not station:
        raise BadInput("handover_number")
    if not tx.now - EARLIEST <= incident.reported_at <= tx.now + CLOCKS_DIFFER:
        raise BadInput("handover_time")
    known = tx.session.get(HandoverRow, number)
    if known is not None:
        return _same(tx, known, who)
    case = take_down(tx, matter, who=who, terms=terms)
    row = HandoverRow(
        number=number,
        case_id=case["id"],
        unit_id=who.unit_id,
        station=station[:64],
        contact=incident.contact.strip()[:64],
        kind=incident.kind,
        dealt=incident.dealt.strip()[:2000],
        reason=incident.reason.strip()[:500],
        reported_at=incident.reported_at,
        given_at=tx.now,
        given_by=who.json(),
    )
    tx.session.add(row)
    tx.session.flush()
    view = _held(tx, row)
    said = {name: view[name] for name in ("number", "station", "contact", "kind", "dealt", "reason", "reported_at")}
    tx.emit(Fact("response.handed_over", case["id"], {"handover": said}, case["area"], actor=who.json()))
    return view


def _station(tx: Transaction, who: Who) -> str:
    return next((unit.name for unit in unit_rows(tx.session) if unit.id == who.unit_id), "") if who.unit_id else ""


def _same(tx: Transaction, row: HandoverRow, who: Who) -> HandoverView:
    if row.unit_id != who.unit_id:
        # Which case it became is for those who see it.
        raise Conflict("handover_known", number=row.number)
    return _held(tx, row)


def _held(tx: Transaction, row: HandoverRow) -> HandoverView:
    view = of_case(tx.session, row.case_id)
    assert view is not None
    return view
