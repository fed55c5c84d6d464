"""HTTP for devices that send positions, and for seats that ask where everybody is."""

import asyncio
from concurrent.futures import Future
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import TypedDict

from command_center.access.guard import Who, require
from command_center.errors import BadInput, Forbidden, TooLarge, Unavailable
from command_center.ingest.facts import PositionView, position_view
from command_center.ingest.json_driver import read_positions, read_reports
from command_center.ingest.positions import PositionIntake, Taken
from command_center.ingest.reception import Delivery, Reception
from command_center.ingest.senders import sender_of
from command_center.ingest.trust import Peer
from command_center.timeline.door import TimelineDep

router = APIRouter(prefix="/api/v1", tags=["ingest"])

Sender = Annotated[Who, Depends(require("position.send_own", "position.send_all"))]
Watcher = Annotated[Who, Depends(require("position.see"))]

LARGEST_BYTES = 8_000_000
MOST_POSITIONS = 20_000
STORED_WITHIN_S = 10.0

# Read by hand, not by a model: one bad report among thousands must not cost the others.
BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["positions"],
                "properties": {
                    "positions": {
                        "type": "array",
                        "maxItems": MOST_POSITIONS,
                        "items": {
                            "type": "object",
                            "required": ["at", "lon", "lat"],
                            "properties": {
                                "person_id": {"type": "string", "description": "needed from a fleet only"},
                                "at": {"type": "string", "format": "date-time"},
                                "lon": {"type": "number", "description": "degrees WGS84"},
                                "lat": {"type": "number", "description": "degrees WGS84"},
                                "speed_mps": {"type": "number"},
                                "heading_deg": {"type": "number", "description": "clockwise from north"},
                                "accuracy_m": {"type": "number"},
                                "battery": {"type": "number", "description": "charge left, 0 to 1"},
                                "charging": {"type": "boolean"},
                                "mock": {"type": "boolean", "description": "the device says the place is made up"},
                                "alarm": {"type": "string", "enum": ["sos"]},
                            },
                        },
                    }
                },
            }
        }
    },
}


class Rejected(TypedDict):
    """A report that cannot be true, by its place in the list."""

    index: int
    reason: str


class Receipt(TypedDict):
    """What became of a batch; the accepted ones are on disk when this is answered."""

    accepted: int
    rejected: list[Rejected]


def get_intake(request: Request) -> PositionIntake:
    intake: PositionIntake = request.app.state.intake
    return intake


IntakeDep = Annotated[PositionIntake, Depends(get_intake)]


@router.post("/positions", openapi_extra={"requestBody": BODY})
async def post_positions(request: Request, who: Sender, intake: IntakeDep, timeline: TimelineDep) -> Receipt:
    """Take positions of the sender's person, or of many persons from a fleet."""
    if who.person_id is None and not who.may("position.send_all"):
        raise Forbidden("no_person")
    items = await _items(request)
    taken = await run_in_threadpool(_take, request, who, items, intake, timeline.now())
    await _stored(taken.stored)
    return Receipt(
        accepted=taken.accepted, rejected=[Rejected(index=index, reason=reason) for index, reason in taken.rejected]
    )


@router.get("/positions")
def get_positions(who: Watcher, intake: IntakeDep) -> list[PositionView]:
    """The latest position of everybody whose area the caller sees."""
    return [position_view(position) for position, area in intake.latest() if who.sees(area)]


def _take(request: Request, who: Who, items: list[Any], intake: PositionIntake, received_at: datetime) -> Taken:
    if who.person_id is None:
        return intake.take(read_positions(items, person_id=None, received_at=received_at))
    reports = list(read_reports(items, person_id=who.person_id, received_at=received_at))
    reception: Reception = request.app.state.reception
    return reception.receive([Delivery(sender_of(who), reports, peer_of(request))])[0]


def peer_of(request: Request) -> Peer:
    """The address that a request came from, or that a proxy before us names."""
    return Peer(request.client.host if request.client else "")


async def _items(request: Request) -> list[Any]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BYTES:
            raise TooLarge("positions_too_large", mb=LARGEST_BYTES // 1_000_000)
    try:
        items = orjson.loads(body)["positions"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise BadInput("positions_malformed") from None
    if not isinstance(items, list):
        raise BadInput("positions_malformed")
    if len(items) > MOST_POSITIONS:
        raise BadInput("positions_too_many", n=MOST_POSITIONS)
    return items


async def _stored(stored: "Future[None]") -> None:
    """Answer only when the positions are on disk, so that a device that was answered may forget them."""
    try:
        await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(stored)), STORED_WITHIN_S)
    except (TimeoutError, SQLAlchemyError) as error:
        raise Unavailable("positions_not_stored") from error
