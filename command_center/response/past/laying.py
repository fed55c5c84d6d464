"""Closed requests laid straight into the tables, as ended cases with all by which cases are found, seen and counted.

Whoever opens such a case sees what the other system knew of it. The engine has no part in it: it is over.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import insert, select

from command_center.errors import BadInput
from command_center.prewarning.numbers import next_numbers
from command_center.registry.catalogue import Category
from command_center.registry.clocks import LOCAL
from command_center.registry.codes import case_code, query_code
from command_center.response.finding.index import number_of, words_for, words_said
from command_center.response.finding.tables import FoundRow
from command_center.response.parties.checking import phone_of
from command_center.response.parties.commands import sealed
from command_center.response.parties.facts import Plain
from command_center.response.parties.keys import Keyring
from command_center.response.parties.tables import PartyRow
from command_center.response.past.request import Request
from command_center.response.past.tables import PastRow
from command_center.response.tables import CaseRow, CaseUnitRow, ClockRow
from command_center.timeline import Transaction
from command_center.timeline.facts import iso
from command_center.timeline.ids import new_id

STATE = "ARCHIVED"
# What a case code has digits for.
MOST_A_DAY = 9999


@dataclass(frozen=True, slots=True)
class Under:
    """What all cases of one batch share.

    Attributes:
        town: code that their codes begin with.
        categories: by code.
        ways: id and version of the profile by channel.
        actor: as facts name who did it.
    """

    batch_id: str
    system: str
    town: str
    categories: Mapping[str, Category]
    ways: Mapping[str, tuple[str, int]]
    actor: Mapping[str, Any]


@dataclass
class Rows:
    """Rows by table, as they are stored."""

    cases: list[dict[str, Any]] = field(default_factory=list)
    found: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[dict[str, Any]] = field(default_factory=list)
    past: list[dict[str, Any]] = field(default_factory=list)
    parties: list[dict[str, Any]] = field(default_factory=list)


def lay(tx: Transaction, requests: Sequence[Request], words: Sequence[str], under: Under, keys: Keyring) -> None:
    """Store closed requests, all or none.

    Args:
        tx: the caller's.
        requests: oldest first.
        words: of the texts of each, from `words_of_texts`.
        under: what they share.
        keys: to lock the names of callers with.

    Raises:
        BadInput: more came in on one day than a day has codes for.
        Unavailable: callers are named, and there is no key.
    """
    rows = Rows()
    codes, places = _codes(tx, requests, under.town), _free_numbers(tx, requests)
    queries = _query_codes(tx, len(requests))
    for request, said, code, query, place in zip(requests, words, codes, queries, places, strict=True):
        case = _case(request, under, code, query)
        rows.cases.append(case)
        _add(rows, case, request, under, keys, tx)
        # A row that the session need not know of: by it a hundred thousand would take minutes longer.
        found = words_for(
            cast(CaseRow, SimpleNamespace(**case)), (request.unit,) if request.unit else (), said=set(said.split())
        )
        rows.found.append({"number": place, "case_id": case["id"], "words": found})
    connection = tx.session.connection()
    for table, many in (
        (CaseRow, rows.cases), (FoundRow, rows.found), (CaseUnitRow, rows.units), (ClockRow, rows.clocks),
        (PastRow, rows.past), (PartyRow, rows.parties),
    ):  # fmt: skip
        if many:
            connection.execute(insert(table), many)


def words_of_texts(requests: Sequence[Request]) -> list[str]:
    """By which words each is found, as far as its texts say; the slowest part, and one that needs no store."""
    return [" ".join(words_said(one.title, one.place, one.text, one.answer)) for one in requests]


def _case(request: Request, under: Under, code: str, query: str) -> dict[str, Any]:
    way, version = under.ways[request.channel]
    over = request.closed or request.at
    return {
        "id": new_id(), "code": code, "query_code": query, "state": STATE, "title": request.title,
        "text": request.text, "asks": False, "category": request.category,
        "priority": under.categories[request.category].priority, "level": 4, "source": request.channel,
        "area": request.area, "lon": request.lonlat[0], "lat": request.lonlat[1], "place": request.place,
        "alert_id": None, "opened_at": request.at, "opened_by": under.actor, "answer": request.answer or None,
        "resolved_at": request.closed, "resolved_by": None, "callback": _callback(request, over), "archived_at": over,
        "archived_by": under.actor, "archive_hash": None, "ended_at": over, "profile": way,
        "profile_version": version, "value": None, "version": 1,
    }  # fmt: skip


def _add(rows: Rows, case: Mapping[str, Any], request: Request, under: Under, keys: Keyring, tx: Transaction) -> None:
    """What belongs to a case: its unit, its deadline, its number over there, its caller."""
    id = case["id"]
    if request.unit:
        rows.units.append({"case_id": id, "unit_id": request.unit, "part": "lead", "waits": False})
    rows.past.append({"system": under.system, "number": request.number, "case_id": id, "batch_id": under.batch_id})
    if request.due is not None:
        clock = {
            "id": id, "case_id": id, "name": "T-RESOLVE", "of": "", "fires": False, "started_at": request.at,
            "due_at": request.due, "stopped_at": request.closed, "paused_since": None, "fired_at": None,
            "basis": under.system,
        }  # fmt: skip
        rows.clocks.append(clock)
    if request.name or request.phone:
        party = {
            "id": new_id(), "case_id": id, "came_from": None, "role": "reporter", "sheltered": False,
            "added_at": request.at, "added_by": under.actor, "changed_at": tx.now, "version": 1,
        }  # fmt: skip
        rows.parties.append({**party, **sealed(str(party["id"]), caller_of(request), keys)})


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


def _codes(tx: Transaction, requests: Sequence[Request], town: str) -> list[str]:
    """一案一码 of the day on which each came in, after those that the day has already."""
    days = [request.at.astimezone(LOCAL).date() for request in requests]
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


def _free_numbers(tx: Transaction, requests: Sequence[Request]) -> list[int]:
    """The place of each in the order of opening; minutes are often all that was written down, so many want the same."""
    wanted = [number_of(request.at) for request in requests]
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
