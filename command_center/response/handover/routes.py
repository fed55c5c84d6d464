"""HTTP of hand-overs: given by a station or by the platform of the police, read by those and by the center."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field

from command_center.access.guard import Who, require
from command_center.registry.door import TownDep
from command_center.response.handover import commands, queries
from command_center.response.handover.facts import HandoverView
from command_center.response.intake.commands import Matter
from command_center.response.intake.routes import Lat, Lon, NewCrowd, crowd_of
from command_center.response.parts import TermsDep
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/handovers")

Gives = Annotated[Who, Depends(require("case.hand_over", "case.take_in"))]
Reads = Annotated[Who, Depends(require("case.hand_over", "case.see"))]


class NewHandover(BaseModel):
    """The 接警单, and where the matter is."""

    number: Annotated[str, Field(min_length=1, max_length=40)]
    kind: Literal["刑事", "治安", "交通", "纠纷", "求助", "其他"]
    reported_at: AwareDatetime
    category: Annotated[str, Field(max_length=8)]
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    place: Annotated[str, Field(min_length=1, max_length=200)]
    lonlat: tuple[Lon, Lat]
    dealt: Annotated[str, Field(min_length=1, max_length=2000)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    contact: Annotated[str, Field(max_length=64)] = ""
    station: Annotated[str, Field(max_length=64)] = ""
    contactable: bool = True
    level: Annotated[int, Field(ge=1, le=4)] = 4
    crowd: NewCrowd | None = None


@router.post("", status_code=201)
def post_handover(body: NewHandover, command: CommandDep, town: TownDep, terms: TermsDep, who: Gives) -> HandoverView:
    """Sent again under the same number, the answer is that of the first time."""
    incident = commands.Incident(
        **body.model_dump(include={"number", "kind", "reported_at", "dealt", "reason", "contact", "station"})
    )
    matter = Matter(
        **body.model_dump(include={"category", "text", "place", "lonlat", "contactable", "level"}),
        channel=commands.CHANNEL,
        area=town.area_of(body.lonlat),
        crowd=crowd_of(body.crowd),
    )
    view: HandoverView = command.run(lambda tx: commands.hand_over(tx, incident, matter, who=who, terms=terms))
    return view


@router.get("")
def get_handovers(timeline: TimelineDep, who: Reads) -> list[HandoverView]:
    """The newest hundred."""
    with timeline.reading() as session:
        return queries.given(session, who)


@router.get("/{number}")
def get_handover(number: str, timeline: TimelineDep, who: Reads) -> HandoverView:
    with timeline.reading() as session:
        return queries.one(session, who, number)
