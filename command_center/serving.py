"""Run a hall as a web server until it is told to stop."""

import logging
import socket
import sys
from collections.abc import Callable

import structlog
import uvicorn

from command_center.app import create_app
from command_center.settings import Settings
from command_center.wall.wire import WallSocket


class _Server(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()


def run(settings: Settings, *, demo: bool = False, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        settings: of the hall.
        demo: simulated people may act for themselves.
        ready: called once the port is open.

    Raises:
        NoTown: the database holds no town yet.
    """
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    config = uvicorn.Config(
        create_app(settings, demo=demo),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        ws=WallSocket,
        ws_per_message_deflate=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    _Server(config, ready).run()
