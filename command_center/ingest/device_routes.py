"""HTTP for whoever must know whether a phone sleeps or a person is absent: all devices and how they are."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session

from command_center.access import queries
from command_center.access.facts import DeviceView
from command_center.access.guard import Who, require
from command_center.ingest.device_states import DeviceState, view
from command_center.ingest.facts import DeviceStateView
from command_center.ingest.reception import Reception
from command_center.timeline.door import TimelineDep

router = APIRouter(prefix="/api/v1", tags=["ingest"])

DeviceReader = Annotated[Who, Depends(require("device.see"))]


class DeviceLine(DeviceStateView):
    """A device: how it was registered, and how it is. What is registered is None for a user's own phone page."""

    external_id: str | None
    datum: str | None
    secret_required: bool | None
    active: bool
    created_at: str | None


@router.get("/devices")
def get_devices(request: Request, who: DeviceReader, timeline: TimelineDep) -> list[DeviceLine]:
    """Registered devices of the caller's area, the oldest first, and then phone pages that were heard of."""
    reception: Reception = request.app.state.reception
    now = timeline.now()
    with timeline.reading() as db:
        registered = queries.devices(db, who)
        lines = [_registered(one, reception.states.get(one["id"]), now) for one in registered]
        pages = [state for state in reception.states.all() if state.sender.kind == "page"]
        return lines + _pages(db, who, pages, now)


def _registered(one: DeviceView, state: DeviceState | None, now: datetime) -> DeviceLine:
    told = _never() if state is None else view(state, now)
    told["id"], told["kind"], told["name"] = one["id"], one["kind"], one["name"]
    told["area"], told["person_id"] = one["area"], one["person_id"]
    return DeviceLine(
        **told,
        external_id=one["external_id"],
        datum=one["datum"],
        secret_required=one["secret_required"],
        active=one["active"],
        created_at=one["created_at"],
    )


def _never() -> DeviceStateView:
    return DeviceStateView(
        id="",
        kind="",
        name="",
        area="",
        person_id=None,
        state="never",
        last_seen_at=None,
        last_fix_at=None,
        battery=None,
        charging=None,
        signal=None,
        satellites=None,
        suspicions=[],
    )


def _pages(db: Session, who: Who, states: list[DeviceState], now: datetime) -> list[DeviceLine]:
    users = queries.users_by_id(db, [state.sender.id for state in states])
    lines = []
    for state in states:
        user = users.get(state.sender.id)
        if user is None or not who.sees(user["area"]):
            continue
        told = view(state, now)
        told["name"], told["area"] = user["display_name"], user["area"]
        lines.append(
            DeviceLine(
                **told, external_id=None, datum=None, secret_required=None, active=user["active"], created_at=None
            )
        )
    return lines
