"""What the detectors of each camera have learned, kept so that a restart does not begin anew."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from command_center.ingest.tables import MemoryRow
from command_center.timeline import Transaction

INSERTS: dict[str, Callable[..., Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def store(tx: Transaction, memories: Mapping[str, dict[str, Any]]) -> None:
    """Keep the newest memory of each of these cameras."""
    if not memories:
        return
    insert = INSERTS[tx.session.get_bind().dialect.name](MemoryRow)
    write = insert.on_conflict_do_update(
        index_elements=["camera_id"], set_={name: insert.excluded[name] for name in ("memory", "saved_at")}
    )
    rows = [{"camera_id": id, "memory": memory, "saved_at": tx.now} for id, memory in memories.items()]
    tx.session.execute(write, rows)


def memories(session: Session) -> dict[str, dict[str, Any]]:
    """The memory of every camera that has one, by its id."""
    return {row.camera_id: row.memory for row in session.scalars(select(MemoryRow))}


def memory(session: Session, camera_id: str) -> tuple[dict[str, Any], datetime] | None:
    """What was learned of one camera, and when it was saved."""
    row = session.get(MemoryRow, camera_id)
    return (row.memory, row.saved_at) if row is not None else None


def forget_others(tx: Transaction, camera_ids: Collection[str]) -> None:
    """Delete what was learned of cameras that are no longer watched."""
    known = set(tx.session.scalars(select(MemoryRow.camera_id)))
    tx.session.execute(delete(MemoryRow).where(MemoryRow.camera_id.in_(known.difference(camera_ids))))
