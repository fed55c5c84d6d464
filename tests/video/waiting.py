"""Waiting for a moment, and playing a source until then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from video.sources.driver import Source


async def until(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    """Wait for something to become true; the limit only ends a test that would never end."""
    stop = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < stop, "it never came true"
        await asyncio.sleep(0.05)


async def play(source: Source, condition: Callable[[], object]) -> None:
    """Run a source until something is true, then end it."""
    task = asyncio.create_task(source.run())
    try:
        await until(lambda: condition() or task.done())
        assert not task.done(), "a source never ends by itself"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
