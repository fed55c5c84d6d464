"""The quality detectors on real footage: troubles injected at random moments, and normal life left alone."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np

from bench.quality_footage import Coded, clean, normal_clips, troubled
from bench.quality_troubles import TROUBLES
from bench.report import Figure, Report, quantile
from video.clues import Clues, quiet_before
from video.decode import Decoder, planes_of
from video.detect.eyes import Eyes
from video.detect.glance import Glance, largest_change
from video.detect.look import Lane, Look, small_luma
from video.looker import HOT_LOOK_EVERY_S, HOT_SPAN_S
from video.looking import HOT_FOR_S, HOT_REST_S, HUSH_AFTER_S
from video.model import QUALITY_KINDS, FeedSignal, FeedSpec
from video.picture import Picture

DEEP_EVERY_S = 300.0
ONSET_S, TROUBLE_S, AFTER_S = 16.0, 8.0, 6.0
# A picture that stands and is coded anew each time takes longer to tell from a quiet scene.
FROZEN_S = 24.0
# How still a camera can be takes longer to learn: it is watched for so long before the clip with the trouble.
FREEZE_KNOWN_S = 240.0
START = 1_760_000_000.0
QUALITY = frozenset(QUALITY_KINDS)


@dataclass(frozen=True)
class Row:
    """What became of one kind: `found` of `injected` troubles; `other` were told as another kind, in time."""

    kind: str
    injected: int
    found: int
    other: int
    delays_s: tuple[float, ...]


@dataclass(frozen=True)
class Normal:
    """Normal footage: signals that should not have been, and how often more pictures were asked for."""

    hours: float
    signals: tuple[tuple[str, FeedSignal], ...]
    looks: int
    suspicions: int


def _low_delay() -> av.VideoCodecContext:
    codec = av.CodecContext.create("h264", "r")
    assert isinstance(codec, av.VideoCodecContext)
    codec.thread_count = 1
    codec.flags |= av.codec.context.Flags.low_delay
    return codec


class Watch:
    """Looks at a feed as keeper and looker do: key frames; pictures in between after a suspicion or a clue."""

    def __init__(self, eyes: Eyes) -> None:
        self.eyes = eyes
        self.looks = self.suspicions = 0
        self._hot_until = self._hot_next = self._deep_at = self._hushed_until = 0.0
        self._keys: list[bytes] = []
        self._quick, self._finely, self._clues = Decoder(quick=True), _low_delay(), Clues()
        self._group: list[tuple[float, Coded]] = []
        self._sizes: list[int] = []
        # Of the group: how many pictures are decoded finely, and the first of them.
        self._decoded = 0
        self._key_luma: Picture | None = None

    def signals(self, units: Iterable[Coded]) -> Iterator[FeedSignal]:
        for unit in units:
            at = START + unit.at
            if unit.key:
                yield from self._key(unit, at)
                self._group, self._sizes, self._decoded = [], [], 0
            self._group.append((at, unit))
            self._sizes.append(len(unit.data))
            clue = self._clues.read(self._sizes)
            if clue is not None and at > self._hot_until + HOT_REST_S:
                self._hot_until = at + HOT_FOR_S
                self._hushed_until = at + 2 * HUSH_AFTER_S if clue == "hush" else 0.0
            if not unit.key and at <= self._hot_until:
                yield from self._between(at, hushed=at <= self._hushed_until)

    def _key(self, unit: Coded, at: float) -> list[FeedSignal]:
        frame = self._quick.last([unit.data])
        assert frame is not None
        lane: Lane = "patrol"
        if at - self._deep_at >= DEEP_EVERY_S:
            lane, self._deep_at = "deep", at
        planes = planes_of(frame)
        quiet_s = quiet_before([(moment, len(coded.data)) for moment, coded in self._group[1:]], at)
        repeated = unit.data in self._keys
        self._keys = [unit.data, *self._keys[:1]]
        self.looks += 1
        return self._told(Look(small_luma(planes.y), at, lane, planes, len(unit.data), quiet_s, repeated), None)

    def _between(self, now: float, *, hushed: bool) -> Iterator[FeedSignal]:
        """Look at the pictures of the group that were not yet looked at, five a second."""
        self._hot_next = max(self._hot_next, now - HOT_SPAN_S)
        for at, unit in self._group[self._decoded :]:
            self._decoded += 1
            for frame in self._finely.decode(av.Packet(unit.data)):
                planes = planes_of(frame)
                small = small_luma(planes.y)
                if unit.key:
                    self._key_luma = small
                elif at >= self._hot_next and self._key_luma is not None:
                    self._hot_next = at + HOT_LOOK_EVERY_S
                    glance = Glance(largest_change(self._key_luma, small))
                    yield from self._told(Look(small, at, "hot", planes, hushed=hushed), glance)

    def _told(self, look: Look, glance: Glance | None) -> list[FeedSignal]:
        changed = self.eyes.look(look, glance)
        if self.eyes.suspicious and look.at > self._hot_until + (0.0 if self.eyes.pressing else HOT_REST_S):
            self._hot_until = look.at + HOT_FOR_S
            self.suspicions += 1
        return changed


def _spec(kinds: frozenset[str] = QUALITY) -> FeedSpec:
    return FeedSpec("bench", "", detectors=kinds)


def normal(phases: int = 1) -> Normal:
    """Every normal clip once, short ones with `phases` positions of the key frames."""
    signals, seconds, looks, suspicions = list[tuple[str, FeedSignal]](), 0.0, 0, 0
    for path in normal_clips():
        for phase in range(phases if path.stat().st_size < 400_000 else 1):
            units, watch = clean(path, phase * 2), Watch(Eyes(_spec()))
            signals += [(path.name, signal) for signal in watch.signals(units) if signal.ended_at is None]
            seconds += units[-1].at
            looks, suspicions = looks + watch.looks, suspicions + watch.suspicions
    return Normal(seconds / 3600, tuple(signals), looks, suspicions)


def onset_of(seed: int) -> float:
    """Seconds of the clip: a random moment of a group of pictures."""
    return ONSET_S + float(np.random.default_rng(seed).uniform(0, 2))


def injected(kind: str, *, rounds: int = 1, clips: list[Path] | None = None, say: bool = False) -> Row:
    """Inject one kind into every clip, `rounds` times with other strengths and moments."""
    found, other, delays, count = 0, 0, list[float](), 0
    for number in range(rounds):
        for index, path in enumerate(clips or normal_clips()):
            seed = number * 10_000 + index * 100 + list(TROUBLES).index(kind)
            onset = onset_of(seed)
            lasts_s = FROZEN_S if kind == "freeze" else TROUBLE_S
            units = troubled(path, kind, seed=seed, onset_s=onset, for_s=lasts_s, after_s=AFTER_S)
            told = _told(units, known=_normal_before(path) if kind == "freeze" else [])
            count += 1
            in_time = [(at - START - onset, name) for at, name in told if 0 <= at - START - onset <= lasts_s]
            mine = [delay for delay, name in in_time if name == kind]
            found, other = found + bool(mine), other + bool(in_time and not mine)
            delays += mine[:1]
            if say and (not mine or len(told) != 1):
                print(f"  {kind:12} {path.name:36} {[(round(at - START - onset, 2), name) for at, name in told]}")
    return Row(kind, count, found, other, tuple(delays))


def _normal_before(path: Path) -> list[Coded]:
    """The clip over and over, ending just before the clip's time begins."""
    units = clean(path)
    length = units[-1].at + 1 / 15
    turns = int(FREEZE_KNOWN_S / length) + 1
    return [replace(unit, at=unit.at + (turn - turns) * length) for turn in range(turns) for unit in units]


