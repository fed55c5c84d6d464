"""Sums over the rows of a period, by whole and by part, and the cases behind each of them.

A period is read once: its rows are reduced to narrow ones, which the engine keeps for the length of the statement and
groups by each part.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CTE, ColumnElement, String, and_, func, literal, null, select, true, union_all
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.errors import BadInput
from command_center.registry.town_index import TownIndex
from command_center.response.engine.description import Profile
from command_center.response.engine.stored import from_json
from command_center.response.engine.timers import moved
from command_center.response.figures.counting import NOT_CLOSED, OPEN, OTHERS, PARTS, Period, Rows, runs_late
from command_center.response.figures.reckoning import (
    PLAIN,
    RATES,
    TIMES,
    VOLUMES,
    Style,
    Time,
    rates,
    shares,
    time_of,
)
from command_center.response.figures.views import (
    BehindLine,
    BehindView,
    FiguresView,
    NowView,
    PartView,
    rate_view,
    rate_views,
    time_view,
    time_views,
)
from command_center.response.intake.channels import CHANNELS
from command_center.response.parties.masking import mask_text
from command_center.response.profiles import profile_of
from command_center.response.sight import seen_by
from command_center.response.tables import CaseRow
from command_center.response.working import calendar_of
from command_center.timeline.facts import iso

Side = Literal["over", "of"]
WHOLE = "whole"
NOW: Mapping[str, str] = {"open_now": "open", "overdue_now": "overdue", "suspended_now": "suspended"}
WITHIN = "closed_within"
NAMES: frozenset[str] = frozenset({*VOLUMES, *TIMES, *NOW, WITHIN})
FROM_ALERTS: Mapping[str, str] = {"camera": "视频预警", "patrol": "巡防"}
TIERS: Mapping[str, str] = {"grid": "网格", "village": "村（社区）", "town": "镇（街道）", "county": "县（区）"}
LEVELS: Mapping[str, str] = {"1": "红", "2": "橙", "3": "黄", "4": "蓝"}

Flag = ColumnElement[bool]
ByPart = Mapping[tuple[str, str], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which cases are asked about.

    Attributes:
        area: code that their areas begin with.
        way: id of the profile they are under; None for all.
    """

    who: Who
    period: Period
    area: str
    way: str | None = None

    @property
    def seen(self) -> Flag:
        """Those that the caller sees, in the area, under the way."""
        inside = CaseRow.area.startswith(self.area, autoescape=True)
        return and_(seen_by(self.who), inside, true() if self.way is None else CaseRow.profile == self.way)

    @property
    def came(self) -> Flag:
        return and_(self.seen, CaseRow.opened_at >= self.period.start, CaseRow.opened_at < self.period.end)

    @property
    def closed_within(self) -> Flag:
        within = and_(CaseRow.resolved_at >= self.period.start, CaseRow.resolved_at < self.period.end)
        # Said this way an engine looks the days up in their index and not the states, of which nearly all are closed.
        return and_(self.seen, within, CaseRow.state.not_in(NOT_CLOSED))

    @property
    def open_now(self) -> Flag:
        return and_(self.seen, CaseRow.state.in_(OPEN))


def figures(session: Session, town: TownIndex, asked: Asked, *, now: datetime, language: str = "zh") -> FiguresView:
    """All figures of the cases that came in within a period; if all are under one way of working, printed its way."""
    counts, took = _read(session, asked, now)
    ways = _ways(session, asked)
    styles = {id: Style.of(way.center) for id, way in ways.items()}
    style = next(iter(styles.values())) if len(styles) == 1 else PLAIN
    whole = counts.get((WHOLE, ""), {})
    return {
        "since": asked.period.since.isoformat(),
        "until": asked.period.until.isoformat(),
        "area": asked.area,
        "way": asked.way,
        "unit": None if asked.who.may("case.see") else asked.who.unit_id,
        "as_of": iso(now),
        "now": _now(session, asked, now),
        "closed_within": session.scalar(select(func.count()).select_from(CaseRow).where(asked.closed_within)) or 0,
        "volumes": {name: whole.get(name, 0) for name in VOLUMES},
        "rates": rate_views(rates(whole, style)),
        "times": time_views({name: took.get((WHOLE, "", name), Time(0, None, None)) for name in TIMES}),
        "parts": {
            part: _parts(part, counts, took, _names(town, part, ways, language), style, styles) for part in PARTS
        },
    }


