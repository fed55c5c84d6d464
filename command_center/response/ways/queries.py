"""Which ways of working there are, what each says, what is in force, and how many cases are under which version."""

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.errors import NotFound
from command_center.registry.queries import setting
from command_center.response.engine.checking import shipped_profiles, shipped_tables
from command_center.response.engine.description import Profile
from command_center.response.engine.reading import merged
from command_center.response.intake.channels import DEFAULT_WAYS, WAYS
from command_center.response.profiles import profile_of
from command_center.response.tables import CaseRow, ProfileRow, WayRow
from command_center.response.ways.commands import NOT_COPIED
from command_center.response.ways.facts import WayView, way_view
from command_center.timeline.facts import iso


class ChainStep(TypedDict):
    name: str
    states: list[str]


class WayLine(TypedDict):
    """`way`: None for one that comes with the product. `doors`: channels that lead to it. `steps`: as in force, or as
    written where nothing is. `counter`: whether the counter can open cases under it; `copied`: whether it may be."""

    id: str
    name: dict[str, str]
    base: str | None
    steps: list[ChainStep]
    doors: list[str]
    open_cases: int
    counter: bool
    copied: bool
    way: WayView | None


class VersionView(TypedDict):
    version: int
    at: str
    open_cases: int


class WayDetail(WayLine):
    """`table`: as written, the draft where there is one; `base_body`: all that it extends, as if written at once."""

    table: dict[str, Any]
    base_body: dict[str, Any]
    versions: list[VersionView]


def way_lines(session: Session) -> list[WayLine]:
    """The center's own first, then the product's."""
    own = list(session.scalars(select(WayRow).order_by(WayRow.id)))
    doors, cases = _doors(session), _open_cases(session)
    lines = [_own_line(session, row) for row in own] + [_shipped_line(one) for one in shipped_profiles().values()]
    for line in lines:
        line["doors"] = doors.get(line["id"], [])
        line["open_cases"] = sum(cases.get(line["id"], {}).values())
    return lines


def way_detail(session: Session, id: str) -> WayDetail:
    """One way of working.

    Raises:
        NotFound: there is none of that id.
    """
    line = next((one for one in way_lines(session) if one["id"] == id), None)
    if line is None:
        raise NotFound("way_not_found", way=id)
    row, cases = session.get(WayRow, id), _open_cases(session).get(id, {})
    kept = session.scalars(select(ProfileRow).where(ProfileRow.id == id).order_by(ProfileRow.version.desc()))
    table = dict(shipped_tables()[id]) if row is None else dict(row.draft or row.standing or {})
    return {
        **line,
        "table": table,
        "base_body": merged(shipped_tables()[id if row is None else row.base], shipped_tables()),
        "versions": [
            {"version": one.version, "at": iso(one.kept_at), "open_cases": cases.get(one.version, 0)} for one in kept
        ],
    }


def in_force(session: Session, id: str) -> dict[str, Any] | None:
    """The whole description of a center's own way that cases are opened under now; None if there is none."""
    row = session.get(WayRow, id)
    kept = session.get(ProfileRow, (id, row.published)) if row is not None and row.published else None
    return None if kept is None else dict(kept.body)


def _own_line(session: Session, row: WayRow) -> WayLine:
    profile = profile_of(session, row.id, row.published) if row.published else shipped_profiles().get(row.base)
    view = way_view(row)
    name = dict(profile.names) if row.published and profile else view["name"]
    return {**_line(row.id, name, profile), "base": row.base, "copied": True, "way": view}


def _shipped_line(profile: Profile) -> WayLine:
    return {
        **_line(profile.id, dict(profile.names), profile),
        "base": None,
        "copied": profile.id not in NOT_COPIED,
        "way": None,
    }


def _line(id: str, name: dict[str, str], profile: Profile | None) -> WayLine:
    steps: list[ChainStep] = [
        {"name": step.name, "states": list(step.states)} for step in (profile.shown if profile else ())
    ]
    return {
        "id": id, "name": name, "base": None, "steps": steps, "doors": [], "open_cases": 0,
        "counter": profile is not None and profile.start == "SUBMITTED", "copied": True, "way": None,
    }  # fmt: skip


def _doors(session: Session) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for door, way in setting(session, WAYS, DEFAULT_WAYS).items():
        found[way].append(door)
    return found


def _open_cases(session: Session) -> dict[str, dict[int, int]]:
    """By profile and version: cases that are not over."""
    query = select(CaseRow.profile, CaseRow.profile_version, func.count()).where(CaseRow.ended_at.is_(None))
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for profile, version, count in session.execute(query.group_by(CaseRow.profile, CaseRow.profile_version)):
        found[profile][version] = count
    return found
