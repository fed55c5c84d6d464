"""What a page says to the wall."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from command_center.errors import BadInput

# What a page gets that does not say; pictures are sent only to those who ask for them.
STREAMS = frozenset({"facts", "positions", "health"})
OFFERED = STREAMS | {"tiles"}
MESSAGE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Start, or go on after number `since`.

    Attributes:
        digest: the page's digest at `since`; a page that is shown a part of the facts cannot resume without.
        areas: area codes to cut the view to; none: all that the viewer may see.
        seat: what other seats call this page; "" for a program that follows but is nobody's seat.
        cameras: ids whose small pictures are wanted; none: of all that the viewer may see.
    """

    since: int | None
    digest: str | None
    streams: frozenset[str]
    areas: frozenset[str]
    seat: str
    cameras: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ack:
    """After a beat: how far the page is and the digest of what it folded."""

    seq: int
    digest: str


class _Subscribe(BaseModel):
    type: Literal["subscribe"]
    since: Annotated[int, Field(ge=0)] | None = None
    digest: str | None = None
    streams: list[str] | None = None
    areas: list[str] = []
    seat: str = "desk"
    cameras: list[str] = []


class _Ack(BaseModel):
    type: Literal["ack"]
    seq: int
    digest: str


_message: TypeAdapter[_Subscribe | _Ack] = TypeAdapter(Annotated[_Subscribe | _Ack, Field(discriminator="type")])


def parse(text: str) -> Subscribe | Ack:
    """Read one message of a page; unknown fields are ignored.

    Raises:
        BadInput: it is none.
    """
    if len(text) > MESSAGE_BYTES:
        raise BadInput("page_message", problem=f"{len(text)} > {MESSAGE_BYTES}")
    try:
        message = _message.validate_json(text)
    except ValidationError as error:
        raise BadInput("page_message", problem=error.errors()[0]["msg"]) from error
    if isinstance(message, _Ack):
        return Ack(message.seq, message.digest)
    streams = STREAMS if message.streams is None else OFFERED & set(message.streams)
    areas, cameras = frozenset(message.areas), frozenset(message.cameras)
    return Subscribe(message.since, message.digest, streams, areas, message.seat[:40], cameras)
