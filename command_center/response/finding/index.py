"""Keep the words of a case in step with it."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from command_center.response.finding.tables import FoundRow
from command_center.response.finding.words import sign, words_of
from command_center.response.parties.masking import mask_text
from command_center.response.profiles import ENDED
from command_center.response.tables import CaseRow, CaseUnitRow
from command_center.timeline import Timeline

# Digits of a province's down to a grid's code: who looks after an area finds what lies in it by one of them.
AREA_DIGITS = (2, 4, 6, 9, 12, 15)
CATEGORY_DIGITS = (2, 5)
ENDINGS = (4, 5, 6, 8)
PLAIN_CODE = re.compile(r"[0-9A-Za-z]+")
AT_ONCE = 1000
SECOND = 1_000_000


def number_of(at: datetime) -> int:
    """The number of a case that was opened then, if nobody has it yet."""
    return round(at.timestamp() * 1e6)


def note(session: Session, case: CaseRow) -> None:
    """Write down by what a case is found now."""
    units = session.scalars(select(CaseUnitRow.unit_id).where(CaseUnitRow.case_id == case.id))
    words = words_for(case, units)
    row = session.scalar(select(FoundRow).where(FoundRow.case_id == case.id))
    if row is None:
        session.add(FoundRow(number=_free(session, number_of(case.opened_at)), case_id=case.id, words=words))
    elif row.words != words:
        row.words = words
    session.flush()


def words_for(case: CaseRow, units: Iterable[str]) -> str:
    """By what a case is found: its texts, its codes, and what it is. Sorted: the same case has the same words."""
    texts = words_said(case.title, case.place, case.text, case.answer or "")
    return " ".join(sorted(texts | words_of_codes(case.code, case.query_code) | marks_of(case, units)))


def words_said(*texts: str) -> set[str]:
    """The words of what people wrote; what they should not have written in it is masked."""
    return words_of(map(mask_text, texts))


def words_of_codes(code: str, query_code: str) -> set[str]:
    """Codes, and the last digits that people say of them."""
    words = (*(code[-length:] for length in ENDINGS), code, query_code)
    # Letters and digits alone are one word each, which need not be looked for.
    return {one.lower() for one in words} if PLAIN_CODE.fullmatch(code + query_code) else words_of(words)


def marks_of(case: CaseRow, units: Iterable[str]) -> set[str]:
    """What a case is and who is at work on it, as words."""
    return {
        sign("s", case.state), sign("o", int(case.state not in ENDED)), sign("f", case.source),
        sign("p", case.priority), sign("g", case.level), sign("w", case.profile), sign("c", case.category),
        *(sign("c", case.category[:digits]) for digits in CATEGORY_DIGITS),
        *(sign("a", case.area[:digits]) for digits in (*AREA_DIGITS, len(case.area))),
        *(sign("u", unit) for unit in units),
    }  # fmt: skip


def take_up(timeline: Timeline) -> int:
    """Note every case that has no words yet: those from before there was an index. Returns how many there were."""
    done, last = 0, ""
    while True:
        with timeline.transaction() as tx:
            missing = select(CaseRow).outerjoin(FoundRow, FoundRow.case_id == CaseRow.id)
            missing = missing.where(FoundRow.case_id.is_(None), CaseRow.id > last).order_by(CaseRow.id)
            rows = tx.session.scalars(missing.limit(AT_ONCE)).all()
            for row in rows:
                note(tx.session, row)
                last = row.id
        done += len(rows)
        if len(rows) < AT_ONCE:
            return done


def _free(session: Session, number: int) -> int:
    """The number, or one after it: many may be taken down at one instant, and none has more than a second of them."""
    if session.get(FoundRow, number) is None:
        return number
    within = FoundRow.number.between(number, number + SECOND)
    return (session.scalar(select(func.max(FoundRow.number)).where(within)) or number) + 1
