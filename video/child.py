"""Child processes of the video engine: started fresh (never forked from a busy server), tied to us by a socket pair.

A child whose parent is gone reads the end of the socket and leaves; a child that dies is seen by the end of its socket.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from video.wire import Head, Message, packed, receive

_ROOT = str(Path(__file__).resolve().parents[1])
# Pictures are made and thrown away hundreds of times a second: memory that goes back to the system each time has to be
# cleared again by it, which doubled the time of the cheapest looks.
KEPT_MEMORY = {"MALLOC_TRIM_THRESHOLD_": "134217728", "MALLOC_MMAP_THRESHOLD_": "67108864"}
MAX_WAITING_BYTES = 8_000_000
# A batch of pictures goes out in one write; the kernel gives less where it is set up to.
SOCKET_BYTES = 1_000_000


class Child:
    """One running child: send messages, receive messages, end it."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.process = process
        self._reader, self._writer = reader, writer

    @property
    def pid(self) -> int:
        return self.process.pid

    def send(self, head: Head, blobs: list[bytes] | None = None) -> None:
        """Queue a message; after the child died it goes nowhere, which the receiving side notices."""
        if not self._writer.is_closing():
            self._writer.write(packed(head, blobs or ()))

    async def receive(self) -> Message:
        return await receive(self._reader)

    async def end(self) -> None:
        """Close the socket, give the child a moment, then kill it."""
        self._writer.close()
        try:
            await asyncio.wait_for(self.process.wait(), 2.0)
        except TimeoutError:
            self.kill()
            await self.process.wait()

    def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()


def child_environment() -> dict[str, str]:
    """Our own environment, with this project importable and libraries kept to one thread."""
    path = os.pathsep.join(filter(None, [_ROOT, os.environ.get("PYTHONPATH")]))
    quiet = {"OPENCV_LOG_LEVEL": "ERROR", "OMP_NUM_THREADS": "1"}
    return {**os.environ, "PYTHONPATH": path, **quiet, **KEPT_MEMORY}


async def start_child(module: str, *arguments: str, pass_fds: Sequence[int] = ()) -> Child:
    """Run `python -m module FD *arguments` with one end of a socket pair as its file descriptor FD."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BYTES)
    command = [sys.executable, "-m", module, str(theirs.fileno()), *arguments]
    with theirs, ExitStack() as cancelled:
        # Who is cancelled meanwhile leaves nothing open. The process comes last: of one that is only just starting
        # asyncio waits for the end itself, of one that we held already nobody would.
        cancelled.callback(ours.close)
        reader, writer = await asyncio.open_connection(sock=ours, limit=2**22)
        cancelled.callback(writer.close)
        process = await asyncio.create_subprocess_exec(
            *command, pass_fds=[theirs.fileno(), *pass_fds], env=child_environment()
        )
        cancelled.pop_all()
    return Child(process, reader, writer)


def inherited_socket(fileno: str) -> socket.socket:
    """The parent's end, inside a child. Ctrl-C is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return socket.socket(fileno=int(fileno))


def open_files_limit() -> None:
    """Let this process hold as many sockets as the system allows: one a feed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
