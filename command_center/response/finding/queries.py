"""Find cases by words and by what they are, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.errors import BadInput
from command_center.registry.clocks import LOCAL
from command_center.response.finding.engines import numbers
from command_center.response.finding.index import number_of
from command_center.response.finding.tables import FoundRow, KeptWishRow
from command_center.response.finding.words import Term, asked, sign
from command_center.response.lines import CaseLine, lines
from command_center.response.tables import CaseRow

# How far cases are counted: a list says "over a thousand", which nobody will count either.
COUNTED = 1000
# So many rows are read in one query.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for; what is None or empty narrows nothing.

    Attributes:
        q: words, all of which must stand in the code, title, place, text or answer of a case.
        state: one of the machine's, or "open" for all that are not over.
        category: two digits of a major category or five of a minor one.
        since, until: local days of opening, both included.
    """

    q: str = ""
    state: str | None = None
    category: str | None = None
    unit: str | None = None
    source: str | None = None
    priority: str | None = None
    level: int | None = None
    profile: str | None = None
    area: str | None = None
    since: date | None = None
    until: date | None = None


class FoundView(TypedDict):
    """Cases of a search.

    Attributes:
        count: how many there are in all, no more than `most`.
        next: to be given as `before` for those that follow; None at the end.
    """

    cases: list[CaseLine]
    count: int
    most: int
    next: int | None


def found(session: Session, who: Who, wish: Wish, *, before: int | None = None, limit: int = 50) -> FoundView:
    """The newest cases of a search that the caller sees.

    Args:
        before: `next` of the page before.

    Raises:
        BadInput: the days are the wrong way round.
    """
    query = _numbers(session, who, wish)
    if query is None:
        return {"cases": [], "count": 0, "most": COUNTED, "next": None}
    chosen = _chosen(session, query, before, limit + 1)
    count = session.scalar(select(func.count()).select_from(query.narrowed.limit(COUNTED).subquery())) or 0
    return {
        "cases": lines(session, _rows(session, chosen[:limit])),
        "count": count,
        "most": COUNTED,
        "next": chosen[limit - 1] if len(chosen) > limit else None,
    }


def newest(session: Session, who: Who, wish: Wish, *, most: int) -> list[CaseLine]:
    """The newest cases of a search that the caller sees, many at once.

    Raises:
        BadInput: the days are the wrong way round.
    """
    query = _numbers(session, who, wish)
    chosen = _chosen(session, query, None, most) if query else ()
    return [
        line
        for begin in range(0, len(chosen), AT_ONCE)
        for line in lines(session, _rows(session, chosen[begin : begin + AT_ONCE]))
    ]


def kept(session: Session, who: Who) -> Sequence[KeptWishRow]:
    """The searches that the caller keeps, by name."""
    query = select(KeptWishRow).where(KeptWishRow.user_id == who.id)
    return session.scalars(query.order_by(KeptWishRow.name, KeptWishRow.id)).all()


def said(session: Session, q: str) -> ColumnElement[bool]:
    """The condition on cases that all words of a question stand in them; none has no words at all."""
    terms = asked(q)
    if not terms:
        return false()
    query, _ = numbers(session, terms)
    return CaseRow.id.in_(select(FoundRow.case_id).where(FoundRow.number.in_(query)))


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers of all cases of a search, and the column of them."""

    narrowed: Select[Any]
    number: ColumnElement[int]


def _numbers(session: Session, who: Who, wish: Wish) -> _Numbers | None:
    """None if nothing can be found."""
    terms = _terms(who, wish)
    if terms is None:
        return None
    query, number = numbers(session, terms)
    return _Numbers(query.where(*_days(wish, number)), number)


def _chosen(session: Session, of: _Numbers, before: int | None, most: int) -> Sequence[int]:
    """The highest numbers, below one."""
    page = of.narrowed if before is None else of.narrowed.where(of.number < before)
    return session.scalars(page.order_by(of.number.desc()).limit(most)).all()


def _terms(who: Who, wish: Wish) -> list[Term] | None:
    """All that a case must have to be found; None if nothing can be."""
    if wish.q.strip() and not asked(wish.q):
        return None
    mine = _sight(who)
    if mine is None:
        return None
    signs = (
        sign("o", 1) if wish.state == "open" else sign("s", wish.state) if wish.state else None,
        sign("c", wish.category) if wish.category else None,
        sign("u", wish.unit) if wish.unit else None,
        sign("f", wish.source) if wish.source else None,
        sign("p", wish.priority) if wish.priority else None,
        sign("g", wish.level) if wish.level else None,
        sign("w", wish.profile) if wish.profile else None,
        sign("a", wish.area) if wish.area else None,
    )
    return [*asked(wish.q), *(Term(one) for one in signs if one), Term(mine)]


def _sight(who: Who) -> str | None:
    """As `sight.seen_by`: the own area, or for somebody of a department what the unit is at work on."""
    if who.may("case.see"):
        return sign("a", who.area)
    return sign("u", who.unit_id) if who.may("case.see_own") and who.unit_id else None


def _days(wish: Wish, number: ColumnElement[int]) -> list[ColumnElement[bool]]:
    if wish.since and wish.until and wish.until < wish.since:
        raise BadInput("found_days_bad")
    bounds = list[ColumnElement[bool]]()
    if wish.since:
        bounds.append(number >= number_of(_midnight(wish.since)))
    if wish.until:
        bounds.append(number < number_of(_midnight(wish.until + timedelta(days=1))))
    return bounds


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)


def _rows(session: Session, chosen: Sequence[int]) -> list[CaseRow]:
    """The cases with these numbers, in their order."""
    query = select(FoundRow.number, CaseRow).join(CaseRow, CaseRow.id == FoundRow.case_id)
    rows = {number: row for number, row in session.execute(query.where(FoundRow.number.in_(chosen)))}
    return [rows[number] for number in chosen if number in rows]
