"""Read the registry: the town in memory, its view for pages, and which days are worked."""

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.errors import Unavailable
from command_center.registry import tables
from command_center.registry.catalogue import Category
from command_center.registry.clocks import is_workday
from command_center.registry.town_index import TownIndex
from gis.roads import Network, from_columns, is_network
from gis.straight import straight_network
from gis.town_model import (
    Camera,
    Center,
    Grid,
    Line,
    Person,
    Place,
    Road,
    RoadNetwork,
    Unit,
    Village,
    Water,
)


def has_town(session: Session) -> bool:
    """Whether a town was loaded."""
    return session.scalar(select(tables.CenterRow.code)) is not None


def missing_layers(session: Session) -> list[str]:
    """What a hall cannot begin without and the registry does not have yet, in the order in which it is imported."""
    needed = (("center", tables.CenterRow.code), ("villages", tables.VillageRow.code), ("grids", tables.GridRow.code))
    return [name for name, column in needed if session.scalar(select(column).limit(1)) is None]


def town_digest(session: Session) -> str | None:
    """Of the stored town, to see whether the one in memory still is it."""
    return session.scalar(select(tables.CenterRow.digest))


def town_index(session: Session) -> TownIndex:
    """Read the whole town into memory; once, at start.

    Raises:
        Unavailable: no town was loaded yet.
    """
    row = session.scalar(select(tables.CenterRow))
    if row is None:
        raise Unavailable("town_not_loaded")
    return TownIndex(
        center=Center(row.code, row.name, row.county, row.model, (row.lon, row.lat)),
        digest=row.digest,
        outline=_line(row.outline),
        villages={v.code: v for v in _villages(session)},
        grids={g.code: g for g in _grids(session)},
        roads=[Road(r.id, r.kind, r.name, _line(r.line)) for r in _all(session, tables.RoadRow)],
        network=_network(session) or _stand_in(session, row),
        waters=[_water(w) for w in _all(session, tables.WaterRow)],
        places={p.id: Place(p.id, p.kind, p.name, (p.lon, p.lat), p.area) for p in _all(session, tables.PlaceRow)},
        units={u.id: Unit(u.id, u.kind, u.name, (u.lon, u.lat), u.area) for u in _all(session, tables.UnitRow)},
        persons={p.id: _person(p) for p in _all(session, tables.PersonRow)},
        cameras={c.id: _camera(c) for c in session.scalars(select(tables.CameraRow).order_by(tables.CameraRow.seq))},
        categories={c.code: _category(c) for c in _all(session, tables.CategoryRow)},
    )


def _all(session: Session, table: Any) -> Any:
    """Rows in the order of their keys."""
    return session.scalars(select(table).order_by(*table.__table__.primary_key.columns))


def _line(points: list[list[float]]) -> Line:
    return tuple((lon, lat) for lon, lat in points)


def _villages(session: Session) -> list[Village]:
    return [Village(v.code, v.name, v.kind, (v.lon, v.lat), _line(v.outline)) for v in _all(session, tables.VillageRow)]


def _grids(session: Session) -> list[Grid]:
    return [
        Grid(g.code, g.name, g.village, g.kind, g.households, _line(g.outline)) for g in _all(session, tables.GridRow)
    ]


def _network(session: Session) -> RoadNetwork | Network | None:
    row = session.get(tables.RoadNetworkRow, 1)
    if row is None:
        return None
    if is_network(row.columns):
        return from_columns(row.columns)
    lists = {name: tuple(values) for name, values in row.columns.items() if name != "node_lonlat"}
    return RoadNetwork(node_lonlat=_line(row.columns["node_lonlat"]), **lists)


def _stand_in(session: Session, center: tables.CenterRow) -> RoadNetwork:
    """Straight lines between villages, for a town whose roads have not been imported; the hall says so."""
    villages = [(v.lon, v.lat) for v in _all(session, tables.VillageRow)]
    return straight_network([(center.lon, center.lat), *villages])


def _water(row: tables.WaterRow) -> Water:
    outline, *holes = row.rings
    return Water(row.id, row.kind, row.name, _line(outline), tuple(_line(hole) for hole in holes))


def _person(row: tables.PersonRow) -> Person:
    base = (row.lon, row.lat)
    return Person(row.id, row.name, row.call_sign, row.force, row.unit_id, row.area, base, row.travel)


def _camera(row: tables.CameraRow) -> Camera:
    return Camera(
        id=row.id,
        number=row.number,
        name=row.name,
        lonlat=(row.lon, row.lat),
        heading_deg=row.heading_deg,
        fov_deg=row.fov_deg,
        range_m=row.range_m,
        area=row.area,
        place=row.place,
        kind=row.kind,
        point_class=row.point_class,
        recorder=row.recorder,
        switch=row.switch,
    )


def _category(row: tables.CategoryRow) -> Category:
    return Category(
        row.code,
        row.field,
        row.name,
        row.priority,
        row.accept,
        row.arrive,
        row.resolve,
        row.lead,
        row.support,
        row.profile,
        row.basis,
        row.own,
    )


class WorkCalendar:
    """Which days are worked: the stored arrangement, and for years that have none, what the clocks fall back on."""

    def __init__(self, days: dict[date, str]) -> None:
        self._days = days
        self._years = {day.year for day in days}

    def __call__(self, day: date) -> bool:
        kind = self._days.get(day)
        if kind is not None:
            return kind in ("workday", "in_lieu")
        return day.weekday() < 5 if day.year in self._years else is_workday(day)

    def is_arranged(self, year: int) -> bool:
        """Whether the arrangement of this year was loaded; if not, pages show ××年节假日安排未导入."""
        return year in self._years


def work_calendar(session: Session) -> WorkCalendar:
    """The calendar as stored, with what an administrator changed in it."""
    return WorkCalendar({row.day: row.kind for row in _all(session, tables.CalendarDayRow)})


def setting(session: Session, key: str, default: Any = None) -> Any:
    """A setting of the hall."""
    row = session.get(tables.SettingRow, key)
    return default if row is None else row.value


def unit_rows(session: Session) -> list[tables.UnitRow]:
    """All units as they are stored."""
    return list(session.scalars(select(tables.UnitRow).order_by(tables.UnitRow.id)))


def category_row(session: Session, code: str) -> tables.CategoryRow | None:
    """A category as it is stored."""
    return session.get(tables.CategoryRow, code)


def category_view(category: Category) -> dict[str, Any]:
    """A category as pages get it."""
    view = asdict(category)
    return {
        key: view[key]
        for key in ("code", "field", "name", "priority", "accept", "arrive", "resolve", "lead", "support")
    }
