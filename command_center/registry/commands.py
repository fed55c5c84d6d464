"""The verbs on the registry: load a town, load the catalogues."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import chinese_calendar
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from command_center.errors import Conflict
from command_center.registry import tables
from command_center.registry.catalogue import categories
from command_center.registry.facts import town_loaded
from command_center.timeline import Transaction
from command_center.timeline.tables import Base
from gis.town_model import Lonlat, Town

CALENDAR_FROM, CALENDAR_TO = date(2025, 1, 1), date(2026, 12, 31)


def load_town(tx: Transaction, town: Town) -> bool:
    """Store a whole town and its catalogues, and record `registry.town_loaded`.

    Returns:
        False if this town was loaded before; then nothing changes.

    Raises:
        Conflict: the hall already looks after another town, or the same made from another seed or number of cameras.
    """
    origin = f"{town.center.code}:{town.seed}:{len(town.cameras)}"
    loaded = tx.session.scalar(select(tables.CenterRow))
    if loaded is not None:
        if loaded.origin != origin:
            raise Conflict("town_other", name=loaded.name, origin=loaded.origin, other=origin)
        return False
    digest = hashlib.sha256(town.to_json()).hexdigest()
    for table, rows in _rows(town, origin, digest):
        tx.session.execute(insert(table), rows)
    load_catalogues(tx)
    counts = {"cameras": len(town.cameras), "persons": len(town.persons), "grids": len(town.grids)}
    tx.emit(town_loaded(code=town.center.code, name=town.center.name, digest=digest, counts=counts))
    return True


def hang_cameras(tx: Transaction, town: Callable[[], Town]) -> None:
    """Write down recorders and switches of cameras loaded before they were known; `town` is asked for only then."""
    bare = select(tables.CameraRow).where(tables.CameraRow.recorder == "")
    rows = {row.id: row for row in tx.session.scalars(bare)}
    for camera in town().cameras if rows else ():
        if camera.id in rows:
            rows[camera.id].recorder, rows[camera.id].switch = camera.recorder, camera.switch


def load_catalogues(tx: Transaction) -> None:
    """Bring the stored catalogue of categories up to the file, and store the holiday arrangement that is known."""
    for category in categories():
        tx.session.merge(tables.CategoryRow(**asdict(category)))
    for row in known_days(CALENDAR_FROM, CALENDAR_TO):
        if tx.session.get(tables.CalendarDayRow, row["day"]) is None:
            tx.session.add(tables.CalendarDayRow(**row))


def keep_setting(session: Session, key: str, value: Any) -> None:
    """Keep a setting of the hall; whoever changes it tells why it matters."""
    session.merge(tables.SettingRow(key=key, value=value, note=""))


def known_days(start: date, end: date) -> list[dict[str, Any]]:
    """Days from `start` to `end` that are holidays or worked instead of one; `end` within what the package knows."""
    days = []
    for offset in range((end - start).days + 1):
        day = start + timedelta(days=offset)
        free, name = chinese_calendar.get_holiday_detail(day)
        if name is not None:
            kind = "holiday" if free else "in_lieu"
            days.append({"day": day, "kind": kind, "name": str(name), "source": "chinesecalendar"})
    return days


def _rows(town: Town, origin: str, digest: str) -> Iterable[tuple[type[Base], list[dict[str, Any]]]]:
    center = town.center
    yield (
        tables.CenterRow,
        [
            {
                "code": center.code,
                "name": center.name,
                "county": center.county,
                "model": center.model,
                **_at(center.lonlat),
                "outline": town.outline,
                "origin": origin,
                "digest": digest,
            }
        ],
    )
    yield tables.VillageRow, [_flat(one, "center") for one in town.villages]
    yield tables.GridRow, [asdict(one) for one in town.grids]
    yield tables.RoadRow, [asdict(one) for one in town.roads]
    yield tables.RoadNetworkRow, [{"id": 1, "columns": asdict(town.network)}]
    yield (
        tables.WaterRow,
        [{"id": w.id, "kind": w.kind, "name": w.name, "rings": [w.outline, *w.holes]} for w in town.waters],
    )
    yield tables.PlaceRow, [_flat(one, "lonlat") for one in town.places]
    yield tables.UnitRow, [_flat(one, "lonlat") for one in town.units]
    yield tables.PersonRow, [_flat(one, "base") for one in town.persons]
    yield tables.CameraRow, [{"seq": i + 1, **_flat(one, "lonlat")} for i, one in enumerate(town.cameras)]


def _at(lonlat: Lonlat) -> dict[str, float]:
    return {"lon": lonlat[0], "lat": lonlat[1]}


def _flat(record: Any, point: str) -> dict[str, Any]:
    """A record as columns, its point as `lon` and `lat`."""
    columns = asdict(record)
    return {**_at(columns.pop(point)), **columns}
