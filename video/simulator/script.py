"""What happens when: scripted trouble from a file, or something now and then by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from video.simulator.camera import TROUBLES, TroubleKind

_SHARES: dict[TroubleKind, float] = {"person": 0.46, "covered": 0.22, "frozen": 0.16, "lost": 0.16}
_SECONDS: dict[TroubleKind, tuple[float, float]] = {
    "person": (12, 16),
    "covered": (15, 30),
    "frozen": (18, 30),
    "lost": (12, 25),
}


@dataclass(frozen=True)
class Step:
    """At `at_s` seconds after the start, camera `camera` (from 0) gets `kind` for `seconds`."""

    at_s: float
    camera: int
    kind: TroubleKind
    seconds: float


def read_script(path: Path) -> list[Step]:
    """JSON lines `{"at_s": 30, "camera": 4, "kind": "covered", "seconds": 20}`, in order of time; cameras count from 0.

    Raises:
        ValueError: a line is not such an object; the message says which.
    """
    steps = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            kind = row["kind"]
            if kind not in TROUBLES:
                raise ValueError(f"unknown kind {kind}")
            steps.append(Step(float(row["at_s"]), int(row["camera"]), kind, float(row["seconds"])))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}, line {number}: {error}") from error
    return sorted(steps, key=lambda step: step.at_s)


def by_itself(count: int, seed: int, *, first_s: float = 20.0) -> Iterator[Step]:
    """Endless trouble, one every 30 to 60 s somewhere; the same seed tells the same story."""
    random = np.random.default_rng(seed)
    kinds, shares = list(_SHARES), list(_SHARES.values())
    at_s = first_s
    while True:
        kind = kinds[int(random.choice(len(kinds), p=shares))]
        low, high = _SECONDS[kind]
        yield Step(at_s, int(random.integers(count)), kind, float(random.uniform(low, high)))
        at_s += float(random.uniform(30, 60))
