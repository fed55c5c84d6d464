"""Read imports: what was brought in, newest first, and what is wrong with the grids."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from command_center.registry.imports.kinds import kind_of
from command_center.registry.imports.known import read_known
from command_center.registry.imports.plan import faults_of
from command_center.registry.imports.tables import ImportRow
from command_center.timeline.facts import iso
from gis.grid_faults import Fault

NEWEST = 50


class ImportView(TypedDict):
    """An import that was stored; `note` says what of it waits for the next start, "" if nothing."""

    id: str
    kind: str
    file: str
    sha256: str
    datum: str
    counts: dict[str, int]
    actor: str
    at: str
    note: str


def import_view(row: ImportRow, note: str = "") -> ImportView:
    return {
        "id": row.id,
        "kind": row.kind,
        "file": row.file,
        "sha256": row.sha256,
        "datum": row.datum,
        "counts": row.counts,
        "actor": row.actor,
        "at": iso(row.at),
        "note": note,
    }


def newest_imports(session: Session) -> list[ImportView]:
    rows = session.scalars(select(ImportRow).order_by(ImportRow.at.desc()).limit(NEWEST))
    return [import_view(row) for row in rows]


def stored_faults(session: Session) -> list[Fault]:
    """What is wrong with the grids as they are stored."""
    kind = kind_of("grids")
    return faults_of(read_known(session, kind.table, kind.key, kind.name))
