"""Films of trouble: made from a track's own quiet pictures, kept in the cache folder where they are planned ones."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from video.simulator.coding import FPS, decode, encode
from video.simulator.effects import first_in_zone, troubled
from video.simulator.gait import walker_of
from video.simulator.kinds import TroubleKind
from video.simulator.library import CACHE_VERSION
from video.simulator.segments import load, save
from video.simulator.tracks import Film, Track, pack_groups

FILM_S = 18.0
DUSK_S = 150.0
SPOTS = 2
# What an encoder needs more of when nothing in the picture repeats; a camera spends it, or turns to blocks.
_RATES: dict[TroubleKind, float] = {"noise": 3.0, "stripe": 2.0, "shake": 1.6}
_ONSET_PARTS = (0.0, 0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a track trouble of a kind begins: the group whose key frame is the last quiet one, and the picture."""

    kind: TroubleKind
    group: int
    onset: int


def spots(track: Track, kind: TroubleKind) -> list[Spot]:
    """The places of a track at which planned trouble of a kind begins: always the same ones, so that films are kept."""
    many, size = len(track.variant.quiet), track.variant.coding.gop_frames
    random = np.random.default_rng(zlib.crc32(f"{track.variant.key} {kind}".encode()))
    parts = random.permutation(_ONSET_PARTS)
    return [
        Spot(kind, int(random.integers(many)), int(parts[index] * size + 0.5 * (size > 1))) for index in range(SPOTS)
    ]


def film_path(cache: Path, track: Track, spot: Spot) -> Path:
    name = f"film-{track.variant.key}-{track.variant.coding.name}-{spot.kind}-{spot.group}-{spot.onset}"
    return cache / f"{name}-v{CACHE_VERSION}.bin"


def make_film(cache: Path, track: Track, spot: Spot, *, keep: bool) -> Film:
    """Take a film from the cache, or make it, which takes about a second. Blocks.

    Raises:
        ValueError: a person in a scene that has no zone for one.
    """
    path = film_path(cache, track, spot)
    if path.exists():
        filmed = load(path)
    else:
        sets, groups = _shoot(cache, track, spot)
        filmed = replace(track.variant, sets=sets, segments={"quiet": groups})
        if keep:
            save(filmed, path)
    every, cut = track.variant.coding.every, track.cut
    walk, zone = track.variant.walk, track.variant.zone
    until_seen = first_in_zone(walk, zone) if spot.kind == "person" and walk is not None else 0
    first = spot.onset * every
    # Whole groups of another encoder's parameter sets: they come with each key frame, as after a camera's restart.
    return Film(pack_groups(filmed.quiet, filmed), spot.group * cut, first, first + until_seen, cut)


def _shoot(cache: Path, track: Track, spot: Spot) -> tuple[tuple[bytes, ...], list[list[tuple[bytes, ...]]]]:
    variant = track.variant
    length_s = DUSK_S if spot.kind == "dusk" else FILM_S
    wanted = -int(-length_s * FPS // track.cut)
    loop = variant.quiet
    groups = [loop[(spot.group + at) % len(loop)] for at in range(wanted)]
    pictures = decode(groups, variant.sets, variant.coding)
    walker = walker_of(cache, variant.walk.gait if variant.walk is not None else "drawn")
    made = troubled(spot.kind, pictures, spot.onset, seed=spot.group, walk=variant.walk, walker=walker)
    if spot.kind == "frozen":
        # What hangs is the part that feeds the sender: it repeats the group it has, byte for byte.
        sets, coded = encode(islice(made, 2 * variant.coding.gop_frames), variant.coding)
        return sets, [coded[0], *coded[1:] * (wanted - 1)]
    return encode(made, variant.coding, _RATES.get(spot.kind, 1.0))
