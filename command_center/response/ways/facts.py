"""How a way of working is told: what it is called and which version is in force; its text is kept with its cases."""

from typing_extensions import TypedDict

from command_center.access.guard import Who
from command_center.response.tables import WayRow
from command_center.timeline.facts import Fact, iso


class WriterView(TypedDict):
    id: str
    name: str


class WayView(TypedDict):
    """`published`: the version in force; `draft`: whether something waits to be published."""

    id: str
    name: dict[str, str]
    base: str
    published: int | None
    draft: bool
    withdrawn: bool
    changed_at: str
    changed_by: WriterView
    version: int


def way_view(row: WayRow) -> WayView:
    table = row.draft or row.standing or {}
    return {
        "id": row.id,
        "name": dict(table.get("name") or {}),
        "base": row.base,
        "published": row.published,
        "draft": row.draft is not None,
        "withdrawn": row.withdrawn_at is not None,
        "changed_at": iso(row.changed_at),
        "changed_by": row.changed_by,
        "version": row.version,
    }


def way_fact(kind: str, row: WayRow, *, who: Who, changed: list[str] | None = None) -> Fact:
    """`changed`: places of the description in which a new version differs from the one before."""
    data = {"way": way_view(row), **({} if changed is None else {"changed": changed})}
    return Fact(kind, row.id, data, who.area[:9], actor=who.json())
