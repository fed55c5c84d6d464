"""How long clips are kept: days per camera, and no more of them than there is room for. Clips of cases are not touched.

A clip goes in three steps, so that rows and files agree however the hall dies in between: its row is marked (from then
on nobody is shown it, and its custody says why), its files are deleted, its row is deleted. A sweep takes up whatever
was left half done, and deletes files that never got a row.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from command_center.evidence.commands import clip_folder, record
from command_center.evidence.media import MEGABYTE, MediaStore
from command_center.evidence.tables import ClipRow
from command_center.timeline import Timeline, Transaction

AT_ONCE = 100
# Files without a row may belong to a clip that is being written just now.
ORPHAN_AFTER_S = 3600.0

# Clips saved by older versions only know how long their video is.
SIZE = case((ClipRow.stored_bytes > 0, ClipRow.stored_bytes), else_=ClipRow.bytes)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Protected:
    """Clips that must stay although no case has them: those of open alerts, and all of cameras linked to an open case
    that reach to or past a moment."""

    alert_ids: frozenset[str] = frozenset()
    cameras_since: Mapping[str, datetime] = field(default_factory=dict)

    def holds(self, clip: ClipRow) -> bool:
        since = self.cameras_since.get(clip.camera_id)
        return clip.alert_id in self.alert_ids or (since is not None and clip.end_at >= since)


@dataclass(frozen=True, slots=True)
class Terms:
    """Days that clips are kept, and how much room they may take.

    Attributes:
        keep_days: for cameras that have no number of their own.
        days_of: cameras that have.
        most_mb: of all clips together, 0 for no limit.
        free_mb: room on the disk below which the oldest go.
    """

    keep_days: int
    days_of: Mapping[str, int]
    most_mb: int
    free_mb: int


Gone = Callable[[Transaction, ClipRow], None]


class ClipSweeper:
    """Deletes what may and must go, the oldest first.

    Args:
        terms: read anew for each sweep.
        protected: what must stay, as the transaction sees it.
        gone: called in the transaction that marks a clip, to tell the alert that its clip is no longer there.
    """

    def __init__(
        self,
        timeline: Timeline,
        media: MediaStore,
        *,
        terms: Callable[[Session], Terms],
        protected: Callable[[Session], Protected],
        gone: Gone,
    ) -> None:
        self._timeline = timeline
        self._media = media
        self._terms = terms
        self._protected = protected
        self._gone = gone
        self.deleted = 0
        self.deleted_bytes = 0

    def step(self) -> bool:
        """Finish what was begun, then mark and delete the next clips; whether there is more to do at once."""
        self._finish()
        marked = self._mark()
        self._finish()
        return marked >= AT_ONCE

    def sweep_orphans(self) -> int:
        """Delete files that no row knows, left by a hall that died while it saved a clip; returns how many clips."""
        before = time.time() - ORPHAN_AFTER_S
        old = [name for name, changed_at in self._media.names("clips") if changed_at < before]
        orphans = [id for start in range(0, len(old), AT_ONCE) for id in self._unknown(old[start : start + AT_ONCE])]
        for id in orphans:
            log.warning("clip_without_row_deleted", clip=id)
            self._media.remove(clip_folder(id))
        return len(orphans)

    def _unknown(self, ids: Sequence[str]) -> list[str]:
        with self._timeline.reading() as session:
            known = set(session.scalars(select(ClipRow.id).where(ClipRow.id.in_(ids))))
        return [id for id in ids if id not in known]

    def _mark(self) -> int:
        with self._timeline.transaction() as tx:
            terms, protected = self._terms(tx.session), self._protected(tx.session)
            going = {clip.id: (clip, "age") for clip in self._too_old(tx, terms, protected)}
            for clip in self._too_much(tx, terms, protected, going):
                going[clip.id] = (clip, "room")
            for clip, why in going.values():
                clip.going_at, clip.going_why = tx.now, why
                record(tx, clip.id, who=None, action="deleted", why=why)
                tx.session.flush()
                self._gone(tx, clip)
        return len(going)

    def _too_old(self, tx: Transaction, terms: Terms, protected: Protected) -> list[ClipRow]:
        """Clips past the days of their camera, oldest first, at most `AT_ONCE`."""
        cameras: defaultdict[int, list[str]] = defaultdict(list)
        for camera_id, days in terms.days_of.items():
            cameras[days].append(camera_id)
        groups = [(days, ClipRow.camera_id.in_(ids)) for days, ids in cameras.items()]
        groups.append((terms.keep_days, ClipRow.camera_id.not_in(list(terms.days_of))))
        found: list[ClipRow] = []
        for days, is_of_group in groups:
            is_old = ClipRow.saved_at < tx.now - timedelta(days=days)
            found += _oldest(tx, protected, is_of_group & is_old, AT_ONCE - len(found))
        return found

    def _too_much(self, tx: Transaction, terms: Terms, protected: Protected, going: Collection[str]) -> list[ClipRow]:
        """The oldest clips that must go for the others to have room."""
        too_many = self._excess_bytes(tx.session, terms)
        if too_many <= 0:
            return []
        chosen = []
        for clip in _oldest(tx, protected, ClipRow.id.not_in(list(going)), AT_ONCE):
            if too_many <= 0:
                break
            chosen.append(clip)
            too_many -= clip.stored_bytes or clip.bytes
        return chosen

    def _excess_bytes(self, session: Session, terms: Terms) -> float:
        here = session.scalar(select(func.sum(SIZE)).where(ClipRow.going_at.is_(None))) or 0
        too_many = here - terms.most_mb * MEGABYTE if terms.most_mb else 0
        free_mb = self._media.free_mb()
        return max(too_many, 0 if free_mb is None else (terms.free_mb - free_mb) * MEGABYTE)

    def _finish(self) -> None:
        """Delete the files of marked clips, then their rows."""
        with self._timeline.reading() as session:
            ids = list(session.scalars(select(ClipRow.id).where(ClipRow.going_at.is_not(None)).limit(10 * AT_ONCE)))
        for id in ids:
            self._media.remove(clip_folder(id))
        if not ids:
            return
        with self._timeline.transaction() as tx:
            for clip in tx.session.scalars(select(ClipRow).where(ClipRow.id.in_(ids)).with_for_update()):
                self.deleted += 1
                self.deleted_bytes += clip.stored_bytes or clip.bytes
                tx.session.delete(clip)


def _oldest(tx: Transaction, protected: Protected, wanted: ColumnElement[bool], most: int) -> list[ClipRow]:
    """The oldest clips that no case has, that are wanted and not protected; read in pages, held for change."""
    free = (ClipRow.case_id.is_(None)) & (ClipRow.going_at.is_(None)) & wanted
    found: list[ClipRow] = []
    after = ""
    while len(found) < most:
        # Ids grow with time, so the order of ids is that of saving.
        query = select(ClipRow).where(free, ClipRow.id > after).order_by(ClipRow.id).limit(AT_ONCE).with_for_update()
        page = list(tx.session.scalars(query))
        found += [clip for clip in page if not protected.holds(clip)]
        if len(page) < AT_ONCE:
            break
        after = page[-1].id
    return found[: max(0, most)]
