"""The viewers of `bench wall`: `python -m bench.wall_pages pages PORT COUNT` or `… polls FOLDER COUNT`.

A page here is a real WebSocket client that notes when what arrived and does little else: two hundred browsers would
bring two hundred processors. Every tenth also reads its positions; all check that facts come once and in order.
"""

import asyncio
import base64
import json
import os
import re
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any, cast

import uvloop

from command_center.timeline import open_timeline

SEQ = re.compile(rb'^\{"type":"fact","seq":(\d+),"prev":(\d+),')
POLL_S = 0.1


@dataclass
class Noted:
    """What all viewers of this process saw: arrival of each fact at each page, and delays of positions, in seconds."""

    facts: dict[int, list[float]] = field(default_factory=dict)
    positions: list[float] = field(default_factory=list)
    out_of_order: int = 0
    frames: int = 0
    bytes: int = 0


class PageClient(asyncio.Protocol):
    """Handshake, subscribe, take frames apart, answer beats."""

    def __init__(self, noted: Noted, port: int, reads_positions: bool) -> None:
        self._noted = noted
        self._port = port
        self._reads_positions = reads_positions
        self._buffer = b""
        self._open = False
        self._last: int | None = None
        self.ready = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._noted.bytes += len(data)
        self._buffer += data
        if not self._open:
            self._handshake()
        while self._open and (size := self._frame_size()):
            header, whole = size
            payload, opcode = self._buffer[header:whole], self._buffer[0] & 15
            self._buffer = self._buffer[whole:]
            self._take(payload, opcode, now)

    def _handshake(self) -> None:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if found:
            assert b" 101 " in head.split(b"\r\n")[0], head
            self._open, self._buffer = True, rest
            subscribe = {"type": "subscribe", "since": None, "streams": ["facts", "positions"], "areas": []}
            self._say(0x1, json.dumps(subscribe).encode())
            self.ready.set()

    def _frame_size(self) -> tuple[int, int] | None:
        """Bytes of the header and of the whole frame at the front of the buffer, None until all of it is there."""
        buffer = self._buffer
        if len(buffer) < 10:
            # The shortest frames here are longer, but for pings.
            if len(buffer) < 2 or len(buffer) < 2 + (buffer[1] & 127):
                return None
            return 2, 2 + buffer[1]
        size, header = buffer[1], 2
        if size == 126:
            (size,), header = struct.unpack_from("!H", buffer, 2), 4
        elif size == 127:
            (size,), header = struct.unpack_from("!Q", buffer, 2), 10
        return (header, header + size) if len(buffer) >= header + size else None

    def _take(self, payload: bytes, opcode: int, now: float) -> None:
        self._noted.frames += 1
        if opcode == 0x9:
            self._say(0xA, payload)
        elif match := SEQ.match(payload):
            seq, prev = int(match[1]), int(match[2])
            if self._last is not None and (prev != self._last or seq <= prev):
                self._noted.out_of_order += 1
            self._last = seq
            self._noted.facts.setdefault(seq, []).append(now)
        elif payload.startswith(b'{"type":"beat"'):
            beat = json.loads(payload)
            self._say(0x1, json.dumps({"type": "ack", "seq": beat["seq"], "digest": beat["digest"]}).encode())
        elif self._reads_positions and payload.startswith(b'{"type":"positions"'):
            message: dict[str, Any] = json.loads(payload)
            self._noted.positions += [now - row[4] for row in message["units"]]

    def _say(self, opcode: int, payload: bytes) -> None:
        assert len(payload) < 126
        self._transport.write(bytes([0x80 | opcode, 0x80 | len(payload)]) + b"\0\0\0\0" + payload)


async def look(port: int, count: int) -> None:
    noted, loop = Noted(), asyncio.get_running_loop()
    pages = [PageClient(noted, port, reads_positions=index % 10 == 0) for index in range(count)]
    for page in pages:
        await loop.create_connection(lambda page=page: page, "127.0.0.1", port)  # type: ignore[misc]
        await page.ready.wait()
    print("ready", flush=True)
    began = time.process_time(), time.monotonic()
    await asyncio.to_thread(sys.stdin.readline)
    cores = (time.process_time() - began[0]) / (time.monotonic() - began[1])
    print(json.dumps({**vars(noted), "cores": cores}), flush=True)


def poll(folder: str, count: int) -> None:
    """Viewers that read the database themselves, ten times a second each."""
    timeline = open_timeline(f"sqlite:///{folder}/hall.db")
    noted, stop, lock = Noted(), threading.Event(), threading.Lock()

    def view(index: int) -> None:
        seq = timeline.head().seq
        stop.wait(POLL_S * index / count)
        due = time.monotonic()
        while not stop.is_set():
            for fact in timeline.since(seq):
                seq = fact.seq
                with lock:
                    noted.facts.setdefault(seq, []).append(time.monotonic())
            due += POLL_S
            stop.wait(max(0.0, due - time.monotonic()))

    threads = [threading.Thread(target=view, args=[index]) for index in range(count)]
    began = time.process_time(), time.monotonic()
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    stop.set()
    for thread in threads:
        thread.join()
    cores = (time.process_time() - began[0]) / (time.monotonic() - began[1])
    print(json.dumps({**vars(noted), "cores": cores}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "pages":
        uvloop.run(look(int(sys.argv[2]), int(sys.argv[3])))
    else:
        poll(sys.argv[2], int(sys.argv[3]))
