"""A page as a test plays it: keeps its own number and digest, computed from the raw text with nothing of ours."""

import hashlib
import json
from contextlib import ExitStack
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


class GapSeen(Exception):
    """`prev` is not the last number that the page has."""


class Page:
    def __init__(self, url: str, **headers: str) -> None:
        self._stack = ExitStack()
        line = connect(url, compression=None, additional_headers=headers, max_size=None)
        self.socket: ClientConnection = self._stack.enter_context(line)
        self.seq: int | None = None
        self.digest = "0" * 32
        self.facts: list[dict[str, Any]] = []
        self.snapshots: list[dict[str, Any]] = []
        self.beats: list[dict[str, Any]] = []
        self.positions: list[dict[str, Any]] = []
        self.health: list[dict[str, Any]] = []
        self.resumes: list[int] = []

    def subscribe(self, **fields: Any) -> "Page":
        self.say(type="subscribe", **{"since": self.seq, "streams": ["facts"], "areas": [], "seat": "desk", **fields})
        return self

    def say(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def read(self) -> str:
        """Take one message in and return its type."""
        text = self.socket.recv(timeout=20)
        assert isinstance(text, str)
        message: dict[str, Any] = json.loads(text)
        kind: str = message["type"]
        getattr(self, f"_on_{kind}")(message, text)
        return kind

    def read_until(self, kind: str) -> "Page":
        while self.read() != kind:
            pass
        return self

    def read_facts(self, count: int) -> list[str]:
        """Read until there are so many facts in all; return their ids."""
        while len(self.facts) < count:
            self.read()
        return [fact["id"] for fact in self.facts]

    def read_to_the_end(self) -> int:
        """Read until the server closes; return the code."""
        while True:
            try:
                self.read()
            except ConnectionClosed as closed:
                assert closed.rcvd is not None
                self.close()
                return closed.rcvd.code

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> "Page":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _on_snapshot(self, message: dict[str, Any], text: str) -> None:
        self.snapshots.append(message)
        self.seq, self.digest = message["seq"], message["digest"]

    def _on_fact(self, message: dict[str, Any], text: str) -> None:
        if message["prev"] != (self.seq or 0):
            raise GapSeen
        data = text.split('"data":', 1)[1][:-1]
        line = f"{self.digest}\n{message['seq']}\n{message['kind']}\n{message['id']}\n{message['at']}\n{data}"
        self.digest = hashlib.sha256(line.encode()).hexdigest()[:32]
        self.seq = message["seq"]
        self.facts.append(message)

    def _on_beat(self, message: dict[str, Any], text: str) -> None:
        self.beats.append(message)
        self.say(type="ack", seq=self.seq or 0, digest=self.digest)

    def _on_positions(self, message: dict[str, Any], text: str) -> None:
        self.positions.append(message)

    def _on_health(self, message: dict[str, Any], text: str) -> None:
        self.health.append(message)

    def _on_resume(self, message: dict[str, Any], text: str) -> None:
        self.resumes.append(message["since"])

    def in_step(self) -> bool:
        """Whether the last beat names the page's own number and digest."""
        beat = self.beats[-1]
        return bool((beat["seq"], beat["digest"]) == (self.seq, self.digest))
