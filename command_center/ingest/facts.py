"""How signals and positions are told."""

from datetime import datetime
from typing import Any, Literal

from typing_extensions import TypedDict

from command_center.ingest.position import Position, names_of
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
    """Where a person was; degrees WGS84, clockwise from north, metres, seconds. What has `flags` proves nothing."""

    person_id: str
    at: str
    received_at: str
    lon: float
    lat: float
    speed_mps: float | None
    heading_deg: float | None
    accuracy_m: float | None
    flags: list[str]


class SuspicionView(TypedDict):
    """Why a device is not believed (a name of `position.Flag`), and since when."""

    reason: str
    since: str


class DeviceStateView(TypedDict):
    """How a device is; the body of `ingest.device_suspect` and `ingest.device_cleared` with the `reason` beside it.

    `state` tells a sleeping phone from an absent person: `live`, `no_fix` (it reports but does not know where it is),
    `silent` (nothing heard for minutes), `never`. `battery` is 0 to 1. `kind` is `page` for a user's own phone page.
    """

    id: str
    kind: str
    name: str
    area: str
    person_id: str | None
    state: Literal["live", "no_fix", "silent", "never"]
    last_seen_at: str | None
    last_fix_at: str | None
    battery: float | None
    charging: bool | None
    signal: int | None
    satellites: int | None
    suspicions: list[SuspicionView]


class SosView(TypedDict):
    """Somebody pressed the alarm of a device: the body of `ingest.sos`, whose subject is `id`.

    One for each press: an alarm that goes on is told again only after five minutes without it. `at` is the device's
    time; `late_s` is how long it took to reach us. `position` is where the person was then, else the last place known
    of the person (its own `at` says from when), None where there is none; `located` says which. A machine proposes:
    whoever follows this fact raises the warning.
    """

    id: str
    device_id: str
    device_name: str
    device_kind: str
    person_id: str | None
    area: str
    at: str
    received_at: str
    late_s: float
    located: bool
    position: PositionView | None


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
        flags=list(names_of(position.flags)),
    )


def suspicion_fact(kind: str, view: DeviceStateView, *, reason: str, since: datetime) -> Fact:
    """`ingest.device_suspect` or `ingest.device_cleared`: once for each device and reason."""
    return Fact(kind, view["id"], {"device": view, "reason": reason, "since": iso(since)}, view["area"])


def sos_fact(view: SosView, *, at: datetime, received_at: datetime) -> Fact:
    """`ingest.sos`; the person who is in need sees it wherever he is."""
    parties = (view["person_id"],) if view["person_id"] else ()
    return Fact("ingest.sos", view["id"], {"sos": view}, view["area"], parties, happened_at=at, received_at=received_at)
