"""What the counter is shown while somebody speaks: categories, units, and cases that may be the same matter."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.registry.town_index import TownIndex
from command_center.response.intake.suggesting import categories_for, likeness, units_for
from command_center.response.sight import seen_by
from command_center.response.tables import CaseRow
from command_center.timeline.facts import iso
from gis.metric import distances_m

# As long as a closed case may still be the main one of a repeat.
SAME_FOR = timedelta(days=90)
NEAR_DEG = 0.01
NEAR_M = 500.0
ALIKE = 0.35
LOOKED_AT = 500


class CategoryHint(TypedDict):
    code: str
    why: list[str]


class UnitHint(TypedDict):
    id: str
    name: str
    lead: bool
    why: list[str]


class LikeCase(TypedDict):
    """`alike`: 0 to 1, how much the texts agree."""

    id: str
    code: str
    title: str
    state: str
    place: str
    opened_at: str
    distance_m: float
    alike: float


class Hints(TypedDict):
    categories: list[CategoryHint]
    units: list[UnitHint]
    cases: list[LikeCase]


def hints(
    session: Session,
    town: TownIndex,
    who: Who,
    *,
    text: str,
    category: str | None,
    lonlat: tuple[float, float] | None,
    now: datetime,
) -> Hints:
    """What may fit the words so far; empty lists where nothing does."""
    chosen = town.categories.get(category or "")
    return {
        "categories": [
            {"code": one.id, "why": list(one.why)} for one in categories_for(text, town.categories.values())
        ],
        "units": [
            {"id": one.id, "name": town.units[one.id].name, "lead": one.score >= 1.0, "why": list(one.why)}
            for one in (units_for(chosen, town.units.values()) if chosen else ())
        ],
        "cases": _alike(session, who, text, category, lonlat, now) if lonlat else [],
    }


def _alike(
    session: Session,
    who: Who,
    text: str,
    category: str | None,
    lonlat: tuple[float, float],
    now: datetime,
) -> list[LikeCase]:
    """Cases near the place, open or closed not long ago, that say the same or are of the same kind."""
    lon, lat = lonlat
    near = (
        select(CaseRow)
        .where(seen_by(who), or_(CaseRow.ended_at.is_(None), CaseRow.opened_at >= now - SAME_FOR))
        .where(CaseRow.lon.between(lon - NEAR_DEG, lon + NEAR_DEG), CaseRow.lat.between(lat - NEAR_DEG, lat + NEAR_DEG))
        .order_by(CaseRow.opened_at.desc())
        .limit(LOOKED_AT)
    )
    found: list[LikeCase] = []
    for row in session.scalars(near):
        away = float(distances_m([(row.lon, row.lat)], [lonlat])[0])
        alike = likeness(text, row.text or row.title)
        if away > NEAR_M or not (alike >= ALIKE or (row.category == category and alike > 0)):
            continue
        found.append({
            "id": row.id, "code": row.code, "title": row.title, "state": row.state, "place": row.place,
            "opened_at": iso(row.opened_at), "distance_m": round(away, 1), "alike": round(alike, 2),
        })  # fmt: skip
    return sorted(found, key=lambda one: (-one["alike"], one["distance_m"]))[:5]
