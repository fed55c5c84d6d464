"""What happens when: scripted trouble from a file, or something now and then by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from video.simulator.kinds import RecorderKind, TroubleKind, kind_named

_SHARES: dict[TroubleKind | RecorderKind, float] = {
    "person": 0.36,
    "covered": 0.10,
    "frozen": 0.08,
    "lost": 0.10,
    "defocus": 0.05,
    "moved": 0.05,
    "dark": 0.04,
    "bright": 0.04,
    "colour_cast": 0.04,
    "noise": 0.04,
    "stripe": 0.03,
    "shake": 0.03,
    "recorder_down": 0.04,
}
_LEAST_S, _MOST_S = 16.0, 30.0
_PERSON_S = 15.5


EVERYWHERE = -2


@dataclass(frozen=True)
class Step:
    """At `at_s` seconds after the start, `kind` for `seconds` on a camera (from 0).

    With a recorder (from 0) instead, on all its cameras, and with `EVERYWHERE` on all there are: that is how
    `recorder_down` and the dusk of an area are told.
    """

    at_s: float
    camera: int
    kind: TroubleKind | RecorderKind
    seconds: float
    recorder: int = -1

    @property
    def is_wide(self) -> bool:
        """Whether many cameras go through it together."""
        return self.recorder != -1 and self.kind != "recorder_down"


def read_script(path: Path) -> list[Step]:
    """JSON lines, in order of time: `{"at_s": 30, "camera": 4, "kind": "covered", "seconds": 20}`, counted from 0.

    `"recorder": 2` instead of a camera means all cameras of the third recorder, `"recorder": "all"` every camera.

    Raises:
        ValueError: a line is not such an object; the message says which.
    """
    steps = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            steps.append(_step(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}, line {number}: {error}") from error
    return sorted(steps, key=lambda step: step.at_s)


def _step(row: dict[str, Any]) -> Step:
    asked = row.get("recorder", -1)
    recorder = EVERYWHERE if asked == "all" else int(asked)
    if row["kind"] == "recorder_down":
        return Step(float(row["at_s"]), -1, "recorder_down", float(row["seconds"]), int(row["recorder"]))
    camera = -1 if recorder != -1 else int(row["camera"])
    return Step(float(row["at_s"]), camera, kind_named(row["kind"]), float(row["seconds"]), recorder)


def by_itself(count: int, recorders: int, seed: int, *, first_s: float = 20.0) -> Iterator[Step]:
    """Endless trouble, one every 30 to 60 s somewhere; the same seed tells the same story."""
    random = np.random.default_rng(seed)
    kinds, shares = list(_SHARES), np.array(list(_SHARES.values()))
    at_s = first_s
    while True:
        kind = kinds[int(random.choice(len(kinds), p=shares / shares.sum()))]
        seconds = _PERSON_S if kind == "person" else float(random.uniform(_LEAST_S, _MOST_S))
        camera, recorder = int(random.integers(count)), int(random.integers(recorders))
        whole = kind == "recorder_down"
        yield Step(at_s, -1 if whole else camera, kind, seconds, recorder if whole else -1)
        at_s += float(random.uniform(30, 60))
