"""A way of working is written, published as a version, withdrawn and offered again. What was opened stays as it was."""

import re
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import func, select

from command_center.access.guard import Who
from command_center.errors import BadInput, Conflict, NotFound
from command_center.registry.queries import setting
from command_center.response.engine.checking import shipped_tables
from command_center.response.engine.reading import merged
from command_center.response.intake.channels import DEFAULT_WAYS, WAYS
from command_center.response.tables import ProfileRow, WayRow
from command_center.response.ways.comparing import changes, spelled_out
from command_center.response.ways.describing import problems_of
from command_center.response.ways.facts import way_fact
from command_center.response.ways.faults import Faulty
from command_center.timeline import Transaction

ID = re.compile(r"[a-z][a-z0-9_]{1,31}")
LONGEST_BYTES = 64_000
# Its cases come from alerts and are worked on the dispatch desk, whose pages know its states.
NOT_COPIED = frozenset({"hall"})


def save_draft(tx: Transaction, *, id: str, table: Mapping[str, Any], version: int, who: Who) -> WayRow:
    """Keep a description as far as it is written; nobody works by it until it is published.

    Args:
        version: the one the writer saw; 0 begins a new way.

    Raises:
        BadInput: the id cannot be one, there is no name, it is too long, or it extends nothing that may be.
        Conflict: the id belongs to the product or to another way, somebody else wrote meanwhile, or the base changed.
        NotFound: there is no such way to go on with.
    """
    if id in shipped_tables():
        raise Conflict("way_shipped", way=id)
    if not ID.fullmatch(id):
        raise BadInput("way_id_bad")
    written = {**table, "id": id}
    _check_draft(written)
    row = tx.session.get(WayRow, id, with_for_update=True, populate_existing=True)
    if version == 0:
        if row is not None:
            raise Conflict("way_id_taken", way=id)
        row = WayRow(id=id, base=written["extends"], draft=None, standing=None, published=None, version=0)
        tx.session.add(row)
    else:
        row = _held(row, id, version)
        if written["extends"] != row.base:
            raise Conflict("way_base_stays", way=id, base=row.base)
    row.draft = written
    _touch(tx, row, who)
    tx.emit(way_fact("response.way_written", row, who=who))
    return row


def drop_draft(tx: Transaction, *, id: str, version: int, who: Who) -> WayRow:
    """Give up what was not published; a way that never was is gone with it.

    Raises:
        NotFound, Conflict: as `_own`; Conflict also if there is no draft.
    """
    row = _own(tx, id, version)
    draft = _drafted(row)
    row.draft = None
    if row.published is None:
        # So that what is told still has a name.
        row.standing = draft
    _touch(tx, row, who)
    tx.emit(way_fact("response.way_dropped", row, who=who))
    if row.published is None:
        tx.session.delete(row)
    return row


def publish(tx: Transaction, *, id: str, version: int, who: Who) -> WayRow:
    """Put the draft in force as the next version; cases opened before stay under theirs.

    Raises:
        Faulty: it could not be worked by; with all that is wrong.
        NotFound, Conflict: as `drop_draft`; Conflict also if it says nothing new.
    """
    row = _own(tx, id, version)
    draft = _drafted(row)
    last = tx.session.scalar(select(func.max(ProfileRow.version)).where(ProfileRow.id == id)) or 0
    table = {**draft, "version": last + 1}
    problems = problems_of(table, shipped_tables())
    if problems:
        raise Faulty(problems)
    body = merged(table, shipped_tables())
    before = tx.session.get(ProfileRow, (id, row.published)) if row.published else None
    differs = None if before is None else changes(spelled_out(before.body, "zh"), spelled_out(body, "zh"))
    if differs == []:
        raise Conflict("way_nothing_new", way=id)
    tx.session.add(ProfileRow(id=id, version=last + 1, body=body, kept_at=tx.now))
    row.standing, row.draft, row.published, row.withdrawn_at = table, None, last + 1, None
    _touch(tx, row, who)
    tx.emit(way_fact("response.way_published", row, who=who, changed=[one["where"] for one in differs or ()]))
    return row


def withdraw(tx: Transaction, *, id: str, version: int, who: Who) -> WayRow:
    """Open no more cases under it; those that are open go on.

    Raises:
        NotFound, Conflict: as `_own`; Conflict also if it is not in force, or doors still lead to it.
    """
    row = _own(tx, id, version)
    if row.published is None or row.withdrawn_at is not None:
        raise Conflict("way_not_in_force", way=id)
    doors = [door for door, way in setting(tx.session, WAYS, DEFAULT_WAYS).items() if way == id]
    if doors:
        raise Conflict("way_in_use", way=id, count=len(doors))
    row.withdrawn_at = tx.now
    _touch(tx, row, who)
    tx.emit(way_fact("response.way_withdrawn", row, who=who))
    return row


def restore(tx: Transaction, *, id: str, version: int, who: Who) -> WayRow:
    """Offer a withdrawn way again, in the version it had.

    Raises:
        NotFound, Conflict: as `_own`; Conflict also if it is not withdrawn.
    """
    row = _own(tx, id, version)
    if row.withdrawn_at is None:
        raise Conflict("way_not_withdrawn", way=id)
    row.withdrawn_at = None
    _touch(tx, row, who)
    tx.emit(way_fact("response.way_restored", row, who=who))
    return row


def _check_draft(table: Mapping[str, Any]) -> None:
    names = table.get("name")
    if not isinstance(names, dict) or not all(
        isinstance(names.get(language), str) and names[language].strip() for language in ("zh", "en")
    ):
        raise BadInput("way_name_needed")
    base = table.get("extends")
    if not isinstance(base, str) or base not in shipped_tables() or base in NOT_COPIED:
        raise BadInput("way_base_bad", base=base)
    if len(orjson.dumps(table)) > LONGEST_BYTES:
        raise BadInput("way_too_long", kilobytes=LONGEST_BYTES // 1000)


def _own(tx: Transaction, id: str, version: int) -> WayRow:
    if id in shipped_tables():
        raise Conflict("way_shipped", way=id)
    return _held(tx.session.get(WayRow, id, with_for_update=True, populate_existing=True), id, version)


def _held(row: WayRow | None, id: str, version: int) -> WayRow:
    """A way that nobody changed since the caller saw it.

    Raises:
        NotFound: there is none.
        Conflict: somebody changed it meanwhile; says who.
    """
    if row is None:
        raise NotFound("way_not_found", way=id)
    if row.version != version:
        raise Conflict("way_changed", way=id, name=row.changed_by["name"])
    return row


def _drafted(row: WayRow) -> dict[str, Any]:
    if row.draft is None:
        raise Conflict("way_no_draft", way=row.id)
    return dict(row.draft)


def _touch(tx: Transaction, row: WayRow, who: Who) -> None:
    row.changed_at, row.changed_by = tx.now, who.json()
    row.version += 1
    tx.session.flush()
