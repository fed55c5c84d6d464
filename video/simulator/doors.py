"""Listening sockets of the simulator: one for the whole platform and one for each recorder, which can be shut."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

_BACKLOG = 1024
_AT_ONCE = 64


class Door:
    """A port that is open or shut; shut, it refuses, and opens again under the same number."""

    def __init__(self, host: str, port: int, enter: Callable[[socket.socket], None]) -> None:
        self._host, self.port, self._enter = host, port, enter
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        if self._socket is not None:
            return
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((self._host, self.port))
            listening.listen(_BACKLOG)
        except OSError:
            listening.close()
            raise
        listening.setblocking(False)
        self._socket, self.port = listening, int(listening.getsockname()[1])
        asyncio.get_running_loop().add_reader(listening.fileno(), self._accept)

    def shut(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            if self._socket is None:
                return
            try:
                connected, _ = self._socket.accept()
            except OSError:
                # Nobody more, or no descriptor left: those who wait are met at the next call.
                return
            self._enter(connected)
