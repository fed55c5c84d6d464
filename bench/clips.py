"""The labelled clips beside the project, and detectors run over them as they run over live feeds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import orjson

from video.decode import planes_of
from video.detect.eyes import Eyes
from video.detect.look import Look, small_luma
from video.model import FeedSignal, FeedSpec, Zone

CLIPS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "video"
KEY_EVERY_S = 2.0
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
# Never opened here: it takes the process with it.
HARMFUL = "robustness"


class NoClips(ValueError):
    """The clips are not on this machine."""


def clip_names() -> list[str]:
    """All clips, by folder and name.

    Raises:
        NoClips: there are none.
    """
    found = sorted([*CLIPS.glob("*/*.mp4"), *CLIPS.glob("*/*.avi")])
    if not found:
        raise NoClips(f"no clips in {CLIPS}")
    return [str(path.relative_to(CLIPS)) for path in found if path.parent.name != HARMFUL]


def labelled_events() -> list[dict[str, Any]]:
    """Rows of events.json: file, event, start_frame, end_frame, note."""
    events: list[dict[str, Any]] = orjson.loads((CLIPS / "events.json").read_bytes())
    return events


def frames(name: str, *, threads: bool = True) -> Iterator[av.VideoFrame]:
    """Decoded pictures of a clip; with `threads` they come faster, but from another core's memory."""
    with av.open(str(CLIPS / name)) as container:
        container.streams.video[0].thread_type = "AUTO" if threads else "NONE"
        yield from container.decode(video=0)


def times(name: str) -> list[float]:
    """When each picture of a clip is shown, in seconds."""
    return [float(frame.time or 0.0) for frame in frames(name)]


def watch(name: str, zones: tuple[Zone, ...] = (), *, looks_per_s: float = 5.0) -> list[FeedSignal]:
    """Signals of a clip, with their ends; key frames every two seconds and so many looks a second in all."""
    eyes, signals = Eyes(FeedSpec(name, "", zones)), []
    next_key_at = next_at = -1.0
    at = 0.0
    for frame in frames(name):
        at = float(frame.time or 0.0)
        if at < next_at:
            continue
        key = at >= next_key_at
        next_at = at + 1 / looks_per_s
        next_key_at = at + KEY_EVERY_S if key else next_key_at
        planes = planes_of(frame)
        signals += eyes.look(Look(small_luma(planes.y), at, "deep" if key else "hot", planes))
    signals += eyes.close(at)
    return [signal for signal in signals if signal.ended_at is not None]
