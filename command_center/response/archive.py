"""The seal on an archived case: a hash over all facts that tell its story, which anybody with the log can check."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.response.past.queries import past_of
from command_center.response.profiles import ENDED
from command_center.response.tables import CaseRow, OrderRow
from command_center.timeline import StoredFact
from command_center.timeline.facts import iso
from command_center.timeline.store import stored
from command_center.timeline.tables import FactRow

SEALING_KIND = "response.archived"


def facts_of_case(session: Session, case: CaseRow) -> list[StoredFact]:
    """Facts about a case, its alert and its orders, in order."""
    order_ids = session.scalars(select(OrderRow.id).where(OrderRow.case_id == case.id)).all()
    ids = [case.id, *order_ids, *([case.alert_id] if case.alert_id else [])]
    rows = session.scalars(select(FactRow).where(FactRow.id.in_(ids)).order_by(FactRow.seq))
    return [stored(row) for row in rows]


def hash_of(facts: Iterable[StoredFact]) -> str:
    """SHA-256 over `seq kind id happened_at data_json`, a line each."""
    seal = hashlib.sha256()
    for fact in facts:
        line = f"{fact.seq}\n{fact.kind}\n{fact.id}\n{iso(fact.happened_at)}\n{fact.data_json}\n"
        seal.update(line.encode())
    return seal.hexdigest()


def sealed_of(session: Session, case: CaseRow) -> bool | None:
    """Whether the seal of an ended case holds; None while it is open, and for one that was over when it came here."""
    brought = case.archive_hash is None and past_of(session, case.id) is not None
    return None if case.state not in ENDED or brought else is_sealed(session, case)


def is_sealed(session: Session, case: CaseRow) -> bool:
    """Whether the stored facts still give the hash that was stored with the archived case."""
    facts = facts_of_case(session, case)
    # A case that was taken up again has one seal for each time it was put away.
    last = max((at for at, fact in enumerate(facts) if fact.kind == SEALING_KIND), default=len(facts))
    return case.archive_hash is not None and case.archive_hash == hash_of(facts[:last])
