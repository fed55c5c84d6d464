"""Fetches the seconds around an alert from the video monitor and keeps them, however often the hall restarts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

import structlog
from sqlalchemy import select

from command_center.errors import YipingError
from command_center.evidence.commands import StoredMedia, add_clip, clip_key, still_key
from command_center.evidence.media import MediaStore
from command_center.evidence.tables import ClipRow, PendingClipRow
from command_center.timeline import StoredFact, Timeline, Transaction
from command_center.timeline.ids import new_id

WANTED_KINDS = ("prewarning.raised",)
# The newest packets of a feed reach the ring a moment after they were taken.
RING_LAG = timedelta(seconds=1)
# What was told later than this after it happened is no longer in the ring: the pictures of the telling show it too.
LATE_AFTER = timedelta(seconds=5)
TRY_AGAIN_AFTER = timedelta(seconds=3)
MAX_TRIES = 4
AT_ONCE = 4

log = structlog.get_logger()


class VideoClip(Protocol):
    """What a monitor hands out: a playable file and one still per second."""

    @property
    def mp4(self) -> bytes: ...
    @property
    def stills(self) -> Sequence[bytes]: ...
    @property
    def start_at(self) -> datetime: ...
    @property
    def end_at(self) -> datetime: ...


class ClipSource(Protocol):
    """The video monitor, as far as clips go."""

    async def clip(self, feed_id: str, start: datetime, end: datetime) -> VideoClip:
        """Cut the packets that the ring still holds of [start, end]; raises when it holds none."""


Saved = Callable[[Transaction, ClipRow], None]
Failed = Callable[[Transaction, str, str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One clip to fetch."""

    id: str
    alert_id: str
    camera_id: str
    area: str
    start_at: datetime
    end_at: datetime
    tries: int


class ClipKeeper:
    """Saves a clip for every alert of a camera.

    `on_fact` is handed to a follower and only notes what is wanted; `step` fetches what is due, so that a restart in
    between tries again. After the last try the reason is kept and shown.

    Args:
        saved: called in the transaction that records a clip, to tell the alert and the case of it.
        failed: called with the alert's id and the reason when a clip is given up.
    """

    def __init__(
        self,
        timeline: Timeline,
        media: MediaStore,
        source: ClipSource | None,
        *,
        before_s: float,
        after_s: float,
        saved: Saved,
        failed: Failed,
    ) -> None:
        self._timeline = timeline
        self._media = media
        self._source = source
        self._before = timedelta(seconds=before_s)
        self._after = timedelta(seconds=after_s)
        self._saved = saved
        self._failed = failed

    def on_fact(self, tx: Transaction, fact: StoredFact) -> None:
        """Note that the clip of a raised alert is wanted."""
        alert = fact.data["alert"]
        if alert["camera_id"] is None:
            return
        moment = fact.happened_at
        if fact.stored_at - moment > self._after + LATE_AFTER:
            moment = fact.stored_at
        end_at = moment + self._after
        row = PendingClipRow(
            id=new_id(),
            alert_id=alert["id"],
            camera_id=alert["camera_id"],
            area=fact.area,
            start_at=moment - self._before,
            end_at=end_at,
            state="pending",
            tries=0,
            next_try_at=end_at + RING_LAG,
            reason=None,
        )
        tx.session.add(row)

    async def run(self, every_s: float = 0.5) -> None:
        """Fetch what is due until cancelled."""
        while True:
            await self.step()
            await asyncio.sleep(every_s)

    async def step(self) -> int:
        """Fetch the clips that are due now, a few at once; return how many were tried."""
        due = await asyncio.to_thread(self._due)
        await asyncio.gather(*(self._fetch(wanted) for wanted in due))
        return len(due)

    def _due(self) -> list[Wanted]:
        query = (
            select(PendingClipRow)
            .where(PendingClipRow.state == "pending", PendingClipRow.next_try_at <= self._timeline.now())
            .order_by(PendingClipRow.next_try_at)
            .limit(AT_ONCE)
        )
        with self._timeline.reading() as session:
            return [
                Wanted(r.id, r.alert_id, r.camera_id, r.area, r.start_at, r.end_at, r.tries)
                for r in session.scalars(query)
            ]

    async def _fetch(self, wanted: Wanted) -> None:
        try:
            if self._source is None:
                raise LookupError("no video monitor runs here")
            clip = await self._source.clip(wanted.camera_id, wanted.start_at, wanted.end_at)
            await asyncio.to_thread(self._keep, wanted, clip)
        except Exception as error:
            # The edge to the video driver: whatever it met is written down beside the alert, and the next clip goes on.
            log.warning("clip not saved", alert=wanted.alert_id, camera=wanted.camera_id, error=repr(error))
            await asyncio.to_thread(self._put_off, wanted, _reason(error))

    def _keep(self, wanted: Wanted, clip: VideoClip) -> None:
        stored = StoredMedia(new_id(), "video/mp4", sha256(clip.mp4).hexdigest(), len(clip.mp4))
        self._media.put(clip_key(stored.id), clip.mp4)
        for number, still in enumerate(clip.stills):
            self._media.put(still_key(stored.id, number), still)
        with self._timeline.transaction() as tx:
            pending = tx.session.get(PendingClipRow, wanted.id, with_for_update=True)
            if pending is None or pending.state != "pending":
                return
            pending.state = "saved"
            row = add_clip(
                tx,
                stored,
                alert_id=wanted.alert_id,
                case_id=None,
                camera_id=wanted.camera_id,
                area=wanted.area,
                start_at=clip.start_at,
                end_at=clip.end_at,
                stills=len(clip.stills),
                stored_bytes=len(clip.mp4) + sum(map(len, clip.stills)),
            )
            self._saved(tx, row)

    def _put_off(self, wanted: Wanted, reason: str) -> None:
        with self._timeline.transaction() as tx:
            pending = tx.session.get(PendingClipRow, wanted.id, with_for_update=True)
            if pending is None or pending.state != "pending":
                return
            pending.tries += 1
            pending.reason = reason
            pending.next_try_at = tx.now + TRY_AGAIN_AFTER
            if pending.tries >= MAX_TRIES:
                pending.state = "failed"
                self._failed(tx, pending.alert_id, reason)


def _reason(error: Exception) -> str:
    """A reason code where there is one, else the error's own words."""
    text = error.key if isinstance(error, YipingError) else str(error)
    return (text or type(error).__name__)[:200]
