"""Rows of the registry. Points are lon/lat degrees WGS84; outlines and lines are JSON arrays of [lon, lat]."""

from datetime import date
from typing import Any

from sqlalchemy import Boolean, Date, Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from command_center.timeline.tables import Base, JsonText

AREA = String(15)


class CenterRow(Base):
    """综治中心: the one town this hall looks after. `origin` names the data set, `digest` its content."""

    __tablename__ = "registry_center"

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    county: Mapped[str] = mapped_column(String(64))
    model: Mapped[bool] = mapped_column(Boolean)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    outline: Mapped[Any] = mapped_column(JsonText)
    origin: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class VillageRow(Base):
    """村 and 社区. `code` has 12 digits."""

    __tablename__ = "registry_village"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    outline: Mapped[Any] = mapped_column(JsonText)


class GridRow(Base):
    """网格. `code` has 15 digits; kind `base` 基础网格 or `special` 专属网格."""

    __tablename__ = "registry_grid"

    code: Mapped[str] = mapped_column(AREA, primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    village: Mapped[str] = mapped_column(String(12), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    households: Mapped[int] = mapped_column(Integer)
    outline: Mapped[Any] = mapped_column(JsonText)


class RoadRow(Base):
    """A road as drawn."""

    __tablename__ = "registry_road"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64))
    line: Mapped[Any] = mapped_column(JsonText)


class RoadNetworkRow(Base):
    """The roads as travelled. One row: a network is read whole and replaced whole, never stretch by stretch.

    `columns` is what `gis.roads.to_columns` makes of imported roads, or the straight arcs of a model town.
    """

    __tablename__ = "registry_road_network"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    columns: Mapped[Any] = mapped_column(JsonText)


class WaterRow(Base):
    """River, canal, pond or reservoir."""

    __tablename__ = "registry_water"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64))
    rings: Mapped[Any] = mapped_column(JsonText)


class PlaceRow(Base):
    """A place people know by name."""

    __tablename__ = "registry_place"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(64))
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    area: Mapped[str] = mapped_column(AREA)


class UnitRow(Base):
    """单位: a station, office or team."""

    __tablename__ = "registry_unit"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(64))
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    area: Mapped[str] = mapped_column(AREA)


class PersonRow(Base):
    """One of the forces. `lon`, `lat` is where the day begins; `travel` is car, scooter or foot.

    `phone` is personal: it leaves the registry masked, and whole only for whoever keeps it.
    """

    __tablename__ = "registry_person"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    call_sign: Mapped[str] = mapped_column(String(16), unique=True)
    force: Mapped[str] = mapped_column(String(3), index=True)
    unit_id: Mapped[str] = mapped_column(String(16))
    area: Mapped[str] = mapped_column(AREA)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    travel: Mapped[str] = mapped_column(String(8))
    phone: Mapped[str] = mapped_column(String(20), default="", server_default="")


class CameraRow(Base):
    """A camera under its GB/T 28181 id. `seq` is its place in the list: a demonstration plays the first ones.

    `recorder` and `switch` name what it hangs on, empty where nobody knows: cameras lost together share one of them.
    """

    __tablename__ = "registry_camera"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, unique=True)
    number: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(128))
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    heading_deg: Mapped[float] = mapped_column(Float)
    fov_deg: Mapped[float] = mapped_column(Float)
    range_m: Mapped[float] = mapped_column(Float)
    area: Mapped[str] = mapped_column(AREA, index=True)
    place: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    point_class: Mapped[int] = mapped_column(Integer)
    recorder: Mapped[str] = mapped_column(String(40), default="", server_default="", index=True)
    switch: Mapped[str] = mapped_column(String(40), default="", server_default="")


class CategoryRow(Base):
    """事项小类 with its clocks as the catalogue spells them (4wh, 30m, 3wd, 15d; "-" for none)."""

    __tablename__ = "registry_category"

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    field: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(64))
    priority: Mapped[str] = mapped_column(String(2))
    accept: Mapped[str] = mapped_column(String(8))
    arrive: Mapped[str] = mapped_column(String(8))
    resolve: Mapped[str] = mapped_column(String(8))
    lead: Mapped[str] = mapped_column(String(64))
    support: Mapped[str] = mapped_column(String(128))
    profile: Mapped[str] = mapped_column(String(32))
    basis: Mapped[str] = mapped_column(String(128))
    own: Mapped[bool] = mapped_column(Boolean)


class CalendarDayRow(Base):
    """A day whose kind is known: workday 工作日, weekend 休息日, holiday 节假日, in_lieu 调休上班."""

    __tablename__ = "registry_calendar_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(String(64))


class SettingRow(Base):
    """A setting of the hall that people change while it runs, as JSON."""

    __tablename__ = "registry_setting"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JsonText)
    note: Mapped[str] = mapped_column(Text, default="")
