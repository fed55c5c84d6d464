"""Who walks through a zone: the man cut out of the real footage, kept beside it, or a drawn figure."""

from __future__ import annotations

from functools import cache as once
from pathlib import Path

import numpy as np

from video.simulator.walker import Walker, drawn_walker


def keep_walker(folder: Path, gait: str, walker: Walker) -> None:
    """Write a cut-out walker into the cache folder, aside first."""
    aside = folder / f"walker-{gait}.part.npz"
    np.savez_compressed(aside, *walker.steps)
    aside.replace(_path(folder, gait))
    _load.cache_clear()


def has_walker(folder: Path, gait: str) -> bool:
    """Whether the cache folder has this walker."""
    return _path(folder, gait).exists()


def walker_of(folder: Path, gait: str) -> Walker:
    """The walker of this name; the drawn one where the cut-out is gone."""
    return _load(_path(folder, gait))


def _path(folder: Path, gait: str) -> Path:
    return folder / f"walker-{gait}.npz"


@once
def _load(path: Path) -> Walker:
    if not path.exists():
        return drawn_walker()
    with np.load(path) as kept:
        return Walker(tuple(kept[name] for name in sorted(kept.files, key=lambda name: int(name[4:]))))
