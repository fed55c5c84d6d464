"""What one look costs, part by part, beside ffmpeg that decodes the same key frames: processor time of this process.

A looker is given batches as a keeper gives them, of many feeds at their own places in their loops, so that what it
knows of a feed is as cold as in a real fleet. Wall clock would measure who else works on the machine; processor time
only shares its caches with them, which is why ffmpeg and the parts are measured in turns.
"""

import asyncio
import itertools
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from random import Random
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

import cv2

from bench.peers import cpu_s
from bench.report import Figure
from video.detect.background import Background
from video.detect.eyes import Eyes
from video.looker import Looker
from video.model import FeedSpec, Zone
from video.progress import Progress
from video.schedule import BATCH
from video.simulator.library import build_library
from video.simulator.segments import Variant
from video.sources.unit import START_CODE
from video.wire import Head, spec_to_json

FEEDS, KNOWN_ROUNDS, ROUNDS, GOP_S, START = 320, 24, 6, 2.0, 1_760_000_000.0
LONGER = 12


@dataclass(frozen=True)
class _Camera:
    """A feed at its place in a scene's loop."""

    id: str
    keys: list[bytes]
    place: int


def costs(cache: Path) -> list[Figure]:
    """Milliseconds for each kind of look and for its parts."""
    cv2.setNumThreads(1)
    scenes = build_library(cache)
    keys = [_keys(scene) for scene in scenes]
    looker, cameras = Looker(Progress()), list[_Camera]()
    chance = Random(1)
    for index in range(FEEDS):
        scene = scenes[index % len(scenes)]
        zones = (Zone("zone", "intrusion", scene.zone),) if scene.zone else ()
        spec = spec_to_json(FeedSpec(str(index), "", zones))
        looker.answer({"do": "watch", "feed": spec, "at": START}, [])
        cameras.append(_Camera(str(index), keys[index % len(keys)], chance.randrange(len(scene.quiet))))
    rounds = itertools.count()
    for _ in range(KNOWN_ROUNDS):
        _round(looker, cameras, next(rounds))
    ways: dict[str, Head] = {
        "one look": {"lane": "patrol"},
        "one look with its tile": {"lane": "patrol", "tile": True},
        "one picture only shown": {"lane": "tile", "tile": True},
    }
    spent, theirs = defaultdict[str, list[float]](list), list[float]()
    for _ in range(ROUNDS):
        for name, head in ways.items():
            spent[name].append(_round(looker, cameras, next(rounds), **head))
        if shutil.which("ffmpeg") is not None:
            theirs.append(asyncio.run(_ffmpeg([key for scene in keys for key in scene])))
    parts = _parts(looker, lambda: _round(looker, cameras, next(rounds)))
    peer = "ffmpeg, the same key frames" if theirs else None
    peer_value = median(theirs) if theirs else None
    return [
        *(Figure(f"{name}, decoding included", median(found), "ms", None, "lower", peer, peer_value)
          for name, found in spent.items()),
        *(Figure(f"  of a look: {name}", value, "ms") for name, value in parts.items()),
    ]  # fmt: skip


def _keys(scene: Variant) -> list[bytes]:
    """Each key frame of a scene as a decoder takes it."""
    return [b"".join(START_CODE + nal for nal in (*scene.sets, *group[0])) for group in scene.quiet]


def _round(looker: Looker, cameras: list[_Camera], turn: int, *, lane: str = "patrol", tile: bool = False) -> float:
    """Milliseconds for each camera's next key frame."""
    started = process_time()
    for batch in _batches(cameras):
        jobs, blobs = [], []
        for camera in batch:
            at = START + GOP_S * (turn + int(camera.id) / len(cameras))
            head = {"do": "look", "id": camera.id, "at": at, "lane": lane, "family": "h264", "parts": 1}
            jobs.append({**head, "tile": True} if tile else head)
            blobs.append(camera.keys[(camera.place + turn) % len(camera.keys)])
        looker.answer({"do": "jobs", "first": 1, "jobs": jobs}, blobs)
    return 1000 * (process_time() - started) / len(cameras)


def _batches(cameras: list[_Camera]) -> Iterator[list[_Camera]]:
    for at in range(0, len(cameras), BATCH):
        yield cameras[at : at + BATCH]


def _parts(looker: Looker, one_round: Callable[[], float]) -> dict[str, float]:
    """Milliseconds in each part of a look."""
    watched: list[tuple[str, Any, str]] = [
        ("decoding", looker._decoder, "last"),
        ("first rung, all together", looker, "_glance"),
        ("detectors of the picture", Eyes, "_check"),
        ("usual scene taken away", Background, "subtract"),
        ("detectors of the scene", Eyes, "_see"),
    ]
    spent = dict.fromkeys((name for name, _, _ in watched), 0.0)
    with ExitStack() as patches:
        for name, owner, function in watched:
            patches.enter_context(patch.object(owner, function, _timed(getattr(owner, function), spent, name)))
        whole = sum(one_round() for _ in range(ROUNDS)) / ROUNDS
    parts = {name: 1000 * value / (ROUNDS * FEEDS) for name, value in spent.items()}
    return {**parts, "all else": whole - sum(parts.values())}


def _timed(work: Callable[..., Any], spent: dict[str, float], name: str) -> Callable[..., Any]:
    @wraps(work)
    def timed(*arguments: Any) -> Any:
        started = process_time()
        try:
            return work(*arguments)
        finally:
            spent[name] += process_time() - started

    return timed


async def _ffmpeg(keys: list[bytes]) -> float:
    """Milliseconds of processor for each key frame; what its start takes is in both runs."""
    with tempfile.TemporaryDirectory() as name:
        spent = []
        for times in (1, 1 + LONGER):
            path = Path(name) / f"{times}.h264"
            path.write_bytes(b"".join(keys) * times)
            spent.append(await cpu_s("-i", str(path)))
        return 1000 * (spent[1] - spent[0]) / (LONGER * len(keys))
