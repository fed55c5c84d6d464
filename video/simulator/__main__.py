"""`python -m video.simulator --count N --port P`: the simulator as a process of its own, for demos and benches."""

from __future__ import annotations

import argparse
from pathlib import Path

from video.simulator.command import DEFAULT_CACHE, simulate_cameras
from video.simulator.kinds import kind_named
from video.simulator.mix import EVEN, Mix
from video.simulator.plan import PLANNED_KINDS, Plan


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m video.simulator", description=__doc__)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--port", type=int, default=8554)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    parser.add_argument("--script", type=Path)
    parser.add_argument("--auto", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--as-json", action="store_true", help="one JSON line with addresses and zones when ready")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    _add_mix(parser)
    _add_plan(parser)
    parser.add_argument("--recorders", type=_numbers, default=(), help="cameras behind the first recorders: 32,30,…")
    given = vars(parser.parse_args())
    mix, plan = _mix(given), _plan(given)
    simulate_cameras(**given, mix=mix, plan=plan)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


def _add_mix(parser: argparse.ArgumentParser) -> None:
    usual = Mix()
    parser.add_argument("--plain", action="store_true", help="all cameras alike: H.264, a key frame every 2 s, honest")
    for name in usual.names():
        parser.add_argument(f"--{name}", type=float, default=getattr(usual, name), help="share of cameras, 0 to 1")


def _mix(given: dict[str, object]) -> Mix:
    shares = {name: given.pop(name) for name in Mix.names()}
    return EVEN if given.pop("plain") else Mix(**shares)  # type: ignore[arg-type]


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--trouble", type=int, default=0, help="so many cameras get into trouble once, others never")
    parser.add_argument("--trouble-seed", type=int, default=1)
    parser.add_argument("--trouble-kinds", default=",".join(PLANNED_KINDS), help="separated by commas")
    parser.add_argument("--trouble-first", type=float, default=60.0, help="seconds from the start to the first")
    parser.add_argument("--trouble-window", type=float, default=240.0, help="seconds within which all begin")


def _plan(given: dict[str, object]) -> Plan | None:
    count, seed, kinds, first_s, window_s = (
        given.pop(name) for name in ("trouble", "trouble_seed", "trouble_kinds", "trouble_first", "trouble_window")
    )
    names = tuple(kind_named(name) for name in str(kinds).split(",") if name)
    return Plan(count, seed, names, first_s, window_s) if count else None  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
