"""HTTP of questions: what the caller is asked, and his answer."""

from typing import Annotated

from fastapi import APIRouter, Depends

from command_center.access.guard import Who, require
from command_center.prewarning.safety import commands, queries
from command_center.prewarning.safety.facts import SafetyView, safety_view
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/api/v1/safety", tags=["prewarning"])

Asked = Annotated[Who, Depends(require("position.send_own"))]


@router.get("/mine")
def get_own_questions(who: Asked, timeline: TimelineDep) -> list[SafetyView]:
    """Whether the caller is asked if he is safe."""
    with timeline.reading() as session:
        return queries.own_questions(session, who)


@router.post("/{id}/answer")
def post_answer(id: str, who: Asked, command: CommandDep) -> SafetyView:
    """Say: I am safe."""
    view: SafetyView = command.run(lambda tx: safety_view(commands.answer(tx, id=id, who=who)))
    return view
