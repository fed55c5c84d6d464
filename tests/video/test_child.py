"""A child is started whole or not at all."""

import asyncio
import gc
import os
import warnings
from pathlib import Path

import pytest

from video.child import start_child


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 4, 6, 9])
def test_who_is_cancelled_while_a_child_starts_leaves_none_behind(turns: int) -> None:
    before, known = set(os.listdir("/proc/self/fd")), _children()

    async def start_and_let_go() -> None:
        starting = asyncio.ensure_future(start_child("video.sources.file_child", "/nowhere/a.mp4"))
        for _ in range(turns):
            await asyncio.sleep(0)
        starting.cancel()
        (answer,) = await asyncio.gather(starting, return_exceptions=True)
        if not isinstance(answer, BaseException):
            answer.kill()
            await answer.end()

    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        asyncio.run(start_and_let_go())
        gc.collect()
    assert set(os.listdir("/proc/self/fd")) <= before
    assert _children() <= known


def _children() -> set[str]:
    """Processes that somebody here has started, those that nobody has waited for as well."""
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}
