"""Scenes encoded once and kept: a quiet loop, where a person may be sent, and how the file of a scene looks."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from video.simulator.coding import BITRATE, FPS, GOP_FRAMES, PLAIN, Coding, Group, Unit, encode
from video.simulator.ways import Point, Walk
from video.sources.h264 import ParameterSets

__all__ = ["BITRATE", "FPS", "GOP_FRAMES", "Group", "Unit", "Variant", "Walk", "encode", "load", "save"]


@dataclass
class Variant:
    """One scene as it can be sent in one coding; `segments` holds the quiet loop under `quiet`.

    `key` is part of the names of what is kept of it, `name` is for people.
    """

    key: str
    name: str
    sets: tuple[bytes, ...]
    zone: tuple[Point, ...]
    segments: dict[str, list[Group]] = field(default_factory=dict)
    walk: Walk | None = None
    coding: Coding = PLAIN

    @cached_property
    def parameters(self) -> ParameterSets:
        """The parameter sets of an H.264 scene."""
        sps, pps = self.sets
        return ParameterSets(sps, pps)

    @property
    def quiet(self) -> list[Group]:
        return self.segments["quiet"]


def save(variant: Variant, path: Path) -> None:
    """Write aside and rename: a killed process leaves no half file."""
    blobs: list[bytes] = []
    shape = {
        name: [[[blobs.append(nal) or len(nal) for nal in unit] for unit in group] for group in groups]  # type: ignore[func-returns-value]
        for name, groups in variant.segments.items()
    }
    head = {
        "key": variant.key,
        "name": variant.name,
        "sets": [base64.b64encode(nal).decode() for nal in variant.sets],
        "zone": variant.zone,
        "walk": asdict(variant.walk) if variant.walk is not None else None,
        "coding": asdict(variant.coding),
        "segments": shape,
    }
    text = json.dumps(head).encode()
    aside = path.with_suffix(".part")
    aside.write_bytes(len(text).to_bytes(4, "big") + text + b"".join(blobs))
    aside.replace(path)


def load(path: Path) -> Variant:
    """Read what `save` wrote.

    Raises:
        ValueError: the file is not whole.
    """
    data = path.read_bytes()
    start = 4 + int.from_bytes(data[:4], "big")
    head = json.loads(data[4:start])
    at = start

    def unit(lengths: Sequence[int]) -> Unit:
        nonlocal at
        nals = []
        for length in lengths:
            nals.append(data[at : at + length])
            at += length
        return tuple(nals)

    segments = {
        name: [[unit(lengths) for lengths in group] for group in groups] for name, groups in head["segments"].items()
    }
    if at != len(data):
        raise ValueError(f"{path} is not whole")
    zone = tuple((float(x), float(y)) for x, y in head["zone"])
    sets = tuple(base64.b64decode(text) for text in head["sets"])
    return Variant(head["key"], head["name"], sets, zone, segments, _walk(head["walk"]), Coding(**head["coding"]))


def _walk(row: dict[str, Any] | None) -> Walk | None:
    if row is None:
        return None
    (x0, y0), (x1, y1) = row["start"], row["end"]
    return Walk((x0, y0), (x1, y1), row["start_height"], row["end_height"], row["gait"])
