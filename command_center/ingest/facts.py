"""How signals and positions are told."""

from datetime import datetime
from typing import Any

from typing_extensions import TypedDict

from command_center.ingest.position import Position
from command_center.ingest.tables import SignalRow
from command_center.timeline import Fact
from command_center.timeline.facts import iso


class SignalView(TypedDict):
    """One signal; `box` is [x, y, w, h] in fractions of the picture."""

    id: str
    camera_id: str
    area: str
    kind: str
    started_at: str
    ended_at: str | None
    score: float
    box: list[float] | None
    detail: dict[str, Any]
    version: int


class PositionView(TypedDict):
    """Where a person was; degrees WGS84, clockwise from north, metres, seconds."""

    person_id: str
    at: str
    received_at: str
    lon: float
    lat: float
    speed_mps: float | None
    heading_deg: float | None
    accuracy_m: float | None


def signal_view(row: SignalRow) -> SignalView:
    return SignalView(
        id=row.id,
        camera_id=row.camera_id,
        area=row.area,
        kind=row.kind,
        started_at=iso(row.started_at),
        ended_at=iso(row.ended_at) if row.ended_at else None,
        score=row.score,
        box=row.box,
        detail=row.detail,
        version=row.version,
    )


def signal_fact(kind: str, row: SignalRow, *, happened_at: datetime, received_at: datetime) -> Fact:
    return Fact(
        kind,
        row.id,
        {"signal": signal_view(row)},
        row.area,
        happened_at=happened_at,
        received_at=received_at,
    )


def position_view(position: Position) -> PositionView:
    return PositionView(
        person_id=position.person_id,
        at=iso(position.at),
        received_at=iso(position.received_at),
        lon=position.lon,
        lat=position.lat,
        speed_mps=position.speed_mps,
        heading_deg=position.heading_deg,
        accuracy_m=position.accuracy_m,
    )
