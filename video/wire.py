"""Messages between our own processes over a socket pair: a JSON head and raw blobs behind it.

No pickle: a looker that was taken over by a hostile stream must not be able to run code in its keeper.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

import orjson

from video.model import Box, FeedSignal, FeedSpec, Trace, Zone, moment

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
    return {
        **asdict(spec),
        "zones": [asdict(zone) for zone in spec.zones],
        "detectors": sorted(spec.detectors) if spec.detectors is not None else None,
    }


def spec_from_json(row: Head) -> FeedSpec:
    detectors = frozenset(row["detectors"]) if row["detectors"] is not None else None
    zones, hours = tuple(zone_from_json(zone) for zone in row["zones"]), _spans(row["busy_hours"])
    return FeedSpec(**{**row, "zones": zones, "detectors": detectors, "busy_hours": hours})


def zone_from_json(row: Head) -> Zone:
    """A zone from its JSON object, as `dataclasses.asdict` makes it; optional members may be missing.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    polygon = tuple((float(x), float(y)) for x, y in row["polygon"])
    hours = _spans(row.get("hours") or ())
    return Zone(row["name"], row["kind"], polygon, row.get("direction_deg"), row.get("limit"), hours)


def _spans(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((start, end) for start, end in rows)


def signal_to_json(signal: FeedSignal) -> Head:
    return {
        **asdict(signal),
        "started_at": signal.started_at.timestamp(),
        "ended_at": signal.ended_at.timestamp() if signal.ended_at is not None else None,
    }


def signal_from_json(row: Head) -> FeedSignal:
    ended = moment(row["ended_at"]) if row["ended_at"] is not None else None
    return FeedSignal(**{**row, "started_at": moment(row["started_at"]), "ended_at": ended, "box": _box(row["box"])})


def trace_to_json(trace: Trace) -> Head:
    return {**asdict(trace), "started_at": trace.started_at.timestamp(), "ended_at": trace.ended_at.timestamp()}


def trace_from_json(row: Head) -> Trace:
    times = {name: moment(row[name]) for name in ("started_at", "ended_at")}
    return Trace(**{**row, **times, "box": _box(row["box"])})


def _box(row: Sequence[float] | None) -> Box | None:
    return (row[0], row[1], row[2], row[3]) if row is not None else None
