"""求助: one of the forces calls for help on the phone page; the keys of devices come in by their own drivers."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from command_center.access.guard import Who, require
from command_center.errors import BadInput, Forbidden
from command_center.ingest.facts import SosView, position_view, sos_fact
from command_center.ingest.position import Position
from command_center.ingest.routes import IntakeDep
from command_center.registry.door import TownDep
from command_center.timeline import Transaction
from command_center.timeline.asked import Moment
from command_center.timeline.door import CommandDep
from command_center.timeline.facts import iso
from command_center.timeline.ids import new_id

router = APIRouter(prefix="/api/v1", tags=["ingest"])

Degrees = Annotated[float, Field(ge=-180, le=180)]


class SosBody(BaseModel):
    """Where and when; what a phone does not know is taken from the last position heard of it."""

    lonlat: tuple[Degrees, Degrees] | None = None
    at: Moment | None = None


def send_sos(
    tx: Transaction,
    *,
    person_id: str,
    area: str,
    lonlat: tuple[float, float],
    at: datetime,
    device_id: str,
    device_name: str,
    located: bool = True,
) -> SosView:
    """Record `ingest.sos`.

    Args:
        tx: the transaction.
        person_id: who calls.
        area: grid of the place.
        lonlat: degrees WGS84.
        at: when the key was pressed.
        device_id, device_name: what it was pressed on.
        located: whether the place was told with the call, and not only known from before.
    """
    view = SosView(
        id=new_id(),
        device_id=device_id,
        device_name=device_name,
        device_kind="page",
        person_id=person_id,
        area=area,
        at=iso(at),
        received_at=iso(tx.now),
        late_s=round(max(0.0, (tx.now - at).total_seconds()), 1),
        located=located,
        position=position_view(Position(person_id, at, tx.now, *lonlat)),
    )
    tx.emit(sos_fact(view, at=at, received_at=tx.now))
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

    def send(tx: Transaction) -> SosView:
        # A phone with a wrong clock must not call from the future.
        at = min(body.at or tx.now, tx.now)
        return send_sos(
            tx,
            person_id=person_id,
            area=area,
            lonlat=lonlat,
            at=at,
            device_id=who.id,
            device_name=who.display_name,
            located=body.lonlat is not None,
        )

    view: SosView = command.run(send)
    return view
