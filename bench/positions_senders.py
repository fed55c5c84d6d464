"""The devices of `bench positions`: `python -m bench.positions_senders KIND PORT SECONDS FILE`.

Runs in a process of its own. FILE holds, as JSON, what each device is called and where it is. Sends at a steady pace,
waits for what is still unanswered, and prints as JSON how many positions were sent and answered and how long each
answer took (ms).
"""

import asyncio
import functools
import json
import random
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import orjson
import paho.mqtt.client as paho
import uvloop
from paho.mqtt.enums import CallbackAPIVersion

from command_center.ingest.jt808 import body, frame

PACE_PER_S = 5_000
BATCH = 100
OSMAND_LINES = 1_000
LAST_ANSWERS_S = 60.0
# Terminals tell whole seconds: their clocks begin so far back, so that each position has a second of its own.
BEHIND = timedelta(seconds=400)


@dataclass
class Tally:
    """What was sent and answered."""

    began: float = field(default_factory=time.time)
    sent: int = 0
    answered: int = 0
    refused: int = 0
    delays_ms: list[float] = field(default_factory=list)

    def answer(self, sent_at: float, positions: int = 1) -> None:
        self.answered += positions
        self.delays_ms.append((time.monotonic() - sent_at) * 1e3)


@dataclass(frozen=True)
class Town:
    """Devices by number: names, persons, secrets, places."""

    persons: list[str]
    lonlats: list[tuple[float, float]]
    token: str

    def place(self, device: int) -> tuple[float, float]:
        """A little elsewhere each time, as a receiver is."""
        lon, lat = self.lonlats[device]
        return lon + random.uniform(-2e-5, 2e-5), lat + random.uniform(-2e-5, 2e-5)


def phone_of(device: int) -> str:
    """SIM number, identifier and MQTT device in one."""
    return str(13_900_000_000 + device)


async def paced(seconds: float, per_s: float, act: Callable[[int], Any]) -> None:
    """Call `act(n)` so many times a second on a steady clock, in small groups."""
    began, done = time.monotonic(), 0
    while (now := time.monotonic() - began) < seconds:
        while done < now * per_s:
            act(done)
            done += 1
        await asyncio.sleep(0.005)


async def settled(tally: Tally) -> None:
    """Wait for the last answers."""
    end = time.monotonic() + LAST_ANSWERS_S
    while tally.answered + tally.refused < tally.sent and time.monotonic() < end:
        await asyncio.sleep(0.05)


class HttpLine(asyncio.Protocol):
    """One connection that is kept open; answers come in the order of requests."""

    def __init__(self, tally: Tally, free: Callable[["HttpLine"], None]) -> None:
        self._tally, self._free, self._sent_at, self._count, self._rest = tally, free, 0.0, 0, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def ask(self, request: bytes, positions: int) -> None:
        self._sent_at, self._count = time.monotonic(), positions
        self._tally.sent += positions
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        head, blank, rest = self._rest.partition(b"\r\n\r\n")
        if not blank:
            return
        fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
        length = int(fields.get(b"content-length", b"0"))
        if len(rest) < length:
            return
        self._rest = rest[length:]
        if head[9:12] == b"200" and b"x-rejected" not in fields:
            self._tally.answer(self._sent_at, self._count)
        else:
            self._tally.refused += self._count
        self._free(self)


async def http_lines(port: int, count: int, tally: Tally, free: Callable[[HttpLine], None]) -> list[HttpLine]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: HttpLine(tally, free), "127.0.0.1", port) for _ in range(count)]
    return [line for _, line in made]


async def http(port: int, seconds: float, town: Town) -> Tally:
    """A fleet that posts batches."""
    tally = Tally()
    idle: list[HttpLine] = []
    waiting: list[bytes] = []

    def free(line: HttpLine) -> None:
        if waiting:
            line.ask(waiting.pop(0), BATCH)
        else:
            idle.append(line)

    def post(number: int) -> None:
        now, rows = datetime.now(UTC).isoformat(), []
        for at in range(number * BATCH, (number + 1) * BATCH):
            device = at % len(town.persons)
            lon, lat = town.place(device)
            rows.append({"person_id": town.persons[device], "at": now, "lon": lon, "lat": lat, "accuracy_m": 8})
        content = orjson.dumps({"positions": rows})
        head = f"POST /api/v1/positions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {town.token}\r\n"
        request = f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
        if idle:
            idle.pop().ask(request, BATCH)
        else:
            waiting.append(request)

    idle += await http_lines(port, 200, tally, free)
    await paced(seconds, PACE_PER_S / BATCH, post)
    await settled(tally)
    return tally


