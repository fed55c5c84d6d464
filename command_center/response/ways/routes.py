"""HTTP of ways of working: all of them, one as it is drawn, drafts, versions, and what is offered."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header
from pydantic import BaseModel

from command_center.access.guard import Who, require
from command_center.errors import language_of
from command_center.response.engine.checking import shipped_tables
from command_center.response.ways import commands, queries
from command_center.response.ways.describing import LookedView, MachineView, look, machine_view
from command_center.response.ways.facts import WayView, way_view
from command_center.timeline.asked import Table, Version
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/ways")

Reader = Annotated[Who, Depends(require("case.see", "profile.write"))]
Writer = Annotated[Who, Depends(require("profile.write"))]
Language = Annotated[str | None, Header(alias="accept-language")]


class Draft(BaseModel):
    """`version` is the one the writer saw; 0 for a new way."""

    table: Table
    version: Version


class Seen(BaseModel):
    version: Version


@router.get("")
def get_ways(timeline: TimelineDep, who: Reader) -> list[queries.WayLine]:
    """All ways of working: the center's own with their drafts, and those that come with the product."""
    with timeline.reading() as session:
        return queries.way_lines(session)


@router.get("/machine")
def get_machine(who: Reader, accept_language: Language = None) -> MachineView:
    """The words that a description is made of."""
    return machine_view(language_of(accept_language))


@router.post("/look")
def post_look(
    table: Annotated[Table, Body(embed=True)],
    timeline: TimelineDep,
    who: Reader,
    accept_language: Language = None,
) -> LookedView:
    """How a description would be worked by, what it changes, and every fault. Stores nothing."""
    with timeline.reading() as session:
        in_force = queries.in_force(session, str(table.get("id", "")))
    return look({"version": 1, **table}, shipped_tables(), in_force=in_force, language=language_of(accept_language))


@router.get("/{id}")
def get_way(id: str, timeline: TimelineDep, who: Reader) -> queries.WayDetail:
    with timeline.reading() as session:
        return queries.way_detail(session, id)


@router.put("/{id}")
def put_way(id: str, body: Draft, command: CommandDep, who: Writer) -> WayView:
    """Keep a draft; it may be unfinished and have faults."""
    view: WayView = command.run(
        lambda tx: way_view(commands.save_draft(tx, id=id, table=body.table, version=body.version, who=who))
    )
    return view


@router.delete("/{id}/draft")
def delete_draft(id: str, version: Version, command: CommandDep, who: Writer) -> WayView:
    view: WayView = command.run(lambda tx: way_view(commands.drop_draft(tx, id=id, version=version, who=who)))
    return view


@router.post("/{id}/publish")
def post_publish(id: str, body: Seen, command: CommandDep, who: Writer) -> WayView:
    """Put the draft in force; refused with `problems`, every fault at its place, if it could not be worked by."""
    view: WayView = command.run(lambda tx: way_view(commands.publish(tx, id=id, version=body.version, who=who)))
    return view


@router.post("/{id}/withdraw")
def post_withdraw(id: str, body: Seen, command: CommandDep, who: Writer) -> WayView:
    view: WayView = command.run(lambda tx: way_view(commands.withdraw(tx, id=id, version=body.version, who=who)))
    return view


@router.post("/{id}/restore")
def post_restore(id: str, body: Seen, command: CommandDep, who: Writer) -> WayView:
    view: WayView = command.run(lambda tx: way_view(commands.restore(tx, id=id, version=body.version, who=who)))
    return view
