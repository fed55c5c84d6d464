"""The verb of imports: store a plan whole, with one fact, or leave everything as it was."""

import hashlib
from collections.abc import Mapping
from typing import Any

from shapely.geometry import Polygon
from sqlalchemy import delete, insert, select, update

from command_center.errors import Conflict
from command_center.registry import tables
from command_center.registry.commands import load_catalogues
from command_center.registry.imports.facts import imported
from command_center.registry.imports.plan import Plan
from command_center.registry.imports.tables import ImportRow, KeyRow
from command_center.timeline import Transaction
from command_center.timeline.ids import new_id
from gis.grid import AreaIndex
from gis.roads import to_columns

LOCATED = (tables.CameraRow, tables.PlaceRow, tables.UnitRow)
AT_ONCE = 500


def apply_plan(tx: Transaction, plan: Plan, *, actor: Mapping[str, str] | None = None) -> ImportRow:
    """Store what a plan says, and record `registry.imported`.

    Raises:
        Conflict: the town has changed since the plan was made.
    """
    center = tx.session.scalar(select(tables.CenterRow).with_for_update())
    if (center.digest if center is not None else "") != plan.base:
        raise Conflict("import_town_changed")
    _store(tx, plan)
    if center is None:
        load_catalogues(tx)
        center = tx.session.scalars(select(tables.CenterRow)).one()
    if plan.network is not None:
        tx.session.merge(tables.RoadNetworkRow(id=1, columns=to_columns(plan.network)))
    if plan.kind.name in ("center", "villages", "grids"):
        plan.moved = _find_areas_anew(tx, plan, center.code)
    row = ImportRow(
        id=new_id(),
        kind=plan.kind.name,
        file=plan.file[:255],
        sha256=plan.sha256,
        datum=plan.datum,
        counts=plan.counts,
        actor=(actor or {}).get("name", "")[:64],
        at=tx.now,
    )
    tx.session.add(row)
    # The town is told apart by this: every page and every cache asks for it again.
    center.digest = hashlib.sha256(f"{plan.base}{plan.sha256}{row.id}".encode()).hexdigest()
    tx.emit(
        imported(
            id=row.id,
            kind=row.kind,
            counts=plan.counts,
            sha256=row.sha256,
            actor=actor,
            area=center.code,
            digest=center.digest,
        )
    )
    return row


def _store(tx: Transaction, plan: Plan) -> None:
    table, key = plan.kind.table, getattr(plan.kind.table, plan.kind.key)
    for start in range(0, len(plan.removed), AT_ONCE):
        tx.session.execute(delete(table).where(key.in_(plan.removed[start : start + AT_ONCE])))
    _step_aside(tx, plan)
    for id, changes in plan.changed.items():
        values = {name: after for name, (_, after) in changes.items()}
        tx.session.execute(update(table).where(key == id).values(values))
    if plan.new:
        tx.session.execute(insert(table), list(plan.new.values()))
    _remember_keys(tx, plan)
    tx.session.flush()


def _remember_keys(tx: Transaction, plan: Plan) -> None:
    """So that the next import of the same list finds the same rows."""
    keys = list(plan.keys)
    for start in range(0, len(keys), AT_ONCE):
        stale = KeyRow.kind == plan.kind.name, KeyRow.key.in_(keys[start : start + AT_ONCE])
        tx.session.execute(delete(KeyRow).where(*stale))
    if keys:
        tx.session.execute(insert(KeyRow), [{"kind": plan.kind.name, "key": own, "id": plan.keys[own]} for own in keys])


def _step_aside(tx: Transaction, plan: Plan) -> None:
    """Numbers and call signs that change hands are put aside first: each is unique at every moment."""
    column = {"cameras": "number", "people": "call_sign"}.get(plan.kind.name, "")
    table, key = plan.kind.table, getattr(plan.kind.table, plan.kind.key)
    for place, (id, changes) in enumerate(plan.changed.items()):
        if column in changes:
            tx.session.execute(update(table).where(key == id).values({column: f"~{place}"}))


def _find_areas_anew(tx: Transaction, plan: Plan, town: str) -> int:
    """Give cameras, places and units the grid in which they lie now, and people the new number of theirs."""
    session = tx.session
    session.expire_all()
    areas = {row.code: Polygon(row.outline) for row in session.scalars(select(tables.VillageRow))}
    grids = {row.code: Polygon(row.outline) for row in session.scalars(select(tables.GridRow))}
    moved = 0
    for table in LOCATED:
        rows: list[Any] = list(session.scalars(select(table)))
        found = _areas_of([(row.lon, row.lat) for row in rows], (grids, areas), town)
        for row, area in zip(rows, found, strict=True):
            moved += row.area != area
            row.area = area
    for person in session.scalars(select(tables.PersonRow)):
        person.area = plan.renumbered.get(person.area, person.area)
        if person.area != town and person.area not in grids and person.area not in areas:
            person.area = town
    session.flush()
    return moved


def _areas_of(lonlats: list[tuple[float, float]], levels: tuple[dict[str, Polygon], ...], town: str) -> list[str]:
    """The smallest area at each place."""
    found = [town] * len(lonlats)
    for level in reversed(levels):
        if level and lonlats:
            for place, code in enumerate(AreaIndex(list(level), list(level.values())).find_many(lonlats)):
                found[place] = code or found[place]
    return found
