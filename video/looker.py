"""A looker: the child process that decodes and detects, for any mix of feeds, one job after the other.

Run by a keeper as `python -m video.looker FD PROGRESS_FD OBJECT_MODEL`. It may be killed at any time; it keeps nothing
that matters for longer than the backgrounds of its scenes: what its feeds have learned goes to the keeper with every
deep look.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

import cv2

from video.child import inherited_socket
from video.decode import Decoder, Group, bgr, planes_of, tile
from video.detect.confirm import Stage
from video.detect.eyes import Eyes
from video.detect.glance import Glance, glances, largest_change
from video.detect.look import Look, small_luma
from video.detect.objects import NoObjectStage, ObjectStage
from video.model import FeedSignal, FeedSpec
from video.picture import Picture, jpeg
from video.progress import Progress
from video.wire import Head, Message, packed, receive_blocking, signal_to_json, spec_from_json, trace_to_json

MEMORY_LIMIT_BYTES = 4_000_000_000
NICE = 5
HOT_LOOK_EVERY_S, HOT_SPAN_S = 0.26, 0.85
# Groups looked at between their key frames go on where one left off; so many of them are kept.
MOST_GROUPS = 6
Answer = tuple[Head, list[bytes]]
Seen = tuple[Look, Glance]
T = TypeVar("T")


class Batch:
    """Jobs that came in one message, the bytes of each, how long each has taken so far, and pictures for the mosaic."""

    def __init__(self, first: int, jobs: list[Head], blobs: list[bytes]) -> None:
        self.first, self.jobs = first, jobs
        ends = list(accumulate(job["parts"] for job in jobs))
        self.blobs = [blobs[end - job["parts"] : end] for job, end in zip(jobs, ends, strict=True)]
        self.spent_s = [0.0] * len(jobs)
        self.tiles: dict[int, list[bytes]] = {}

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.jobs)))


class Looker:
    """Answers `watch`, `forget`, `lost` and batches of jobs, which are `look` or `stills`."""

    def __init__(self, progress: Progress, stage: Stage | None = None) -> None:
        self._progress, self._stage = progress, stage
        self._decoder = Decoder(quick=True)
        self._finely = Decoder()
        self._specs: dict[str, FeedSpec] = {}
        self._eyes: dict[str, Eyes] = {}
        self._hot_until: dict[str, float] = {}
        # The group of a feed, and its key frame, small.
        self._groups: dict[str, tuple[Group, Picture | None]] = {}
        self._signals: list[FeedSignal] = []
        self._wishes: dict[str, Callable[[Head, list[bytes]], Message | None]] = {
            "watch": self._watch,
            "forget": self._forget,
            "lost": self._lost,
            "jobs": self._do_jobs,
        }

    def answer(self, head: Head, blobs: list[bytes]) -> Message | None:
        return self._wishes[head["do"]](head, blobs)

    def _watch(self, head: Head, blobs: list[bytes]) -> Message | None:
        """Take a feed, or its changed settings; what was learned stays when only its address changed."""
        spec = spec_from_json(head["feed"])
        known = self._specs.get(spec.id)
        if known is not None and replace(known, url=spec.url) == spec:
            return None
        eyes = self._eyes.get(spec.id)
        ended = eyes.close(head["at"]) if eyes is not None else []
        memory = eyes.memory() if eyes is not None else head.get("memory")
        self._specs[spec.id], self._eyes[spec.id] = spec, Eyes(spec, memory, self._stage)
        return _signals(ended) if ended else None

    def _forget(self, head: Head, blobs: list[bytes]) -> Message | None:
        answer = self._lost(head, blobs)
        for known in (self._specs, self._eyes, self._hot_until, self._groups):
            known.pop(head["id"], None)
        return answer

    def _lost(self, head: Head, blobs: list[bytes]) -> Message | None:
        eyes = self._eyes.get(head["id"])
        return _signals(eyes.close(head["at"]) if eyes is not None else [])

    def _do_jobs(self, head: Head, blobs: list[bytes]) -> Message | None:
        """First all key frames are decoded, then all are looked at: a decoder that comes round warm is half as slow."""
        batch = Batch(head["first"], head["jobs"], blobs)
        looks = [self._timed(batch, index, self._key_look, batch, index) for index in batch]
        seen = self._glance(batch, looks)
        answers, parts = [], []
        for index in batch:
            work = self._stills if batch.jobs[index]["do"] == "stills" else self._look
            answer, made = self._timed(batch, index, work, batch, index, seen.get(index))
            answer["parts"], answer["s"] = len(made), round(batch.spent_s[index], 5)
            answers.append(answer)
            parts += made
        signals, self._signals = [signal_to_json(signal) for signal in self._signals], []
        return {"first": batch.first, "answers": answers, "signals": signals}, parts

    def _timed(self, batch: Batch, index: int, work: Callable[..., T], *arguments: Any) -> T:
        """Do a part of a job, so that its time is known, and its name if it kills us."""
        self._progress.job = batch.first + index
        started = time.perf_counter()
        done = work(*arguments)
        batch.spent_s[index] += time.perf_counter() - started
        return done

    def _key_look(self, batch: Batch, index: int) -> Look | None:
        """The decoded key frame of a job that wants one looked at; one that is only to be shown is none."""
        job, blobs = batch.jobs[index], batch.blobs[index]
        if job["do"] != "look" or job["lane"] == "hot" or job["id"] not in self._eyes:
            return None
        frame = self._decoder.last(blobs, job["family"])
        if frame is None:
            return None
        if job.get("tile"):
            batch.tiles[index] = [tile(frame)]
        if job["lane"] == "tile":
            return None
        planes = planes_of(frame)
        quiet_s, repeated = job.get("quiet_s", 0.0), job.get("repeated", False)
        return Look(small_luma(planes.y), job["at"], job["lane"], planes, len(blobs[0]), quiet_s, repeated)

    def _glance(self, batch: Batch, looks: list[Look | None]) -> dict[int, Seen]:
        """Take the first rung with all looks together; what it costs is shared out among them."""
        there = {index: look for index, look in enumerate(looks) if look is not None}
        started = time.perf_counter()
        glimpses = [self._eyes[batch.jobs[index]["id"]].glimpse for index in there]
        found = glances(list(there.values()), glimpses)
        for index in there:
            batch.spent_s[index] += (time.perf_counter() - started) / len(there)
        return dict(zip(there, zip(there.values(), found, strict=True), strict=True))

    def _look(self, batch: Batch, index: int, seen: Seen | None) -> Answer:
        """Let the feed's detectors look: at one decoded picture, or at all new ones of a run."""
        job, blobs, tiles = batch.jobs[index], batch.blobs[index], batch.tiles.get(index, [])
        eyes = self._eyes.get(job["id"])
        answer: Head = {"decoded": False, "suspect": False}
        if eyes is None:
            return answer, []
        if job["lane"] == "tile":
            return {**answer, "decoded": bool(tiles), "only_shown": True}, tiles
        if seen is not None:
            look, glance = seen
            self._signals += eyes.look(look, glance)
        for look, glance in self._hot_looks(job, blobs) if job["lane"] == "hot" else ():
            answer["decoded"] = True
            self._signals += eyes.look(look, glance)
        answer["decoded"] = answer["decoded"] or seen is not None
        answer["suspect"], answer["pressing"] = eyes.suspicious, eyes.pressing
        traces = eyes.take_traces()
        if traces:
            answer["traces"] = [trace_to_json(trace) for trace in traces]
        if job["lane"] == "deep":
            answer["memory"] = {**eyes.memory(), "blind": dict(eyes.blind)}
        return answer, tiles

    def _hot_looks(self, job: Head, blobs: list[bytes]) -> Iterator[Seen]:
        """Every picture since the key frame is decoded, the last ones not yet looked at are shown, five a second.

        Decoded finely: without smoothing, one picture after the other drifts away from what the camera saw. So they
        are held against the key frame as it is when it is decoded finely, too.
        """
        group, key = self._groups.pop(job["id"], (None, None))
        if group is None or not group.goes_on_with(blobs):
            group, key = self._next_group(group, job["family"]), None
        times = job["times"]
        next_at = max(self._hot_until.get(job["id"], 0.0), times[-1] - HOT_SPAN_S)
        for at, picture in zip(times[group.done :], group.more(blobs), strict=False):
            if picture is None or (key is not None and at < next_at):
                continue
            planes = planes_of(picture)
            small = small_luma(planes.y)
            if key is None:
                key = small
                continue
            next_at = at + HOT_LOOK_EVERY_S
            yield Look(small, at, "hot", planes, hushed=job.get("hushed", False)), Glance(largest_change(key, small))
        self._hot_until[job["id"]] = next_at
        self._groups[job["id"]] = group, key

    def _next_group(self, group: Group | None, family: str) -> Group:
        """A decoder for another group: that of the feed's group before, or of the feed looked at longest ago."""
        if group is None and len(self._groups) >= MOST_GROUPS:
            group, _ = self._groups.pop(next(iter(self._groups)))
        return group if group is not None and group.restart(family) else Group(family)

    def _stills(self, batch: Batch, index: int, seen: Seen | None) -> Answer:
        """One JPEG per run of units; a run that cannot be decoded gives an empty one."""
        job, blobs = batch.jobs[index], batch.blobs[index]
        pictures, at = [], 0
        for count in job["runs"]:
            frame = self._finely.last(blobs[at : at + count], job["family"])
            pictures.append(jpeg(bgr(frame)) if frame is not None else b"")
            at += count
        return {}, pictures


def _signals(ended: list[FeedSignal]) -> Message:
    return {"signals": [signal_to_json(signal) for signal in ended]}, []


def _stage(model: str) -> Stage | None:
    """The object detector; without it scene signals are told unconfirmed."""
    if not model:
        return None
    try:
        return ObjectStage(Path(model))
    except NoObjectStage as error:
        print(f"scene signals are not confirmed: {error}", file=sys.stderr)
        return None


def main(fileno: str, progress_fileno: str, model: str) -> None:
    """Serve until the keeper closes the socket."""
    # When there is too much to do, looks are left out and counted; feeds and pages must not wait for them.
    os.nice(NICE)
    # Who is woken hundreds of times a second beside us need not push us aside each time.
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    cv2.setNumThreads(1)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    looker = Looker(Progress(int(progress_fileno)), _stage(model))
    with inherited_socket(fileno) as socket, socket.makefile("rb") as incoming:
        # Imports take their time on a busy machine: no job is held against us before this.
        with suppress(ConnectionError):  # the keeper is gone, and so are we
            socket.sendall(packed({"say": "ready"}))
            while (message := receive_blocking(incoming)) is not None:
                answer = looker.answer(*message)
                if answer is not None:
                    socket.sendall(packed(*answer))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3])
