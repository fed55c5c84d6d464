"""求助: somebody of the forces calls for help, from the phone page or through the key of a device."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field
from typing_extensions import TypedDict

from command_center.access.guard import Who, require
from command_center.errors import BadInput, Forbidden
from command_center.ingest.routes import IntakeDep
from command_center.registry.door import TownDep
from command_center.timeline import Fact, Transaction
from command_center.timeline.door import CommandDep
from command_center.timeline.facts import iso

router = APIRouter(prefix="/api/v1", tags=["ingest"])

Degrees = Annotated[float, Field(ge=-180, le=180)]


class SosBody(BaseModel):
    """Where and when; what a phone does not know is taken from the last position heard of it."""

    lonlat: tuple[Degrees, Degrees] | None = None
    at: AwareDatetime | None = None


class SosView(TypedDict):
    """What is told of a call for help; `device` is what it came from."""

    person_id: str
    lonlat: tuple[float, float]
    at: str
    device: str


def send_sos(
    tx: Transaction, *, person_id: str, area: str, lonlat: tuple[float, float], at: datetime, device: str
) -> SosView:
    """Record `ingest.sos`.

    Args:
        tx: the transaction.
        person_id: who calls.
        area: grid of the place.
        lonlat: degrees WGS84.
        at: when the key was pressed.
        device: phone, or the name of the driver that heard the key.
    """
    view = SosView(person_id=person_id, lonlat=lonlat, at=iso(at), device=device)
    tx.emit(Fact("ingest.sos", person_id, {**view}, area, parties=(person_id,), happened_at=at))
    return view


@router.post("/sos", status_code=201)
def post_sos(
    body: SosBody,
    who: Annotated[Who, Depends(require("position.send_own"))],
    command: CommandDep,
    town: TownDep,
    intake: IntakeDep,
) -> SosView:
    """Call for help as the signed-in person."""
    person_id = who.person_id
    if person_id is None:
        raise Forbidden("no_person")
    last = intake.last_heard(person_id)
    lonlat = body.lonlat or ((last.lon, last.lat) if last else town.person(person_id).base)
    if not -90.0 <= lonlat[1] <= 90.0:
        raise BadInput("sos_place_bad")
    area = town.area_of(lonlat)
    view: SosView = command.run(
        # A phone with a wrong clock must not call from the future.
        lambda tx: send_sos(
            tx, person_id=person_id, area=area, lonlat=lonlat, at=min(body.at or tx.now, tx.now), device="phone"
        )
    )
    return view
