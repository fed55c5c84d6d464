"""HTTP of the mode."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from command_center.access.guard import Who, require
from command_center.response.mode import commands, queries
from command_center.response.mode.facts import ModeView
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/mode")


class NewMode(BaseModel):
    war: bool
    reason: Annotated[str, Field(max_length=200)]


@router.get("")
def get_mode(timeline: TimelineDep, who: Annotated[Who, Depends(require("town.see"))]) -> ModeView:
    with timeline.reading() as session:
        return queries.mode_of(session, who.area[:9])


@router.put("")
def put_mode(
    body: NewMode, command: CommandDep, who: Annotated[Who, Depends(require("case.lead", "case.head"))]
) -> ModeView:
    mode: ModeView = command.run(lambda tx: commands.set_mode(tx, war=body.war, reason=body.reason, who=who))
    return mode
