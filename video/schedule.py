"""Who is looked at next: three lanes before one looker, and a promise.

urgent: what a person waits for. hot: pictures between key frames of feeds under suspicion, within a budget. patrol:
key frames of all feeds (some of them deep looks), the newest first, but before them what was not looked at for long.
A feed that waits already gets its newer picture in place of the older one: under too much load every feed is looked
at less often, all alike, and each look that was left out is counted. While the mosaic is open and there is too much to
do, every second picture of a feed that nothing speaks of is only made small and shown: that is cheaper than a look,
keeps the mosaic young, and counts as a look left out.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from video.wire import Head

# So many pictures are decoded in one go.
BATCH = 16
# Share of a looker's time the hot lane may take while others wait, and how much of it can be saved up.
HOT_SHARE, HOT_SAVED_S = 0.3, 1.0
# A feed not looked at for so long comes before those whose pictures are newer.
LATE_S = 4.5
# Of a mosaic that is open, a picture not renewed for so long comes first as well; what was never shown counts so long.
SHOWN_LATE_S, NEVER_SHOWN_S = 3.0, 60.0
# So much waits when there is too much to do; then a feed looked at a shorter time ago is only shown. The older pictures
# of the mosaic are all the same, the longer that time: so many seconds for each that they are late, up to the most.
BEHIND, AGAIN_S, AGAIN_FACTOR, MOST_AGAIN_S = 3 * BATCH, 3.0, 2.0, 5.0
Blobs = list[bytes]


@dataclass
class Job:
    """Something for a looker to do; `done` gets its answer, or None when it died over it."""

    feed_id: str
    head: Head
    blobs: Blobs
    done: Callable[[Head | None, Blobs], None]
    # Before the others, by how long it has not been looked at times how much it matters.
    weight: float = 1.0
    unseen_since: float = 0.0
    came_at: float = 0.0
    # When the mosaic last got a picture of it, where one is wanted (`tile` in the head).
    shown_since: float = 0.0
    # Takes the picture when the job's turn has come: most of what waits under too much load is replaced before that.
    load: Callable[[], tuple[str, bytes] | None] | None = None

    def ready(self) -> bool:
        """Whether there is something to send; with `load` the key frame that is newest now."""
        if self.load is not None:
            loaded = self.load()
            if loaded is None:
                return False
            self.head["family"], blob = loaded
            self.blobs = [blob]
        return True


@dataclass
class Schedule:
    """The work waiting for one looker."""

    skipped: int = 0
    hot_skipped: int = 0
    _urgent: deque[Job] = field(default_factory=deque)
    _hot: dict[str, Job] = field(default_factory=dict)
    _patrol: dict[str, Job] = field(default_factory=dict)
    _hot_saved_s: float = HOT_SAVED_S
    _at: float = 0.0

    def urgent(self, job: Job) -> None:
        self._urgent.append(job)

    def hot(self, job: Job) -> None:
        if job.feed_id in self._hot:
            self.hot_skipped += 1
        self._hot[job.feed_id] = job

    def patrol(self, job: Job) -> None:
        """Queue a look; a feed keeps its age when its picture is replaced by a newer one."""
        waiting = self._patrol.get(job.feed_id)
        if waiting is not None:
            self.skipped += 1
            job.unseen_since, job.weight = waiting.unseen_since, max(job.weight, waiting.weight)
            # A deep look or a tile that was to be made of the older picture is made of this one.
            if waiting.head.get("lane") == "deep":
                job.head["lane"] = "deep"
            if waiting.head.get("tile"):
                job.head["tile"] = True
        self._patrol[job.feed_id] = job

    def forget(self, feed_id: str) -> None:
        self._patrol.pop(feed_id, None)
        self._hot.pop(feed_id, None)

    def hot_cost(self, seconds: float) -> None:
        """A hot look took so long."""
        self._hot_saved_s -= seconds

    def next(self, now: float) -> list[Job]:
        """What to send next, empty when nothing waits. Urgent work goes alone, so that its answer comes at once."""
        if self._urgent:
            return [self._urgent.popleft()]
        self._hot_saved_s = min(HOT_SAVED_S, self._hot_saved_s + HOT_SHARE * (now - self._at))
        self._at = now
        jobs: list[Job] = []
        if self._hot and (self._hot_saved_s > 0 or not self._patrol):
            jobs.append(self._hot.pop(next(iter(self._hot))))
        room = BATCH - len(jobs)
        if len(self._patrol) <= room:
            chosen = list(self._patrol)
        else:
            behind = len(self._patrol) > BEHIND
            chosen = heapq.nlargest(room, self._patrol, key=lambda feed_id: self._claim(feed_id, now))
            if behind:
                self._only_show([self._patrol[feed_id] for feed_id in chosen], now)
        return jobs + [self._patrol.pop(feed_id) for feed_id in chosen]

    def _only_show(self, jobs: list[Job], now: float) -> None:
        """Spare the detectors what was looked at a moment ago."""
        mosaic = [job for job in jobs if job.head.get("tile")]
        late_s = max((now - job.shown_since - SHOWN_LATE_S for job in mosaic), default=0.0)
        again_s = min(MOST_AGAIN_S, AGAIN_S + AGAIN_FACTOR * max(0.0, late_s))
        for job in mosaic:
            usual = job.head.get("lane") == "patrol" and not job.head.get("repeated")
            if usual and (now - job.unseen_since) * job.weight < again_s:
                job.head["lane"] = "tile"
                self.skipped += 1

    def _claim(self, feed_id: str, now: float) -> tuple[bool, float]:
        """Those unseen for long come first, the longest before the others; then the newest pictures.

        When there is too much to do, some pictures are left out whoever comes first: the others are seen at once, and
        what they show is told at once.
        """
        job = self._patrol[feed_id]
        late_s = (now - job.unseen_since) * job.weight - LATE_S
        if job.head.get("tile"):
            late_s = max(late_s, min(now - job.shown_since, NEVER_SHOWN_S) - SHOWN_LATE_S)
        return late_s > 0, late_s if late_s > 0 else -(now - job.came_at) / job.weight

    def __bool__(self) -> bool:
        return bool(self._urgent or self._hot or self._patrol)