def _parts(
    part: str,
    counts: ByPart,
    took: Mapping[tuple[str, str, str], Time],
    names: Mapping[str, str],
    style: Style,
    styles: Mapping[str, Style],
) -> list[PartView]:
    """A breakdown, the largest part first."""
    found = {key: one for (kind, key), one in counts.items() if kind == part}
    share = shares({key: one["accepted"] for key, one in found.items()})
    order = sorted(found, key=lambda key: (-found[key]["accepted"], -found[key]["came"], key))
    return [
        {
            "key": key,
            "name": names.get(key),
            "volumes": {name: found[key][name] for name in VOLUMES},
            "share": rate_view(share[key]),
            "rates": rate_views(rates(found[key], styles.get(key, style) if part == "way" else style)),
            "closing": time_view("close_s", took.get((part, key, "close_s"), Time(0, None, None))),
        }
        for key in order
    ]


def _names(town: TownIndex, part: str, ways: Mapping[str, Profile], language: str) -> dict[str, str]:
    """What the keys of a breakdown are called where the town has the names."""
    if part == "unit":
        return {**{unit.id: unit.name for unit in town.units.values()}, OTHERS: "其他单位主办，本单位协办"}
    if part == "category":
        return {one.code: one.name for one in town.categories.values()}
    if part == "channel":
        return {**{code: channel.word for code, channel in CHANNELS.items()}, **FROM_ALERTS}
    if part == "village":
        return {one.code: one.name for one in town.villages.values()}
    if part == "way":
        return {id: way.names[language] for id, way in ways.items()}
    return dict(TIERS if part == "tier" else LEVELS)


def _read(session: Session, asked: Asked, now: datetime) -> tuple[ByPart, dict[tuple[str, str, str], Time]]:
    """Counts of the whole and of each part, and durations: all of the whole, of the parts the one to the answer."""
    rows = Rows()
    counted, durations = rows.counts(now=now, in_original=_in_original(session, asked)), rows.durations()
    base = _narrow(rows, asked, {**counted, **durations})
    sums = [func.sum(base.c[name]) for name in counted]
    nowhere: ColumnElement[str] = literal("", String)
    statements: list[Any] = [select(literal(WHOLE, String), nowhere, nowhere, *sums)]
    for part in PARTS:
        statements.append(select(literal(part, String), base.c[part], nowhere, *sums).group_by(base.c[part]))
        statements.append(_picks(base, part, base.c[part], "close_s", width=len(sums)))
    statements += [_picks(base, WHOLE, nowhere, name, width=len(sums)) for name in durations]
    counts: dict[tuple[str, str], dict[str, int]] = {}
    picked: defaultdict[tuple[str, str, str, int], dict[int, int]] = defaultdict(dict)
    found: Sequence[Any] = session.execute(union_all(*statements)).all()
    for part, key, name, *each in found:
        if name:
            many, place, taken = map(int, each[:3])
            picked[part, key, name, many][place] = taken
        else:
            counts[part, key] = {name: int(count or 0) for name, count in zip(counted, each, strict=True)}
    return counts, {(part, key, name): time_of(many, at) for (part, key, name, many), at in picked.items()}


