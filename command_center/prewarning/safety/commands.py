"""Ask, answer, and raise the alert that no answer becomes."""

from datetime import datetime, timedelta

from sqlalchemy import select

from command_center.access.guard import Who
from command_center.errors import Conflict, NotFound
from command_center.prewarning.opening import Sighting, Spot, clear, raise_or_repeat
from command_center.prewarning.rules import Rules, subject_of_person
from command_center.prewarning.safety.facts import safety_fact
from command_center.prewarning.safety.tables import OPEN, SafetyRow
from command_center.timeline import Transaction
from command_center.timeline.facts import iso
from command_center.timeline.ids import new_id

KIND = "no_answer"


def ask(
    tx: Transaction,
    *,
    person_id: str,
    on_duty: str,
    spot: Spot,
    still_since: datetime,
    answer_s: float,
) -> SafetyRow:
    """Ask a person whether he is safe and record `prewarning.safety_asked`; nobody is asked twice at a time.

    Args:
        tx: the transaction.
        person_id: who is asked.
        on_duty: the duty, or the plan of the round, that he is on.
        spot: where he is.
        still_since: since when he has not moved.
        answer_s: how long he has to answer.
    """
    open_row = tx.session.scalar(
        select(SafetyRow).where(SafetyRow.person_id == person_id, SafetyRow.state.in_(OPEN)).with_for_update()
    )
    if open_row is not None:
        return open_row
    row = SafetyRow(
        id=new_id(),
        person_id=person_id,
        on_duty=on_duty,
        area=spot.area,
        lon=spot.lonlat[0],
        lat=spot.lonlat[1],
        still_since=still_since,
        asked_at=tx.now,
        answer_by=tx.now + timedelta(seconds=answer_s),
        state="asked",
    )
    tx.session.add(row)
    tx.session.flush()
    tx.emit(safety_fact(row))
    return row


def answer(tx: Transaction, *, id: str, who: Who) -> SafetyRow:
    """The person asked says that he is safe; an alert raised meanwhile is told to be over.

    Raises:
        NotFound: he was not asked this.
        Conflict: the question is closed already.
    """
    row = tx.session.get(SafetyRow, id, with_for_update=True)
    if row is None or who.person_id is None or row.person_id != who.person_id:
        raise NotFound("safety_unknown")
    if row.state == "answered":
        return row
    if row.state not in OPEN:
        raise Conflict("safety_closed")
    _close(tx, row, "answered", who)
    return row


def give_up(tx: Transaction, *, id: str, spot: Spot, rules: Rules) -> None:
    """The time to answer is over: a red alert, like a call for help."""
    row = tx.session.get(SafetyRow, id, with_for_update=True)
    if row is None or row.state != "asked" or tx.now < row.answer_by:
        return
    row.state = "unanswered"
    tx.emit(safety_fact(row))
    rule = rules.persons[KIND]
    detail = {
        "person_id": row.person_id,
        "on_duty": row.on_duty,
        "asked_at": iso(row.asked_at),
        "still_since": iso(row.still_since),
        **rule.detail(),
    }
    sighting = Sighting(rule, subject_of_person(row.person_id, KIND), spot, detail, row.answer_by, tx.now)
    raise_or_repeat(tx, sighting, rules)


def close(tx: Transaction, *, id: str, state: str) -> None:
    """He moves again (`moved`), or his duty is over (`ended`), before he answered.

    The end of a duty ends no alert: nobody knows yet how he is.
    """
    row = tx.session.get(SafetyRow, id, with_for_update=True)
    if row is None or row.state not in OPEN or (state == "ended" and row.state == "unanswered"):
        return
    _close(tx, row, state, None)


def _close(tx: Transaction, row: SafetyRow, state: str, who: Who | None) -> None:
    alarmed = row.state == "unanswered"
    row.state, row.closed_at = state, tx.now
    tx.emit(safety_fact(row, actor=who.json() if who else None))
    if alarmed:
        clear(tx, subject_of_person(row.person_id, KIND), None, tx.now)
