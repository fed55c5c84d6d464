"""The patience that all sources share: play, and after an error play again, with growing, jittered pauses."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from video.sources.rtsp import RtspState, RtspTimes, SourceError
from video.sources.unit import BadVideo


async def keep_open(state: RtspState, times: RtspTimes, play: Callable[[], Awaitable[None]]) -> None:
    """Call `play` for ever; ends only by being cancelled.

    `play` returns or fails when the feed is over; what it says stands in `state.last_error`. A feed that gave pictures
    since it was opened is tried again soon, one that never did less and less often.
    """
    pause_s = times.retry_first_s
    while True:
        before = state.counts.pictures
        try:
            await play()
        except (OSError, TimeoutError, EOFError, SourceError, BadVideo) as error:
            state.last_error = str(error) or type(error).__name__
        finally:
            state.playing = False
        state.failures += 1
        if state.counts.pictures > before:
            pause_s = times.retry_first_s
        await asyncio.sleep(pause_s * random.uniform(0.6, 1.0))
        pause_s = min(pause_s * 2, times.retry_longest_s)
