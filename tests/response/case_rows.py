"""Cases as rows, as many as a test needs, without anybody having worked on them: what the engine would have left."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert

from command_center.response.engine.case import Case, Mediation
from command_center.response.engine.checking import shipped_profiles
from command_center.response.engine.stored import to_json
from command_center.response.tables import CaseRow, CaseUnitRow, ClockRow
from command_center.timeline import Transaction

from .small_town import GRID

OPENED = datetime(2026, 8, 3, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NUMBERS = count(1)


@dataclass(frozen=True)
class Made:
    """A case to be stored.

    Attributes:
        receive, resolve: hours from being sent until received and closed; None where it was not.
        receive_term, resolve_term: hours that are allowed.
        sent: whether it was sent to its unit.
        rating, solved: of the call-back; no call-back without a rating.
        value: what the engine keeps besides.
    """

    state: str = "ARCHIVED"
    profile: str = "bz"
    source: str = "window"
    category: str = "01008"
    area: str = GRID
    level: int = 4
    unit: str | None = "U02"
    helper: str | None = None
    opened_at: datetime = OPENED
    sent: bool = True
    receive: float | None = 1
    receive_term: float = 4
    resolve: float | None = 20
    resolve_term: float = 40
    rating: int | None = None
    solved: bool = True
    agreed: bool | None = None
    value: dict[str, Any] = field(default_factory=dict)


OPEN = Made("HANDLING", resolve=None)


def times(number: int, made: Made, **more: Any) -> list[Made]:
    return [replace(made, **more)] * number


def store(tx: Transaction, many: Iterable[Made]) -> list[str]:
    """Store cases; their ids."""
    cases, clocks, units = list[Any](), list[Any](), list[Any]()
    for made in many:
        number = next(NUMBERS)
        id = f"C{number:025d}"
        cases.append(_row(id, number, made))
        clocks += _clocks(id, made)
        parts = {made.helper: "helper", made.unit: "lead"} if made.sent else {}
        units += [
            dict(case_id=id, unit_id=unit, part=part, waits=False)
            for unit, part in parts.items()
            if unit and unit[0] == "U"
        ]
    for table, rows in ((CaseRow, cases), (ClockRow, clocks), (CaseUnitRow, units)):
        if rows:
            tx.session.execute(insert(table), rows)
    return [row["id"] for row in cases]


def _row(id: str, number: int, made: Made) -> dict[str, Any]:
    resolved = made.opened_at + made.resolve * HOUR if made.resolve is not None else None
    said, known = None, shipped_profiles().get(made.profile)
    version = known.version if known else 1
    if made.agreed is not None:
        said = Mediation(0, made.opened_at, made.opened_at)
        said = replace(said, agreed_at=resolved) if made.agreed else replace(said, failed_round=1)
    case = Case(id, made.profile, version, made.state, made.opened_at, lead=made.unit, mediation=said, **made.value)
    return {
        "id": id, "code": f"ZZ{number:022d}", "query_code": f"{number:08d}", "state": made.state, "title": "欠薪",
        "text": "", "asks": False, "category": made.category, "priority": "P2", "level": made.level,
        "source": made.source, "area": made.area, "lon": 119.4, "lat": 34.1, "place": "砚河", "alert_id": None,
        "opened_at": made.opened_at, "opened_by": {"id": "a", "name": "a"}, "answer": None, "resolved_at": resolved,
        "resolved_by": None,
        "callback": None if made.rating is None else {
            "rating": made.rating, "solved": made.solved, "note": "", "by": {"id": "b", "name": "b"}, "at": "",
        },
        "archived_at": None, "archived_by": None, "archive_hash": None, "profile": made.profile,
        "profile_version": version, "value": to_json(case), "version": 1,
    }  # fmt: skip


def _clocks(id: str, made: Made) -> list[dict[str, Any]]:
    if not made.sent:
        return []
    ran = {"T-RECV": (made.receive, made.receive_term), "T-RESOLVE": (made.resolve, made.resolve_term)}
    return [
        {
            "id": f"{name[2:5]}{id[-23:]}", "case_id": id, "name": name, "of": "", "fires": False,
            "started_at": made.opened_at, "due_at": made.opened_at + term * HOUR,
            "stopped_at": None if took is None else made.opened_at + took * HOUR, "paused_since": None,
            "fired_at": None, "basis": "",
        }
        for name, (took, term) in ran.items()
    ]  # fmt: skip
