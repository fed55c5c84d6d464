"""A small real HTTP server in a thread, whose answers a test writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What was asked: path without query, query, headers in lower case."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """Status, body and further headers; the length is added, unless parts follow that are sent one by one."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    parts: Iterator[bytes] | None = None


@contextmanager
def serving(answer: Callable[[Request], Answer]) -> Iterator[int]:
    """Serve on a free port of 127.0.0.1; `answer` is called in threads."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            told = answer(Request(parts.path, dict(parse_qsl(parts.query)), headers))
            self.send_response(told.status)
            length = {"Content-Length": str(len(told.body))} if told.parts is None else {"Connection": "close"}
            for name, value in {**length, **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(told.body)
                for part in told.parts or ():
                    self.wfile.write(part)
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
