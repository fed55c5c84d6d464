"""How routes get at the parts of the hall that response needs."""

from typing import Annotated

from fastapi import Depends, Request

from command_center.ingest.positions import PositionIntake
from command_center.registry.closures.roads import RoadsDep
from command_center.registry.door import TownDep
from command_center.response.advice import Adviser
from command_center.response.terms import Terms
from command_center.timeline.door import TimelineDep


def get_terms(town: TownDep) -> Terms:
    return Terms(town.categories.values())


def get_adviser(request: Request, town: TownDep, roads: RoadsDep, timeline: TimelineDep) -> Adviser:
    intake: PositionIntake = request.app.state.intake
    with timeline.reading() as session:
        return Adviser(town, intake, roads.now(session, timeline.now()))


TermsDep = Annotated[Terms, Depends(get_terms)]
AdviserDep = Annotated[Adviser, Depends(get_adviser)]
