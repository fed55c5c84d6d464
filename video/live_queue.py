"""Fragments on their way to one viewer."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

# A viewer that reads too slowly holds at most so many fragments; then it goes on at the next key frame.
MAX_FRAGMENTS = 60


class LiveQueue:
    """Fragments for one viewer; bounded, and honest about what it left out: it resumes at a key frame."""

    def __init__(self) -> None:
        self._items: deque[bytes | dict[str, Any] | None] = deque()
        self._wait_key = False
        self._bell = asyncio.Event()

    def put(self, item: bytes | dict[str, Any] | None, *, key: bool) -> None:
        if isinstance(item, bytes) and not key:
            if self._wait_key:
                return
            if len(self._items) >= MAX_FRAGMENTS:
                self._wait_key = True
                return
        elif len(self._items) >= MAX_FRAGMENTS:
            # Keep descriptions and the end; old pictures are no longer wanted.
            self._items = deque(kept for kept in self._items if not isinstance(kept, bytes))
        self._wait_key = self._wait_key and not key
        self._items.append(item)
        self._bell.set()

    async def get(self) -> bytes | dict[str, Any] | None:
        while not self._items:
            self._bell.clear()
            await self._bell.wait()
        return self._items.popleft()
