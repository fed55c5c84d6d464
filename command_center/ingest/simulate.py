"""Lets simulated people live in a running hall: over HTTP and the live stream, as real devices would."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from command_center.ingest.simulated_crowd import Act, Crowd, World
from command_center.timeline.facts import chain
from gis.town_model import Town

log = logging.getLogger("yiping.simulate")

EVERY_S = 1.0
AGAIN_S = 2.0
PATIENCE_S = 15.0
FORBIDDEN = 403
# Nothing of the machine's proxies: the hall is next door.
_opener = build_opener(ProxyHandler({}))


async def run_people(url: str, token: str, town: Town, *, seed: int, obey: bool = False) -> None:
    """Move a town's people and report their positions once a second, until cancelled.

    They keep their duties (but a seeded few), and go to the place of a case when their order is accepted. A hall that
    is not there yet, or for a while, is waited for.

    Args:
        url: address of the hall, e.g. http://127.0.0.1:8080.
        token: of a fleet device.
        town: the same town that the hall looks after.
        seed: same seed, same rounds.
        obey: responders also accept, depart, confirm, report and finish by themselves; the hall allows it in a
            demonstration, for the persons that the fleet acts for.
    """
    crowd = await asyncio.to_thread(Crowd, town, seed=seed, begins_s=time.time())
    world = World()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_listen(url, token, world, crowd))
        tasks.create_task(_walk(url, token, world, crowd))
        if obey:
            tasks.create_task(_obey(url, token, world, crowd))


async def _walk(url: str, token: str, world: World, crowd: Crowd) -> None:
    while True:
        began = time.monotonic()
        now = datetime.now(UTC)
        crowd.decide(world, now.timestamp())
        body = {"positions": crowd.report(now.timestamp(), now.isoformat())}
        await _send(f"{url}/api/v1/positions", token, json.dumps(body).encode(), "application/json")
        await asyncio.sleep(max(0.0, EVERY_S - (time.monotonic() - began)))


async def _obey(url: str, token: str, world: World, crowd: Crowd) -> None:
    while True:
        for act in crowd.obey(world, time.time()):
            status = await _act(url, token, act)
            if status == FORBIDDEN:
                world.by_hand.add(act.order_id)
        await asyncio.sleep(EVERY_S)


async def _act(url: str, token: str, act: Act) -> int:
    body, kind = b"{}", "application/json"
    if act.verb == "feedback":
        body, kind = urlencode({"text": "已到现场，情况已控制（模拟）"}).encode(), "application/x-www-form-urlencoded"
    address = f"{url}/api/v1/orders/{act.order_id}/{act.verb}"
    return await _send(address, token, body, kind, headers={"X-Act-For": act.person_id})


async def _send(url: str, token: str, body: bytes, kind: str, headers: Mapping[str, str] | None = None) -> int:
    """Post and return the status; 0 when the hall could not be reached."""
    request = Request(url, data=body, method="POST", headers={"Content-Type": kind, **(headers or {})})
    request.add_header("Authorization", f"Bearer {token}")
    return await asyncio.to_thread(_post, request)


def _post(request: Request) -> int:
    try:
        with _opener.open(request, timeout=PATIENCE_S) as answer:
            answer.read()
            return int(answer.status)
    except HTTPError as error:
        log.warning("%s: %s %s", request.full_url, error.code, error.read(500).decode(errors="replace"))
        return error.code
    except (URLError, OSError) as error:
        log.info("%s: %s", request.full_url, error)
        return 0


async def _listen(url: str, token: str, world: World, crowd: Crowd) -> None:
    parts = urlsplit(url)
    address = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/ws"
    while True:
        with contextlib.suppress(WebSocketException, OSError):
            headers = {"Authorization": f"Bearer {token}"}
            async with connect(address, additional_headers=headers, proxy=None, max_size=None) as socket:
                await _follow(socket, world, crowd)
        await asyncio.sleep(AGAIN_S)


async def _follow(socket: ClientConnection, world: World, crowd: Crowd) -> None:
    """Fold what the hall tells, and answer its beats with the digest of what was folded, as every seat does."""
    await socket.send(json.dumps({"type": "subscribe", "since": None, "streams": ["facts"], "seat": ""}))
    seq, digest = 0, ""
    async for text in socket:
        message: dict[str, Any] = json.loads(text)
        if message["type"] == "snapshot":
            seq, digest = message["seq"], message["digest"]
            world.start(message["state"])
        elif message["type"] == "fact":
            raw = str(text)
            data_json = raw[raw.index('"data":') + len('"data":') : -1]
            seq = message["seq"]
            digest = chain(
                digest, seq=seq, kind=message["kind"], id=message["id"], at=message["at"], data_json=data_json
            )
            world.fold(message, crowd.own)
        elif message["type"] == "beat":
            await socket.send(json.dumps({"type": "ack", "seq": seq, "digest": digest}))
