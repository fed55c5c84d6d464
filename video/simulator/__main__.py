"""`python -m video.simulator --count N --port P`: the simulator as a process of its own, for demos and benches."""

from __future__ import annotations

import argparse
from pathlib import Path

from video.cli import DEFAULT_CACHE, simulate_cameras


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
    simulate_cameras(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
