"""Imports put together: what else holds on to the town's rows, and what has to follow when they change."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.access.guard import Who
from command_center.access.tables import UserRow
from command_center.errors import NotFound
from command_center.ingest.tables import FeedRow
from command_center.patrol.points.tables import PointRow
from command_center.registry import tables
from command_center.registry.imports.commands import apply_plan
from command_center.registry.imports.export import write_layer
from command_center.registry.imports.kinds import kind_of
from command_center.registry.imports.known import read_known
from command_center.registry.imports.plan import Plan, Wish, faults_of, make_plan
from command_center.registry.queries import town_index
from command_center.response.parties.keys import Keyring
from command_center.response.past import plan as past
from command_center.response.past.commands import bring
from command_center.response.responders import muster
from command_center.response.tables import ResponderRow
from command_center.response.telling import tell_responder
from command_center.timeline import Timeline, Transaction
from gis.grid_faults import Fault


def in_use(session: Session, kind: str, ids: Sequence[str]) -> Mapping[str, str]:
    """Which of these rows somebody holds on to, and what: they are not removed."""
    held: dict[str, str] = {}
    for name, holding in _HOLDERS.get(kind, ()):
        held |= {id: name for id in set(session.scalars(holding)) & set(ids)}
    return held


_HOLDERS: Mapping[str, tuple[tuple[str, Any], ...]] = {
    "cameras": (("feed 画面", select(FeedRow.camera_id)),),
    "people": (
        ("account 账号", select(UserRow.person_id)),
        ("mandatory point 必巡点位", select(PointRow.person_id)),
        ("order 指令单", select(ResponderRow.id).where(ResponderRow.order_id.is_not(None))),
    ),
    "units": (("people 人员", select(tables.PersonRow.unit_id)),),
    "villages": (("grids 网格", select(tables.GridRow.village)),),
}


def follow(tx: Transaction, plan: Plan) -> None:
    """Let responders follow the people of the registry: new ones muster, others change, gone ones are off duty."""
    if plan.kind.name not in ("people", "grids", "villages"):
        return
    people = {row.id: row for row in tx.session.scalars(select(tables.PersonRow))}
    muster(tx, people.values())
    for responder in tx.session.scalars(select(ResponderRow).order_by(ResponderRow.id)):
        person = people.get(responder.id)
        if person is None:
            changes = {"status": "off_duty", "base_status": "off_duty"} if responder.order_id is None else {}
        else:
            changes = {name: getattr(person, name) for name in ("name", "call_sign", "force", "unit_id", "area")}
        if any(getattr(responder, name) != value for name, value in changes.items()):
            for name, value in changes.items():
                setattr(responder, name, value)
            tell_responder(tx, "response.mustered", responder)


def run(timeline: Timeline, path: Path, wish: Wish, *, apply: bool) -> Plan:
    """Work out an import, and with `apply` carry it out, in one transaction.

    Raises:
        YipingError: the file cannot be read so, or another layer has to come first.
    """
    with timeline.reading() as session:
        plan = make_plan(session, path, wish, in_use=in_use)
    if apply and plan.changes_anything:
        with timeline.transaction() as tx:
            apply_plan(tx, plan, actor={"id": "console", "name": "yiping import"})
            follow(tx, plan)
    return plan


def bring_past(timeline: Timeline, path: Path, wish: past.Wish, *, keys: Keyring, apply: bool) -> past.Plan:
    """Work out what a table of another system's requests would bring, and with `apply` bring it in.

    Raises:
        YipingError: the file cannot be read so, there is no town, or no key for the names of callers.
    """
    with timeline.reading() as session:
        town = town_index(session)
        plan = past.make_plan(session, town, path, wish, now=timeline.now())
    if apply and (plan.closed or plan.open):
        # Whoever may run this may do anything; the seat is the one that takes matters down.
        who = Who("console", "console", "往年件导入", "intake", town.center.code)
        bring(timeline, town, plan, who=who, keys=keys)
    return plan


def export(timeline: Timeline, kind: str, path: Path) -> int:
    """Write a layer to a file, whole phone numbers and all: whoever has the database has them anyway."""
    with timeline.reading() as session:
        return write_layer(session, kind_of(kind), path, whole=True)


def check(timeline: Timeline) -> list[Fault]:
    """What is wrong with the grids of the stored town.

    Raises:
        NotFound: there is no town.
    """
    kind = kind_of("grids")
    with timeline.reading() as session:
        known = read_known(session, kind.table, kind.key, kind.name)
    if not known.code:
        raise NotFound("town_not_loaded")
    return faults_of(known)
