"""All figures of the fleet, part by part: what holding costs, how much it can be, what is found, what is seen of it."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import detectors, hold, look, peers, quality, trouble
from bench.report import Figure, Report

CAPACITIES = [2000, 3000, 4000, 4500, 5000]
CAPACITY_S = 40.0
CLICKS = 100


@dataclass(frozen=True)
class Wishes:
    """What to measure with.

    Attributes:
        count: feeds of the fleet.
        seconds: how long they are held; trouble is spread over half of it.
        troubled: feeds that get into trouble.
        lookers: processes that look.
        cache: folder in which footage is kept.
    """

    count: int
    seconds: float
    troubled: int
    lookers: int
    cache: Path


def _hold(wishes: Wishes, done: list[Figure]) -> list[Figure]:
    return hold.hold(wishes.count, wishes.seconds, wishes.lookers, wishes.cache)


def _capacity(wishes: Wishes, done: list[Figure]) -> list[Figure]:
    return hold.capacity(CAPACITIES, CAPACITY_S, wishes.lookers, wishes.cache)


def _peers(wishes: Wishes, done: list[Figure]) -> list[Figure]:
    """Beside what was held before; holds a smaller fleet itself when nothing was."""
    known = done or hold.hold(wishes.count, min(wishes.seconds, 60.0), wishes.lookers, wishes.cache)
    cores = next(figure.value for figure in known if figure.name == "processor, monitoring")
    looking = next(figure.value for figure in known if figure.name.endswith("decoding and detecting"))
    looks_per_s = next(figure.value for figure in known if figure.name == "key frames looked at")
    return [
        *peers.feeds_per_core(wishes.count / cores, 40.0, wishes.cache),
        *peers.decoding(1000 * looking / looks_per_s, wishes.cache),
    ]


def _trouble(wishes: Wishes, done: list[Figure]) -> list[Figure]:
    return trouble.trouble(wishes.count, wishes.troubled, wishes.seconds / 2, wishes.lookers, wishes.cache)


def _pages(wishes: Wishes, done: list[Figure]) -> list[Figure]:
    """Nothing, with the reason on standard error, where Playwright or Chromium is missing."""
    command = [sys.executable, "-m", "bench.pages", str(wishes.count), str(CLICKS)]
    found = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    return [Figure(**row) for row in json.loads(found.stdout)] if found.returncode == 0 else []


PARTS: dict[str, Callable[[Wishes, list[Figure]], list[Figure]]] = {
    "look": lambda wishes, done: look.costs(wishes.cache),
    "hold": _hold,
    "peers": _peers,
    "capacity": _capacity,
    "trouble": _trouble,
    "detectors": lambda wishes, done: [*detectors.run().figures, *quality.run().figures],
    "pages": _pages,
}


def run(parts: list[str], wishes: Wishes) -> Report:
    """Measure these parts, one after the other."""
    figures: list[Figure] = []
    for part in parts:
        figures += PARTS[part](wishes, figures)
    return Report("feeds", figures)
