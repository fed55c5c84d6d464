"""Real footage for the bench of the quality detectors: brought to a substream's size, encoded as cameras encode."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import chain, cycle, islice
from pathlib import Path

import av
import numpy as np

from bench.quality_troubles import TROUBLES
from video.picture import Picture, shrunk

ROOT = Path(__file__).resolve().parent.parent
CLIPS = ROOT.parent / "shared" / "data" / "video"
CACHE = ROOT / ".cache" / "quality"
WIDTH_PX, MOST_FPS, GOP_S, BITRATE = 352, 15, 2, 160_000
_X264 = "scenecut=0:bframes=0:ref=1:weightp=0:threads=1:sliced-threads=0:vbv-maxrate=220:vbv-bufsize=320"
LONGEST_S = 20
# Clips that are in trouble from the start, or that stop the process that reads them.
NOT_NORMAL = ("robustness",)


@dataclass(frozen=True)
class Coded:
    """One coded picture; `at` in seconds of the clip."""

    at: float
    key: bool
    data: bytes


def normal_clips(folder: Path = CLIPS) -> list[Path]:
    """Every clip of normal life, in the order of names."""
    found = (path for path in folder.rglob("*") if path.suffix in (".mp4", ".avi"))
    return sorted(path for path in found if path.relative_to(folder).parts[0] not in NOT_NORMAL)


def pictures(path: Path) -> tuple[int, Iterator[Picture]]:
    """Pictures a second, at most 15, and the pictures, BGR and at most 352 wide."""
    with av.open(str(path)) as container:
        rate = float(container.streams.video[0].average_rate or MOST_FPS)
    step = max(1, round(rate / MOST_FPS))
    return max(1, round(rate / step)), _read(path, step)


def _read(path: Path, step: int) -> Iterator[Picture]:
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for index, frame in enumerate(container.decode(video=0)):
            if index % step == 0:
                picture = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
                height, width = picture.shape[:2]
                wide = min(WIDTH_PX, width) // 2 * 2
                yield shrunk(picture, (wide, round(height * wide / width) // 2 * 2))


def encode(coming: Iterable[Picture], fps: int) -> Iterator[Coded]:
    """H.264 at 160 kb/s with a key frame every 2 s; the first second is encoded twice and its first turn left out,
    because rate control starts out stingy."""
    coming = iter(coming)
    first = list(islice(coming, fps * GOP_S))
    height, width = first[0].shape[:2]
    codec = av.CodecContext.create("libx264", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.time_base, codec.framerate, codec.bit_rate = Fraction(1, fps), Fraction(fps), BITRATE
    keys = f"keyint={fps * GOP_S}:min-keyint={fps * GOP_S}:"
    codec.options = {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline", "x264-params": keys + _X264}
    index = -len(first)
    for picture in chain(first, first, coming):
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts = index + len(first)
        for packet in codec.encode(frame):
            if index >= 0:
                yield Coded(index / fps, packet.is_keyframe, bytes(packet))
        index += 1


def kept(name: str, make: Callable[[], Iterable[Coded]]) -> list[Coded]:
    """What `make` gives, from the cache where it was made before."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"{hashlib.sha256(name.encode()).hexdigest()[:20]}.bin"
    if not path.exists():
        aside = path.with_suffix(".part")
        aside.write_bytes(pickle.dumps([(unit.at, unit.key, unit.data) for unit in make()]))
        aside.replace(path)
    return [Coded(*row) for row in pickle.loads(path.read_bytes())]


def clean(path: Path, skip: int = 0) -> list[Coded]:
    """A clip as a camera would have sent it; `skip` leaves out so many pictures, so that key frames fall elsewhere."""
    fps, coming = pictures(path)
    return kept(f"clean 1 {path.relative_to(CLIPS)} {skip}", lambda: encode(islice(coming, skip, None), fps))


def troubled(path: Path, kind: str, *, seed: int, onset_s: float, for_s: float, after_s: float) -> list[Coded]:
    """The beginning of a clip over and over, with a trouble of `kind` from `onset_s` on for `for_s` seconds."""

    def made() -> Iterator[Coded]:
        fps, known = _beginning(path)
        return encode(_with_trouble(known, fps, kind, seed, onset_s, for_s, after_s), fps)

    version = 3 if kind == "freeze" else 1
    return kept(f"trouble {version} {path.relative_to(CLIPS)} {kind} {seed} {onset_s:.3f} {for_s} {after_s}", made)


@lru_cache(maxsize=1)
def _beginning(path: Path) -> tuple[int, list[Picture]]:
    fps, coming = pictures(path)
    return fps, list(islice(coming, LONGEST_S * fps))


def _with_trouble(
    known: list[Picture], fps: int, kind: str, seed: int, onset_s: float, for_s: float, after_s: float
) -> Iterator[Picture]:
    random = np.random.default_rng(seed)
    render = TROUBLES[kind](known[0], random)
    # A turn shows the same picture a moment before and a moment after it: nothing to learn stillness from.
    loop = cycle(known if kind == "freeze" else known + known[-2:0:-1])
    for index, picture in enumerate(islice(loop, round((onset_s + for_s + after_s) * fps))):
        since_s = index / fps - onset_s
        yield render(picture, since_s) if 0 <= since_s < for_s else picture
