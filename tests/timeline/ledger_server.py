"""A real server with the real log and door, made to be killed: `python -m tests.timeline.ledger_server URL PORT`.

With `--nursery` it stays a parent that has everything imported and forks a server at each line on its standard input,
printing the server's process id: that makes a thousand restarts cheap, while each killed server is a real process.
"""

import os
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio._backends._asyncio  # noqa: F401 - anyio would import it in each child
import uvicorn
from fastapi import Body, FastAPI

from command_center import errors
from command_center.timeline import Timeline
from command_center.timeline.door import CommandDep
from tests.timeline.ledger import enter, follower, open_ledger

FOLLOW_EVERY_S = 0.005


def build(timeline: Timeline) -> FastAPI:
    stop = threading.Event()

    def follow() -> None:
        copier = follower(timeline)
        while not stop.wait(FOLLOW_EVERY_S):
            copier.step()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=follow, daemon=True).start()
        yield
        stop.set()

    app = FastAPI(lifespan=lifespan)
    errors.install(app)
    app.state.timeline = timeline

    @app.post("/entries")
    def post_entry(command: CommandDep, name: str = Body(), amount: int = Body()) -> dict[str, Any]:
        answer: dict[str, Any] = command.run(lambda tx: enter(tx, name=name, amount=amount))
        return answer

    return app


def serve(url: str, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)) as listener:
        config = uvicorn.Config(build(open_ledger(url)), log_level="error", access_log=False, lifespan="on")
        uvicorn.Server(config).run([listener])


def _import_everything(url: str) -> None:
    """What a server would otherwise import after the fork, each time anew."""
    timeline = open_ledger(url)
    config = uvicorn.Config(build(timeline))
    config.load()
    config.get_loop_factory()
    timeline.close()


def nursery(url: str, port: int) -> None:
    _import_everything(url)
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            serve(url, port)
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


if __name__ == "__main__":
    (nursery if "--nursery" in sys.argv else serve)(sys.argv[1], int(sys.argv[2]))