async def osmand(port: int, seconds: float, town: Town) -> Tally:
    """Phones that send one position a request, each on its own line, as fast as they are answered."""
    tally, end = Tally(), time.monotonic() + seconds
    numbers: dict[HttpLine, int] = {}

    def ask(line: HttpLine) -> None:
        if time.monotonic() >= end:
            return
        device = random.choice((numbers[line], numbers[line] + OSMAND_LINES))
        lon, lat = town.place(device)
        query = f"id={phone_of(device)}&lat={lat:.7f}&lon={lon:.7f}&timestamp={time.time() * 1000:.0f}&batt=80"
        line.ask(f"GET /osmand?{query} HTTP/1.1\r\nHost: h\r\n\r\n".encode(), 1)

    lines = await http_lines(port, OSMAND_LINES, tally, ask)
    for number, line in enumerate(lines):
        numbers[line] = number
        ask(line)
    await asyncio.sleep(seconds)
    await settled(tally)
    return tally


class TerminalLine(asyncio.Protocol):
    """A JT/T 808 terminal."""

    def __init__(self, tally: Tally, device: int) -> None:
        self._tally, self._splitter, self.device, self.serial = tally, frame.Splitter(), device, 0
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sent: dict[int, float] = {}
        self.clock = datetime.now(UTC) - BEHIND

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.send(body.REGISTER, bytes(37))

    def send(self, id: int, content: bytes) -> None:
        self.serial = self.serial % 0xFFFF + 1
        self._transport.write(frame.write(frame.Message(id, phone_of(self.device), self.serial, content)))

    def tell(self, lonlat: tuple[float, float]) -> None:
        self.clock += timedelta(seconds=1)
        stamp = bytes.fromhex(self.clock.astimezone(body.BEIJING).strftime("%y%m%d%H%M%S"))
        lon, lat = (round(degrees * 1e6) for degrees in lonlat)
        self.send(body.PLACE, struct.pack(">IIIIHHH", 0, 3, lat, lon, 5, 0, 90) + stamp + b"\x30\x01\x19\x31\x01\x0b")
        self.sent[self.serial] = time.monotonic()
        self._tally.sent += 1

    def data_received(self, data: bytes) -> None:
        for raw in self._splitter.feed(data):
            message = frame.read(raw)
            if message.id == body.REGISTER_ANSWER:
                self.send(body.AUTHENTICATE, message.body[3:])
                continue
            serial, about, result = struct.unpack(">HHB", message.body)
            if about == body.AUTHENTICATE:
                self.ready.set_result(None)
            elif result == body.DONE:
                self._tally.answer(self.sent.pop(serial))
            else:
                self._tally.refused += 1


async def jt808(port: int, seconds: float, town: Town) -> Tally:
    """Terminals that tell their places in turn, each on a line of its own."""
    tally, loop, lines = Tally(), asyncio.get_running_loop(), []
    for device in range(len(town.persons)):
        _, line = await loop.create_connection(functools.partial(TerminalLine, tally, device), "127.0.0.1", port)
        lines.append(line)
    await asyncio.gather(*(line.ready for line in lines))
    tally.began = time.time()
    await paced(seconds, PACE_PER_S, lambda number: lines[number % len(lines)].tell(town.place(number % len(lines))))
    await settled(tally)
    return tally


async def mqtt(port: int, seconds: float, town: Town) -> Tally:
    """One publisher for all devices, QoS 1; an answer is the broker's, so storing is measured elsewhere."""
    tally = Tally()
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="bench")
    client.max_inflight_messages_set(0)
    client.max_queued_messages_set(0)
    client.connect("127.0.0.1", port)
    client.loop_start()

    def published(*_: Any) -> None:
        tally.answered += 1

    client.on_publish = published

    def publish(number: int) -> None:
        device = number % len(town.persons)
        lon, lat = town.place(device)
        now = round(time.time() * 1000)
        client.publish(f"yiping/positions/{phone_of(device)}", orjson.dumps({"at": now, "lon": lon, "lat": lat}), 1)
        tally.sent += 1

    await paced(seconds, PACE_PER_S, publish)
    # What the broker has not acknowledged yet is in the publisher only.
    await settled(tally)
    client.disconnect()
    client.loop_stop()
    return tally


KINDS = {"http": http, "osmand": osmand, "jt808": jt808, "mqtt": mqtt}


def main(kind: str, port: str, seconds: str, file: str) -> None:
    town = Town(**json.loads(Path(file).read_text()))
    began, used = time.monotonic(), time.process_time()
    tally = uvloop.run(KINDS[kind](int(port), float(seconds), town))
    cores = (time.process_time() - used) / (time.monotonic() - began)
    told = {
        "began": tally.began,
        "sent": tally.sent,
        "answered": tally.answered,
        "refused": tally.refused,
        "cores": cores,
    }
    print(json.dumps(told | {"delays_ms": tally.delays_ms}))


if __name__ == "__main__":
    main(*sys.argv[1:])
