"""The text messages of `/ws` as whole frames, each encoded once and sent to many."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from command_center.timeline.facts import StoredFact, chain, iso

# Final frame of a message, RFC 6455 section 5.2.
TEXT = 0x81
BINARY = 0x82


def framed(payload: bytes, kind: int = TEXT) -> bytes:
    """Wrap a text in a WebSocket frame; servers do not mask, so all receivers share the bytes.

    Source: RFC 6455 section 5.2.
    """
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", kind, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", kind, 126, size) + payload
    return struct.pack("!BBQ", kind, 127, size) + payload


def framed_binary(payload: bytes) -> bytes:
    """Wrap bytes that are no text."""
    return framed(payload, BINARY)


def unframed(frame: bytes) -> bytes:
    """The payload of a frame made by `framed`."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


def is_binary(frame: bytes) -> bool:
    return frame[0] == BINARY


@dataclass(frozen=True, slots=True)
class Line:
    """A fact as pages get it: `frame` for those that were sent the one just before; `rest` follows `prev` for all."""

    seq: int
    kind: str
    id: str
    at: str
    area: str
    parties: tuple[str, ...]
    digest: str
    frame: bytes
    rest: bytes
    data_at: int

    def after(self, prev: int) -> bytes:
        """The frame for a page whose last fact was number `prev`."""
        return self.frame if prev == self.seq - 1 else framed(_opening(self.seq, prev) + self.rest)

    def chained(self, digest: str) -> str:
        """The digest of a page after this fact, when it had `digest` before."""
        data_json = self.rest[self.data_at : -1].decode()
        return chain(digest, seq=self.seq, kind=self.kind, id=self.id, at=self.at, data_json=data_json)


def _opening(seq: int, prev: int) -> bytes:
    return b'{"type":"fact","seq":%d,"prev":%d,' % (seq, prev)


def line(fact: StoredFact) -> Line:
    """Encode a fact. The body stands last and byte for byte as stored, so that a page can hash what it received."""
    at = iso(fact.happened_at)
    by = {"id": fact.actor["id"], "name": fact.actor["name"]} if fact.actor else None
    opening = orjson.dumps({"kind": fact.kind, "id": fact.id, "at": at, "by": by, "area": fact.area})[1:-1]
    rest = opening + b',"data":' + fact.data_json.encode() + b"}"
    return Line(
        seq=fact.seq,
        kind=fact.kind,
        id=fact.id,
        at=at,
        area=fact.area,
        parties=fact.parties,
        digest=fact.digest,
        frame=framed(_opening(fact.seq, fact.seq - 1) + rest),
        rest=rest,
        data_at=len(opening) + len(b',"data":'),
    )


def snapshot_frame(seq: int, digest: str, state: Mapping[str, Any]) -> bytes:
    return framed(orjson.dumps({"type": "snapshot", "seq": seq, "digest": digest, "state": state}))


def beat_frame(*, seq: int, digest: str | None, now: datetime, seats_json: bytes) -> bytes:
    opening = orjson.dumps({"type": "beat", "seq": seq, "digest": digest, "now": iso(now)})[:-1]
    return framed(opening + b',"seats":' + seats_json + b"}")


def resume_frame(since: int) -> bytes:
    return framed(orjson.dumps({"type": "resume", "since": since}))


def positions_frame(now: datetime, rows: list[list[Any]], dropped: int) -> bytes:
    return framed(orjson.dumps({"type": "positions", "now": iso(now), "dropped": dropped, "units": rows}))


def health_frame(report: Mapping[str, Any], cameras: Mapping[str, str]) -> bytes:
    return framed(orjson.dumps({"type": "health", **report, "cameras": cameras}))