def _told(units: list[Coded], known: list[Coded]) -> list[tuple[float, str]]:
    """When which kind was told, by the clock of the picture with which it was told; `known` is watched before."""
    told, watch = list[tuple[float, str]](), Watch(Eyes(_spec()))
    for _ in watch.signals(known):
        pass
    now = 0.0

    def clocked() -> Iterator[Coded]:
        nonlocal now
        for unit in units:
            now = START + unit.at
            yield unit

    for signal in watch.signals(clocked()):
        if signal.ended_at is None:
            told.append((now, signal.kind))
    return told


def ms_per_look(looks: int = 2000) -> tuple[float, float]:
    """CPU milliseconds of all quality detectors on one patrol look of the busy clip, and of the reference: Laplacian,
    histogram, mean and difference of a picture of 320x180. Best of many short runs, for machines that are not quiet."""
    path = next(path for path in normal_clips() if path.name == "vtest.avi")
    codec = _low_delay()
    frames = [frame for unit in clean(path) if unit.key for frame in codec.decode(av.Packet(unit.data))]
    planes = [planes_of(frame) for frame in frames]
    small, eyes, count = [small_luma(each.y).copy() for each in planes], Eyes(_spec()), 0
    best, reference = float("inf"), float("inf")
    flat = np.ascontiguousarray(small[0].repeat(2, axis=0).repeat(2, axis=1)[:180, :320])
    while count < looks:
        started = time.process_time()
        for index in range(len(planes)):
            eyes.look(Look(small[index], START + 2.0 * (count + index), "patrol", planes[index]))
        best = min(best, (time.process_time() - started) / len(planes) * 1e3)
        count += len(planes)
        started = time.process_time()
        for _ in range(20):
            cv2.Laplacian(flat, cv2.CV_16S)
            cv2.calcHist([flat], [0], None, [64], [0, 256])
            cv2.mean(flat)
            cv2.absdiff(flat, flat)
        reference = min(reference, (time.process_time() - started) / 20 * 1e3)
    return best, reference


def run(rounds: int = 1) -> Report:
    """Inject every kind into every clip, watch normal footage, and time a look."""
    cv2.setNumThreads(1)
    figures = []
    delays = list[float]()
    for kind in TROUBLES:
        row = injected(kind, rounds=rounds)
        delays += row.delays_s
        figures += [
            Figure(f"{kind}: told, of {row.injected}", row.found, "", None, "higher"),
            Figure(f"{kind}: told as another kind instead", row.other, ""),
            Figure(f"{kind}: delay, mean", sum(row.delays_s) / max(1, len(row.delays_s)), "s"),
            Figure(f"{kind}: delay, p95", quantile(row.delays_s, 0.95), "s", 3.0),
        ]
    seen = normal()
    counted = Counter[str](signal.kind for _, signal in seen.signals)
    cost_ms, reference_ms = ms_per_look()
    peer = "Laplacian, histogram, mean, absdiff"
    return Report(
        "quality",
        [
            *figures,
            Figure("all kinds: delay, p95", quantile(delays, 0.95), "s", 3.0),
            Figure("normal footage", seen.hours, "h"),
            *(Figure(f"false alarms on it: {kind}", counted[kind], "", 0) for kind in TROUBLES),
            Figure("looks on it that asked for more", seen.suspicions / seen.looks * 100, "%"),
            Figure("CPU for one patrol look", cost_ms, "ms", 0.1, "lower", peer, reference_ms),
        ],
    )


if __name__ == "__main__":
    run().show(as_json="--json" in sys.argv)
