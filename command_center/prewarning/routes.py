"""HTTP of alerts: read them, take them, dismiss them. Confirming opens a case, so it lives with the response."""

from typing import Annotated

import anyio.from_thread
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from command_center.access.guard import Who, require
from command_center.ingest.camera_routes import WatcherDep
from command_center.ingest.feeds import feeds
from command_center.prewarning import commands, feedback, queries
from command_center.prewarning.facts import AlertKindView, AlertView, kind_view
from command_center.prewarning.feedback import ProposalView
from command_center.prewarning.rules import RULES
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/api/v1/alerts", tags=["prewarning"])


Adjuster = Annotated[Who, Depends(require("camera.adjust"))]


class Dismissal(BaseModel):
    reason: Annotated[str, Field(max_length=40)]
    note: Annotated[str | None, Field(max_length=1000)] = None


@router.get("")
def list_alerts(
    timeline: TimelineDep,
    who: Annotated[Who, Depends(require("alert.see"))],
    state: Annotated[list[str] | None, Query(max_length=10)] = None,
    camera_id: Annotated[str | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[AlertView]:
    with timeline.reading() as session:
        return queries.alerts(session, who, states=state or (), camera_id=camera_id, limit=limit)


@router.get("/kinds")
def list_kinds(_who: Annotated[Who, Depends(require("alert.see"))]) -> list[AlertKindView]:
    """Every kind of alert there is, the gravest first, with its codes of GB/T 28181."""
    return [kind_view(rule, RULES) for rule in sorted(RULES.all(), key=lambda rule: rule.level)]


@router.get("/proposals")
def list_proposals(
    timeline: TimelineDep, who: Annotated[Who, Depends(require("alert.see", "camera.adjust"))]
) -> list[ProposalView]:
    """Lower sensitivities that false alarms speak for and nobody has decided on."""
    with timeline.reading() as session:
        return feedback.proposals(session, who)


@router.post("/proposals/{id}/accept")
def accept_proposal(
    id: str, command: CommandDep, timeline: TimelineDep, who: Adjuster, watcher: WatcherDep
) -> ProposalView:
    """Watch the camera less sensitively; it counts from the next look on."""
    view: ProposalView = command.run(lambda tx: feedback.decide(tx, id=id, who=who, accepted=True))
    if watcher is not None:
        with timeline.reading() as session:
            now = feeds(session)
        anyio.from_thread.run(watcher.set_feeds, now)
    return view


@router.post("/proposals/{id}/refuse")
def refuse_proposal(id: str, command: CommandDep, who: Adjuster) -> ProposalView:
    view: ProposalView = command.run(lambda tx: feedback.decide(tx, id=id, who=who, accepted=False))
    return view


@router.get("/{id}")
def get_alert(id: str, timeline: TimelineDep, who: Annotated[Who, Depends(require("alert.see"))]) -> AlertView:
    with timeline.reading() as session:
        return queries.alert(session, id=id, who=who)


@router.post("/{id}/take")
def take(id: str, command: CommandDep, who: Annotated[Who, Depends(require("alert.take"))]) -> AlertView:
    view: AlertView = command.run(lambda tx: commands.take(tx, id=id, who=who))
    return view


@router.post("/{id}/dismiss")
def dismiss(
    id: str, body: Dismissal, command: CommandDep, who: Annotated[Who, Depends(require("alert.dismiss"))]
) -> AlertView:
    view: AlertView = command.run(lambda tx: commands.dismiss(tx, id=id, who=who, reason=body.reason, note=body.note))
    return view
