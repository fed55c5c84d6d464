"""Messages between our own processes over a socket pair: a JSON head and raw blobs behind it.

No pickle: a looker that was taken over by a hostile stream must not be able to run code in its keeper.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

import orjson

from video.model import FeedSignal, FeedSpec, Zone, moment

Head = dict[str, Any]
Message = tuple[Head, list[bytes]]
MAX_MESSAGE_BYTES = 256_000_000
_LENGTHS = struct.Struct(">II")


class BrokenWire(ValueError):
    """The other side sent what cannot be a message."""


def packed(head: Head, blobs: Sequence[bytes] = ()) -> bytes:
    """One message as bytes."""
    text = orjson.dumps({**head, "blobs": [len(blob) for blob in blobs]})
    return b"".join([_LENGTHS.pack(len(text), sum(map(len, blobs))), text, *blobs])


def _unpacked(text: bytes, body: bytes) -> Message:
    head: Head = orjson.loads(text)
    blobs, at = [], 0
    for length in head.pop("blobs"):
        blobs.append(body[at : at + length])
        at += length
    return head, blobs


async def receive(reader: asyncio.StreamReader) -> Message:
    """The next message.

    Raises:
        asyncio.IncompleteReadError: the other side is gone.
        BrokenWire: it sent an impossible length.
    """
    text_length, body_length = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
    if text_length + body_length > MAX_MESSAGE_BYTES:
        raise BrokenWire("message too long")
    return _unpacked(await reader.readexactly(text_length), await reader.readexactly(body_length))


def receive_blocking(file: BinaryIO) -> Message | None:
    """The next message of a blocking socket file; None when the other side is gone."""
    lengths = file.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    text_length, body_length = _LENGTHS.unpack(lengths)
    text, body = file.read(text_length), file.read(body_length)
    return _unpacked(text, body) if len(text) == text_length and len(body) == body_length else None


def spec_to_json(spec: FeedSpec) -> Head:
    zones = [{"name": zone.name, "kind": zone.kind, "polygon": zone.polygon} for zone in spec.zones]
    detectors = sorted(spec.detectors) if spec.detectors is not None else None
    return {
        "id": spec.id,
        "url": spec.url,
        "zones": zones,
        "sensitivity": spec.sensitivity,
        "detectors": detectors,
    }


def spec_from_json(row: Head) -> FeedSpec:
    zones = tuple(
        Zone(zone["name"], zone["kind"], tuple((float(x), float(y)) for x, y in zone["polygon"]))
        for zone in row["zones"]
    )
    detectors = frozenset(row["detectors"]) if row["detectors"] is not None else None
    return FeedSpec(row["id"], row["url"], zones, row["sensitivity"], detectors)


def signal_to_json(signal: FeedSignal) -> Head:
    return {
        "feed_id": signal.feed_id,
        "kind": signal.kind,
        "started_at": signal.started_at.timestamp(),
        "ended_at": signal.ended_at.timestamp() if signal.ended_at is not None else None,
        "score": signal.score,
        "box": signal.box,
        "detail": signal.detail,
        "id": signal.id,
    }


def signal_from_json(row: Head) -> FeedSignal:
    ended = moment(row["ended_at"]) if row["ended_at"] is not None else None
    box = tuple(row["box"]) if row["box"] is not None else None
    started = moment(row["started_at"])
    return FeedSignal(row["feed_id"], row["kind"], started, ended, row["score"], box, row["detail"], row["id"])
