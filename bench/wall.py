"""Facts and positions to many pages: how long from stored to arrived, beside polling and beside a bare broadcast."""

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.report import Figure, Report, median_and_spread, quantile

ROOT = Path(__file__).resolve().parent.parent
WARM_UP_S = 2.0
PEER_S = 10.0
WINDOWS = 3
POLLERS = 20


@dataclass(frozen=True)
class Run:
    """One server with its viewers. Delays in milliseconds, by window of the run; a fact counts once for each page."""

    from_stored_ms: list[list[float]]
    from_told_ms: list[float]
    positions_ms: list[float]
    server_cores: float
    viewer_cores: float
    missing: int
    out_of_order: int
    mb_per_s: float


def run(pages: int = 200, positions_per_s: float = 1000, facts_per_s: float = 50, seconds: float = 30) -> Report:
    """Measure the wall, then its peers under the same load, one after the other on the same machine."""

    def measure(kind: str, viewers: int, how_long: float) -> Run:
        return _measure(kind, viewers, facts_per_s=facts_per_s, positions_per_s=positions_per_s, seconds=how_long)

    wall = measure("wall", pages, seconds)
    broadcast = measure("broadcast", pages, min(seconds, PEER_S))
    polling = measure("log", min(pages, POLLERS), min(seconds, PEER_S))
    return Report("wall", _figures(wall, broadcast, polling, pages))


def _figures(wall: Run, broadcast: Run, polling: Run, pages: int) -> list[Figure]:
    stored, bare, polled = _all(wall.from_stored_ms), _all(broadcast.from_stored_ms), _all(polling.from_stored_ms)
    p99, spread = median_and_spread([quantile(window, 0.99) for window in wall.from_stored_ms])
    scale = pages / POLLERS
    limit, poll = "websockets.broadcast, bare", f"{POLLERS} viewers poll the database every 100 ms"

    def beside(name: str, share: float, target: float | None, peer: str, peer_ms: list[float]) -> Figure:
        return Figure(name, quantile(stored, share), "ms", target, "lower", peer, quantile(peer_ms, share))

    return [
        beside("fact stored → page, p50", 0.5, None, limit, bare),
        beside("fact stored → page, p99", 0.99, 200, limit, bare),
        beside("fact stored → page, worst", 1.0, None, limit, bare),
        Figure(f"… p99, median of {WINDOWS} windows", p99, "ms", 200),
        Figure(f"… p99, spread over {WINDOWS} windows", spread, "ms"),
        beside("fact stored → viewer, p50", 0.5, None, poll, polled),
        beside("fact stored → viewer, p99", 0.99, 200, poll, polled),
        Figure("command begun → page, p99", quantile(wall.from_told_ms, 0.99), "ms"),
        Figure("position → page, p50", quantile(wall.positions_ms, 0.5), "ms"),
        Figure("position → page, p95", quantile(wall.positions_ms, 0.95), "ms", 500),
        Figure("server", wall.server_cores, "cores", None, "lower", limit, broadcast.server_cores),
        Figure(
            "server", wall.server_cores, "cores", None, "lower", f"polling × {scale:g}", polling.viewer_cores * scale
        ),
        Figure("sent to all pages", wall.mb_per_s, "MB/s", None, "higher", limit, broadcast.mb_per_s),
        Figure("facts that did not arrive", wall.missing, "", 0),
        Figure("facts out of order or twice", wall.out_of_order, "", 0),
    ]


def _measure(kind: str, viewers: int, *, facts_per_s: float, positions_per_s: float, seconds: float) -> Run:
    with tempfile.TemporaryDirectory(prefix="yiping-bench-") as folder:
        port = _free_port()
        server = _start("bench.wall_server", kind, folder, str(port), str(facts_per_s), str(positions_per_s))
        if kind == "log":
            _until(lambda: (Path(folder) / "hall.db").exists())
            time.sleep(1.0)
            clients = _start("bench.wall_pages", "polls", folder, str(viewers))
        else:
            _until(lambda: _listens(port))
            clients = _start("bench.wall_pages", "pages", str(port), str(viewers))
        try:
            _expect(clients, "ready")
            _line(server)
            time.sleep(WARM_UP_S + seconds)
            _line(server)
            told = json.loads(_read(server))
            # What was stored last is still on its way.
            time.sleep(0.5)
            _line(clients)
            seen = json.loads(_read(clients))
        finally:
            for process in (clients, server):
                process.terminate()
                process.wait()
                for pipe in (process.stdin, process.stdout):
                    if pipe:
                        pipe.close()
    return _compare(told, seen, viewers, seconds)


def _compare(told: dict[str, Any], seen: dict[str, Any], viewers: int, seconds: float) -> Run:
    stored_at = {int(seq): at for seq, at in told["stored_at"].items()}
    told_at = {int(seq): at for seq, at in told["told_at"].items()}
    arrived = {int(seq): times for seq, times in seen["facts"].items()}
    begin = min(stored_at.values()) + WARM_UP_S
    windows: list[list[float]] = [[] for _ in range(WINDOWS)]
    from_told: list[float] = []
    for seq, at in stored_at.items():
        if at < begin:
            continue
        window = min(WINDOWS - 1, int((at - begin) / seconds * WINDOWS))
        windows[window] += [(time_ - at) * 1e3 for time_ in arrived.get(seq, [])]
        from_told += [(time_ - told_at[seq]) * 1e3 for time_ in arrived.get(seq, [])]
    return Run(
        from_stored_ms=windows,
        from_told_ms=from_told,
        positions_ms=[delay * 1e3 for delay in seen["positions"]],
        server_cores=told["cores"],
        viewer_cores=seen["cores"],
        # Facts of the first moments may have come within a page's snapshot.
        missing=sum(viewers - len(arrived.get(seq, [])) for seq, at in stored_at.items() if at >= begin),
        out_of_order=seen["out_of_order"],
        mb_per_s=seen["bytes"] / 1e6 / (seconds + WARM_UP_S),
    )


def _all(windows: list[list[float]]) -> list[float]:
    return [value for window in windows for value in window]


def _start(module: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _line(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    print(file=process.stdin, flush=True)


def _read(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def _expect(process: subprocess.Popen[str], word: str) -> None:
    line = _read(process).strip()
    if line != word:
        raise RuntimeError(f"expected {word!r}, got {line!r}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
    except OSError:
        return False
    return True


def _until(condition: Callable[[], bool], patience_s: float = 20.0) -> None:
    end = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("the server did not start")
        time.sleep(0.05)


if __name__ == "__main__":
    run().show(as_json="--json" in sys.argv)