def _picks(base: CTE, part: str, key: ColumnElement[str], name: str, *, width: int) -> Any:
    """Of each part the values that make its median and its P90: how many there are, the place, the value."""
    taken = base.c[name]
    ordered = (
        select(
            key.label("key"),
            func.count().over(partition_by=key).label("many"),
            func.row_number().over(partition_by=key, order_by=taken).label("place"),
            taken.label("taken"),
        )
        .where(taken.is_not(None))
        .subquery()
    )
    many, place = ordered.c.many, ordered.c.place
    columns = (literal(part, String), ordered.c.key, literal(name, String), many, place, ordered.c.taken)
    wanted = place.in_(((many + 1) // 2, (many + 2) // 2, (9 * many + 9) // 10))
    return select(*columns, *(null() for _ in range(width - 3))).where(wanted)


def _narrow(rows: Rows, asked: Asked, columns: Mapping[str, ColumnElement[int]]) -> CTE:
    parts = (rows.part(part, asked.who).label(part) for part in PARTS)
    chosen = select(*parts, *(column.label(name) for name, column in columns.items()))
    return chosen.select_from(rows.source).where(asked.came).cte("narrow").prefix_with("MATERIALIZED")


def _in_original(session: Session, asked: Asked) -> list[str]:
    """Closed cases with an extension that would have kept their first deadline, moved by their pauses alone."""
    rows = Rows()
    query = select(CaseRow.id, CaseRow.value, rows.resolve.stopped_at).select_from(rows.source)
    calendar, found = calendar_of(session), []
    for id, value, stopped_at in session.execute(query.where(asked.came, rows.extended_and_closed())):
        timer = from_json(value).timer("T-RESOLVE")
        if timer is not None and stopped_at <= moved(replace(timer, extended=0), calendar).due_at:
            found.append(id)
    return found


def _now(session: Session, asked: Asked, now: datetime) -> NowView:
    rows = Rows()
    late = func.count().filter(runs_late(rows.resolve, now))
    waits = func.count().filter(CaseRow.state == "SUSPENDED")
    query = select(func.count(), late, waits).select_from(rows.source).where(asked.open_now)
    open_, overdue, suspended = session.execute(query).one()
    return {"open_now": open_, "overdue_now": overdue, "suspended_now": suspended}


def _ways(session: Session, asked: Asked) -> dict[str, Profile]:
    """The ways of working that occur, each in the newest version that does."""
    versions = select(CaseRow.profile, func.max(CaseRow.profile_version)).where(asked.came).group_by(CaseRow.profile)
    return {id: profile_of(session, id, version) for id, version in session.execute(versions)}


def behind(
    session: Session,
    asked: Asked,
    name: str,
    *,
    side: Side = "over",
    part: str | None = None,
    key: str = "",
    now: datetime,
    limit: int = 50,
    skip: int = 0,
) -> BehindView:
    """The cases that a number counts; those of a duration the longest first, others the newest first.

    Args:
        session: of a reading.
        asked: as of the figures.
        name: of a volume, a rate, a duration, or one of the numbers of now.
        side: of a rate, whether its numerator or its denominator.
        part: of `PARTS`, with `key` the line of that breakdown; None for the whole.
        key: as the breakdown gives it.
        now: as of when.
        limit: most that are given.
        skip: of the first ones.

    Raises:
        BadInput: no such number or part.
    """
    rate = next((one for one in RATES if one.name == name), None)
    if (rate is None and name not in NAMES) or (part is not None and part not in PARTS):
        raise BadInput("figures_unknown", name=part if rate is not None or name in NAMES else name)
    if rate is not None:
        name = rate.over if side == "over" else rate.of
    rows = Rows()
    taken = rows.durations().get(name)
    times: ColumnElement[int] = literal(1)
    which = asked.came
    if name in NOW:
        which = and_(asked.open_now, rows.counts(now=now)[NOW[name]] > 0)
    elif name == WITHIN:
        which = asked.closed_within
    elif taken is not None:
        which = and_(asked.came, taken.is_not(None))
    else:
        in_original = _in_original(session, asked) if name == "on_original" else ()
        times = rows.counts(now=now, in_original=in_original)[name]
        which = and_(asked.came, times > 0)
    if part is not None:
        which = and_(which, rows.part(part, asked.who) == key)
    took: ColumnElement[Any] = literal(None) if taken is None else taken
    query = select(CaseRow, times.label("times"), took.label("took_s")).select_from(rows.source).where(which)
    order: Sequence[Any] = () if taken is None else (taken.desc(),)
    page = query.order_by(*order, CaseRow.opened_at.desc(), CaseRow.id.desc()).offset(skip).limit(limit)
    sums = select(func.sum(times), func.count()).select_from(rows.source).where(which)
    count, cases = session.execute(sums).one()
    lines = [_line(row, times, took_s) for row, times, took_s in session.execute(page)]
    return {"name": name, "count": int(count or 0), "cases": cases, "lines": lines}


def _line(row: CaseRow, times: int, took_s: int | None) -> BehindLine:
    return {
        "id": row.id,
        "code": row.code,
        "title": mask_text(row.title),
        "state": row.state,
        "place": row.place,
        "category": row.category,
        "opened_at": iso(row.opened_at),
        "resolved_at": iso(row.resolved_at) if row.resolved_at else None,
        "times": times,
        "took_s": took_s,
    }
