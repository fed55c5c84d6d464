"""What the camera simulator itself costs, with clients that only drain their sockets.

Its cost has to be known, because it runs on the machine whose watching is measured. Delivering over the loopback is
done by the kernel in the sender's name, so most of the figure is the price of sockets and not of the simulator.
"""

import asyncio
import contextlib
import json
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from bench.processes import cpu_s, memory_mb
from bench.report import Figure, Report

WARM_UP_S = 5.0


def run(count: int, seconds: float, cache: Path) -> Report:
    """Let `count` plain cameras play for some seconds to clients in a process of their own."""
    return Report("simulator", asyncio.run(measure(count, seconds, cache)))


async def measure(count: int, seconds: float, cache: Path) -> list[Figure]:
    """The figures of one run."""
    command = [sys.executable, "-m", "video.simulator", "--count", str(count), "--port", "0", "--cache", str(cache)]
    pipe = asyncio.subprocess.PIPE
    cameras = await asyncio.create_subprocess_exec(
        *command, "--plain", "--as-json", "--with-parent", stdin=pipe, stdout=pipe, limit=2**24
    )
    assert cameras.stdout is not None and cameras.stdin is not None
    try:
        town = json.loads(await cameras.stdout.readline())["cameras"]
        urls = json.dumps([camera["url"] for camera in town]).encode() + b"\n"
        clients = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.simulator", "drain", stdin=pipe, stdout=pipe
        )
        assert clients.stdin is not None and clients.stdout is not None
        clients.stdin.write(urls)
        await clients.stdin.drain()
        await clients.stdout.readline()
        await asyncio.sleep(WARM_UP_S)
        before, started = cpu_s(cameras.pid), time.monotonic()
        await asyncio.sleep(seconds)
        used = (cpu_s(cameras.pid) - before) / (time.monotonic() - started)
        memory = memory_mb(cameras.pid)
        clients.send_signal(signal.SIGTERM)
        counted = json.loads(await clients.stdout.readline())
        await clients.wait()
    finally:
        cameras.stdin.close()
        await cameras.wait()
    return [
        Figure("cameras playing", counted["playing"], "cameras", count, "higher"),
        Figure("processor, simulator", used, "cores", 1.0),
        Figure("memory, simulator", memory, "MB", 500),
        Figure("received by each client", counted["bytes"] * 8 / 1000 / counted["seconds"] / count, "kb/s"),
        Figure("cameras one core plays", count / used, "cameras"),
    ]


def _open(url: str) -> socket.socket:
    """A playing session, by three requests whose answers are read whole."""
    parts = urlsplit(url)
    connected = socket.create_connection((parts.hostname or "", parts.port or 554))
    session = ""
    for number, (method, more) in enumerate(
        (("SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"), ("PLAY", "")), start=1
    ):
        target = url + ("/trackID=0" if method == "SETUP" else "")
        connected.sendall(f"{method} {target} RTSP/1.0\r\nCSeq: {number}\r\n{more}{session}\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connected.recv(4096)
        if method == "SETUP":
            line = next(line for line in answer.decode("latin-1").split("\r\n") if line.startswith("Session:"))
            session = line.partition(";")[0] + "\r\n"
    connected.setblocking(False)
    return connected


def _drain(urls: list[str]) -> dict[str, Any]:
    """Read everything that comes and throw it away, until told to end."""
    selector, buffer = selectors.EpollSelector(), bytearray(256 * 1024)
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: ended.append(number))
    opened = {connected.fileno(): connected for connected in map(_open, urls)}
    for descriptor in opened:
        selector.register(descriptor, selectors.EVENT_READ)
    print("open", flush=True)
    received, started = 0, time.monotonic()
    warm = False
    while not ended:
        if not warm and time.monotonic() - started > WARM_UP_S:
            # What had piled up while the others were opened is not counted.
            warm, received, started = True, 0, time.monotonic()
        for key, _ in selector.select(0.5):
            with contextlib.suppress(BlockingIOError):
                got = opened[key.fd].recv_into(buffer)
                received += got
                if not got:
                    selector.unregister(opened.pop(key.fd))
        # Reading in rounds costs the machine less than waking up for every packet, as a busy receiver does.
        time.sleep(0.01)
    return {"playing": len(opened), "bytes": received, "seconds": time.monotonic() - started}


app = typer.Typer(add_completion=False, help=__doc__)


@app.command("run")
def _run(
    count: Annotated[int, typer.Option(min=1)] = 1447,
    seconds: Annotated[float, typer.Option(min=3)] = 30,
    cache: Annotated[Path, typer.Option(help="folder in which footage is kept")] = Path(".cache"),
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object instead of a table")] = False,
) -> None:
    """Cores and memory of the simulator."""
    run(count, seconds, cache).show(as_json=as_json)


@app.command("drain")
def _drain_standard_input() -> None:
    """Open the addresses given as one JSON line on standard input, and drain them up to SIGTERM."""
    print(json.dumps(_drain(json.loads(sys.stdin.readline()))), flush=True)


if __name__ == "__main__":
    app()
