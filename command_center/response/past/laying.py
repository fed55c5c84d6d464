"""Closed requests laid straight into the tables, as ended cases with all by which cases are found, seen and counted.

Whoever opens such a case sees what the other system knew of it. The engine has no part in it: it is over.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import select

from command_center.errors import BadInput, Unavailable
from command_center.prewarning.numbers import next_numbers
from command_center.registry.clocks import LOCAL
from command_center.registry.codes import case_code, query_code
from command_center.response.finding.index import marks_of, number_of, words_of_codes, words_said
from command_center.response.finding.tables import FoundRow
from command_center.response.parties.checking import phone_of
from command_center.response.parties.commands import sealed
from command_center.response.parties.facts import Plain
from command_center.response.parties.keys import Key
from command_center.response.parties.tables import PartyRow
from command_center.response.past.request import Request
from command_center.response.past.tables import PastRow
from command_center.response.tables import CaseRow, CaseUnitRow, ClockRow
from command_center.timeline import Transaction
from command_center.timeline.bulk import Ready, insert_ready, ready
from command_center.timeline.facts import iso
from command_center.timeline.ids import new_id
from command_center.timeline.tables import Base

STATE = "ARCHIVED"
CODES = ("code", "query_code")
# What a case code has digits for.
MOST_A_DAY = 9999


@dataclass(frozen=True, slots=True)
class Under:
    """What all cases of one batch share.

    Attributes:
        town: code that their codes begin with.
        priorities: by code of a category.
        ways: id and version of the profile by channel.
        actor: as facts name who did it.
        at: when they are brought in.
        key: to lock the names of callers with; None where there is none.
        store: from `bulk.store_name`.
    """

    batch_id: str
    system: str
    town: str
    priorities: Mapping[str, str]
    ways: Mapping[str, tuple[str, int]]
    actor: Mapping[str, Any]
    at: datetime
    key: Key | None
    store: str


@dataclass(frozen=True, slots=True)
class Made:
    """Cases as far as they can be made without the store: no codes and no place in the order yet.

    Attributes:
        at: when each came in.
        cases: their rows, without the columns `CODES`.
        words: by which each is found, but for its codes.
        others: rows of the other tables, whole.
    """

    at: list[datetime]
    cases: Ready
    words: list[str]
    others: tuple[Ready, ...]


@dataclass(slots=True)
class _Rows:
    cases: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[dict[str, Any]] = field(default_factory=list)
    past: list[dict[str, Any]] = field(default_factory=list)
    parties: list[dict[str, Any]] = field(default_factory=list)


def make(requests: Sequence[Request], under: Under) -> Made:
    """The rows of closed requests; most of the work, and none of it needs the store.

    Raises:
        Unavailable: callers are named, and there is no key.
    """
    rows, words = _Rows(), list[str]()
    for request in requests:
        case = _case(request, under)
        units = (request.unit,) if request.unit else ()
        said = words_said(request.title, request.place, request.text, request.answer)
        rows.cases.append(case)
        # A row that no session knows of: with one, a hundred thousand would take minutes longer.
        words.append(" ".join(sorted(said | marks_of(cast(CaseRow, SimpleNamespace(**case)), units))))
        _add(rows, case["id"], request, under)
    tables: tuple[tuple[type[Base], list[dict[str, Any]]], ...] = (
        (CaseUnitRow, rows.units), (ClockRow, rows.clocks), (PastRow, rows.past), (PartyRow, rows.parties),
    )  # fmt: skip
    others = tuple(ready(under.store, table, many) for table, many in tables)
    return Made([request.at for request in requests], ready(under.store, CaseRow, rows.cases), words, others)


def lay(tx: Transaction, made: Made, under: Under) -> None:
    """Store them, all or none, each with its codes and its place in the order of opening.

    Raises:
        BadInput: more came in on one day than a day has codes for.
    """
    codes = list(zip(_codes(tx, made.at, under.town), _query_codes(tx, len(made.at)), strict=True))
    places = _free_numbers(tx, made.at)
    first = made.cases.columns.index("id")
    cases = [(*case, *own) for case, own in zip(made.cases.values, codes, strict=True)]
    found = [
        (place, case[first], " ".join((words, *words_of_codes(*own))))
        for place, case, words, own in zip(places, made.cases.values, made.words, codes, strict=True)
    ]
    connection = tx.session.connection()
    insert_ready(connection, Ready(made.cases.table, (*made.cases.columns, *CODES), cases))
    insert_ready(connection, Ready(FoundRow.__tablename__, ("number", "case_id", "words"), found))
    for others in made.others:
        insert_ready(connection, others)


def _case(request: Request, under: Under) -> dict[str, Any]:
    way, version = under.ways[request.channel]
    over = request.closed or request.at
    return {
        "id": new_id(), "state": STATE, "title": request.title, "text": request.text, "asks": False,
        "category": request.category, "priority": under.priorities[request.category], "level": 4,
        "source": request.channel, "area": request.area, "lon": request.lonlat[0], "lat": request.lonlat[1],
        "place": request.place, "alert_id": None, "opened_at": request.at, "opened_by": under.actor,
        "answer": request.answer or None, "resolved_at": request.closed, "resolved_by": None,
        "callback": _callback(request, over), "archived_at": over, "archived_by": under.actor, "archive_hash": None,
        "ended_at": over, "profile": way, "profile_version": version, "value": None, "version": 1,
    }  # fmt: skip


def _add(rows: _Rows, id: str, request: Request, under: Under) -> None:
    """What belongs to a case: its unit, its deadline, its number over there, its caller."""
    if request.unit:
        rows.units.append({"case_id": id, "unit_id": request.unit, "part": "lead", "waits": False})
    rows.past.append({"system": under.system, "number": request.number, "case_id": id, "batch_id": under.batch_id})
    # Of one that is over and nobody wrote down since when, it cannot be said whether it was in time.
    if request.due is not None and request.closed is not None:
        clock = {
            "id": id, "case_id": id, "name": "T-RESOLVE", "of": "", "fires": False, "started_at": request.at,
            "due_at": request.due, "stopped_at": request.closed, "paused_since": None, "fired_at": None,
            "basis": under.system,
        }  # fmt: skip
        rows.clocks.append(clock)
    if request.name or request.phone:
        if under.key is None:
            raise Unavailable("party_key_missing", number="-")
        party = {
            "id": new_id(), "case_id": id, "came_from": None, "role": "reporter", "sheltered": False,
            "added_at": request.at, "added_by": under.actor, "changed_at": under.at, "version": 1,
        }  # fmt: skip
        rows.parties.append({**party, **sealed(str(party["id"]), caller_of(request), under.key)})


def _callback(request: Request, over: Any) -> dict[str, Any] | None:
    """What the caller said afterwards, if he was asked."""
    if request.rating is None:
        return None
    solved = request.rating > 2 if request.solved is None else request.solved
    return {"rating": request.rating, "solved": solved, "note": "", "by": None, "at": iso(over)}


def caller_of(request: Request) -> Plain:
    """Who called. A number that is none is kept as a note, for somebody wrote it down."""
    try:
        phone = phone_of(request.phone) if request.phone else ""
    except BadInput:
        return Plain(request.name, "", "", "", request.phone)
    return Plain(request.name, phone, "", "", "")


def _codes(tx: Transaction, instants: Sequence[datetime], town: str) -> list[str]:
    """一案一码 of the day on which each came in, after those that the day has already."""
    days = [at.astimezone(LOCAL).date() for at in instants]
    last: dict[date, int] = {}
    for day, count in Counter(days).items():
        name = f"case:{town}{day:%Y%m%d}"
        last[day] = next_numbers(tx, name, count)
        if last[day] + count - 1 > MOST_A_DAY:
            raise BadInput("past_day_full", day=f"{day:%Y-%m-%d}", most=MOST_A_DAY)
    codes = []
    for day in days:
        codes.append(case_code(town, day, last[day]))
        last[day] += 1
    return codes


def _query_codes(tx: Transaction, count: int) -> list[str]:
    """公示查询码 that no case has, each once."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = {query_code() for _ in range(count - len(found))} - found.keys()
        taken = set(tx.session.scalars(select(CaseRow.query_code).where(CaseRow.query_code.in_(drawn))))
        found |= dict.fromkeys(drawn - taken)
    return list(found)


def _free_numbers(tx: Transaction, instants: Sequence[datetime]) -> list[int]:
    """The place of each in the order of opening; minutes are often all that was written down, so many want the same."""
    wanted = [number_of(at) for at in instants]
    given: dict[int, int] = {}
    while len(given) < len(wanted):
        used = set(given.values())
        tried = {i: _next_free(number, used) for i, number in enumerate(wanted) if i not in given}
        taken = set(tx.session.scalars(select(FoundRow.number).where(FoundRow.number.in_(tried.values()))))
        given |= {i: number for i, number in tried.items() if number not in taken}
        wanted = [tried[i] + 1 if i in tried and tried[i] in taken else number for i, number in enumerate(wanted)]
    return [given[i] for i in range(len(wanted))]


def _next_free(number: int, used: set[int]) -> int:
    """The number or the first after it that is not used; it is used then."""
    while number in used:
        number += 1
    used.add(number)
    return number


def chunks(requests: Sequence[Request], size: int) -> Iterable[Sequence[Request]]:
    return (requests[start : start + size] for start in range(0, len(requests), size))
