"""How routes get at the parts of the hall that response needs."""

from typing import Annotated

from fastapi import Depends, Request

from command_center.registry.door import TownDep
from command_center.response.advice import Adviser
from command_center.response.terms import Terms


def get_terms(town: TownDep) -> Terms:
    return Terms(town.categories.values())


def get_adviser(request: Request) -> Adviser:
    adviser: Adviser = request.app.state.adviser
    return adviser


TermsDep = Annotated[Terms, Depends(get_terms)]
AdviserDep = Annotated[Adviser, Depends(get_adviser)]
