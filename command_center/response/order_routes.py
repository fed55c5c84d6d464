"""HTTP of orders, for the phone of the person they were sent to."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, UploadFile
from pydantic import BaseModel, Field

from command_center.access.guard import Who, require
from command_center.evidence.commands import store_photo
from command_center.evidence.pictures import PHOTO_LIMIT_BYTES
from command_center.evidence.routes import MediaDep
from command_center.response import orders, queries
from command_center.response.facts import OrderView
from command_center.response.guards import Situation, pass_through
from command_center.response.machine import ORDER_MACHINE
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/orders")

Actor = Annotated[Who, Depends(require("order.act"))]


class Arrival(BaseModel):
    note: Annotated[str, Field(max_length=500)] = ""


class Refusal(BaseModel):
    reason: Annotated[str, Field(max_length=500)]


@router.get("/mine")
def own_orders(timeline: TimelineDep, who: Annotated[Who, Depends(require("order.see_own"))]) -> queries.OwnOrders:
    """The caller's open orders and those of today, with their cases."""
    with timeline.reading() as session:
        return queries.own_orders(session, who, now=timeline.now())


@router.post("/{id}/accept")
def accept(id: str, command: CommandDep, who: Actor) -> OrderView:
    order: OrderView = command.run(lambda tx: orders.accept(tx, id=id, who=who))
    return order


@router.post("/{id}/depart")
def depart(id: str, command: CommandDep, who: Actor) -> OrderView:
    order: OrderView = command.run(lambda tx: orders.depart(tx, id=id, who=who))
    return order


@router.post("/{id}/arrive")
def arrive(id: str, command: CommandDep, who: Actor, body: Arrival | None = None) -> OrderView:
    note = body.note if body else ""
    order: OrderView = command.run(lambda tx: orders.arrive(tx, id=id, who=who, note=note))
    return order


@router.post("/{id}/decline")
def decline(id: str, body: Refusal, command: CommandDep, who: Actor) -> OrderView:
    order: OrderView = command.run(lambda tx: orders.decline(tx, id=id, who=who, reason=body.reason))
    return order


@router.post("/{id}/done")
def done(id: str, command: CommandDep, who: Actor) -> OrderView:
    order: OrderView = command.run(lambda tx: orders.done(tx, id=id, who=who))
    return order


@router.post("/{id}/feedback")
def feedback(
    id: str,
    timeline: TimelineDep,
    command: CommandDep,
    media: MediaDep,
    who: Actor,
    text: Annotated[str, Form(max_length=2000)] = "",
    photo: UploadFile | None = None,
) -> OrderView:
    """Text, photo (JPEG, PNG or WebP, at most 8 MB), or both."""
    with timeline.reading() as session:
        # Looked at before the photo is stored, so that a refused report leaves nothing behind.
        order = queries.own_order(session, id=id, who=who)
        situation = Situation(text=text, photo=photo is not None)
        pass_through(ORDER_MACHINE, order.state, "feedback", situation, key="order_state")

    stored = store_photo(media, photo.file.read(PHOTO_LIMIT_BYTES + 1)) if photo is not None else None
    answer: OrderView = command.run(lambda tx: orders.feedback(tx, id=id, who=who, text=text, photo=stored))
    return answer
