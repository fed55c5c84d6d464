"""Clips go when their days are over or room is short, never those of cases, and rows and files always agree."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from command_center.evidence.commands import StoredMedia, add_clip, clip_folder, clip_key, still_key
from command_center.evidence.media import MEGABYTE, FileMedia
from command_center.evidence.retention import ClipSweeper, Protected, Terms
from command_center.evidence.tables import ClipRow, CustodyRow
from command_center.prewarning.commands import note_clip_gone
from command_center.prewarning.queries import open_alert_ids
from command_center.response.commands import attach_clip
from command_center.response.keeping import cameras_of_open_cases
from command_center.timeline import Timeline, Transaction, open_timeline
from command_center.timeline.ids import new_id
from tests.response.hall import CAMERA, FAR_CAMERA, SECOND_CAMERA, Hall

DAYS = {SECOND_CAMERA: 90, FAR_CAMERA: 7}


def protected(session: Session) -> Protected:
    return Protected(open_alert_ids(session), cameras_of_open_cases(session))


def gone(tx: Transaction, clip: ClipRow) -> None:
    note_clip_gone(tx, clip.alert_id)


class Store:
    """Clips of a hall, their files, and what sweeps them."""

    def __init__(self, timeline: Timeline, folder: Path) -> None:
        self.timeline = timeline
        self.media = FileMedia(folder / "media", stop_mb=0)
        self.terms = Terms(30, DAYS, 0, 0)
        self.sweeper = ClipSweeper(
            timeline, self.media, terms=lambda _session: self.terms, protected=protected, gone=gone
        )

    def save(self, camera_id: str = CAMERA, *, alert_id: str | None = None, bytes: int = 10) -> str:
        clip_id = new_id()
        self.media.put(clip_key(clip_id), b"x" * bytes)
        self.media.put(still_key(clip_id, 0), b"still")
        stored = StoredMedia(clip_id, "video/mp4", "0" * 64, bytes)
        with self.timeline.transaction() as tx:
            clip = add_clip(
                tx, stored, alert_id=alert_id, case_id=None, camera_id=camera_id, area="320724199001",
                start_at=tx.now, end_at=tx.now, stills=1, stored_bytes=bytes + 5,
            )  # fmt: skip
            attach_clip(tx, clip)
        return clip_id

    def sweep(self) -> None:
        while self.sweeper.step():
            pass

    def rows(self) -> set[str]:
        with self.timeline.reading() as session:
            return set(session.scalars(select(ClipRow.id).where(ClipRow.going_at.is_(None))))

    def files(self) -> set[str]:
        return {name for name, _ in self.media.names("clips")}


@pytest.fixture
def store(hall: Hall, tmp_path: Path) -> Store:
    return Store(hall.timeline, tmp_path)


def test_each_camera_keeps_its_clips_for_its_own_days(hall: Hall, store: Store) -> None:
    usual, long, short = (store.save(camera) for camera in (CAMERA, SECOND_CAMERA, FAR_CAMERA))
    for days, left in ((6, {usual, long, short}), (8, {usual, long}), (31, {long}), (91, set())):
        hall.clock.moment = datetime.fromisoformat("2026-08-24T01:00:00+00:00") + timedelta(days=days)
        store.sweep()
        assert store.rows() == store.files() == left


def test_a_clip_that_goes_leaves_its_custody_and_is_told(hall: Hall, store: Store) -> None:
    hall.see()
    alert_id = hall.alert()["id"]
    clip_id = store.save(alert_id=alert_id)
    hall.take(alert_id)
    hall.dismiss(alert_id)
    assert hall.alert()["clip"]["id"] == clip_id
    hall.clock.wait(31 * 86_400)
    store.sweep()
    assert hall.alert()["clip"] is None
    assert hall.kinds()[-1] == "evidence.clip_gone"
    with hall.timeline.reading() as session:
        lines = session.execute(select(CustodyRow.action, CustodyRow.why).where(CustodyRow.subject_id == clip_id)).all()
    assert [tuple(line) for line in lines] == [("saved", "alert"), ("deleted", "age")]
    assert (store.sweeper.deleted, store.sweeper.deleted_bytes) == (1, 15)


def test_clips_of_cases_of_open_alerts_and_of_linked_cameras_stay(hall: Hall, store: Store) -> None:
    hall.see("covered", FAR_CAMERA)
    open_alert = hall.alert()["id"]
    waiting = store.save(FAR_CAMERA, alert_id=open_alert)
    case = hall.open_case(SECOND_CAMERA)
    evidence = store.save(SECOND_CAMERA, alert_id=case["alert_id"])
    hall.manage("link_camera", case["id"], camera_id=CAMERA, why="看得到")
    linked = store.save(CAMERA)
    hall.clock.wait(400 * 86_400)
    store.sweep()
    assert store.rows() == {waiting, evidence, linked}
    hall.handle(case["id"])
    for verb, more in (("resolve", {"answer": "好"}), ("call_back", {"rating": 5, "solved": True}), ("archive", {})):
        hall.manage(verb, case["id"], **more)
    hall.take(open_alert)
    hall.dismiss(open_alert)
    store.sweep()
    assert store.rows() == store.files() == {evidence}


def test_the_oldest_go_first_when_there_is_no_room(hall: Hall, store: Store) -> None:
    store.terms = Terms(30, DAYS, 2, 0)
    clips = []
    for _ in range(5):
        clips.append(store.save(bytes=MEGABYTE // 2))
        hall.clock.wait(60)
    store.sweep()
    assert store.rows() == store.files() == set(clips[2:])
    with hall.timeline.reading() as session:
        why = session.scalars(select(CustodyRow.why).where(CustodyRow.action == "deleted")).all()
    assert set(why) == {"room"}


def test_files_without_a_row_are_deleted_once_they_are_old(store: Store) -> None:
    kept = store.save()
    for age_s in (10, 7200):
        folder = store.media.directory / clip_folder(f"orphan{age_s}")
        folder.mkdir()
        (folder / "clip.mp4").write_bytes(b"x")
        os.utime(folder, times=(time.time() - age_s,) * 2)
    os.utime(store.media.directory / clip_folder(kept), times=(time.time() - 7200,) * 2)
    assert store.sweeper.sweep_orphans() == 1
    assert store.files() == {kept, "orphan10"}


class Died(BaseException):
    """The process ends here."""


class Dying(FileMedia):
    """A store in which the process dies at one of the deletions, before it or after it."""

    def __init__(self, directory: Path, die_at: int) -> None:
        super().__init__(directory, stop_mb=0)
        self.left = die_at

    def remove(self, prefix: str) -> None:
        self._maybe_die()
        super().remove(prefix)
        self._maybe_die()

    def _maybe_die(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Died


@pytest.fixture(scope="module")
def shared_timeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Timeline]:
    timeline = open_timeline(f"sqlite:///{tmp_path_factory.mktemp('sweep')}/hall.db")
    yield timeline
    timeline.close()


@given(die_at=st.integers(1, 14), ages=st.lists(st.integers(0, 60), min_size=1, max_size=6))
@settings(max_examples=12, deadline=None)
def test_wherever_a_sweep_dies_the_next_one_ends_it(
    shared_timeline: Timeline, tmp_path_factory: pytest.TempPathFactory, die_at: int, ages: list[int]
) -> None:
    store = Store(shared_timeline, tmp_path_factory.mktemp("media"))
    with shared_timeline.transaction() as tx:
        for clip in tx.session.scalars(select(ClipRow)):
            tx.session.delete(clip)
    young = set()
    for age in ages:
        clip_id = store.save()
        with shared_timeline.transaction() as tx:
            tx.session.get_one(ClipRow, clip_id).saved_at = tx.now - timedelta(days=age, minutes=1)
        young |= {clip_id} if age < 30 else set()
    dying = Dying(store.media.directory, die_at)
    sweeper = ClipSweeper(shared_timeline, dying, terms=lambda _: store.terms, protected=protected, gone=gone)
    try:
        sweeper.step()
    except Died:
        assert store.rows() == young <= store.files()
    store.sweep()
    assert store.rows() == store.files() == young


SWEEP = """
import sys, time
from pathlib import Path
from command_center.evidence.media import FileMedia
from command_center.evidence.retention import ClipSweeper, Protected, Terms
from command_center.timeline import open_timeline

class Slow(FileMedia):
    def remove(self, prefix):
        time.sleep(0.002)
        super().remove(prefix)
        time.sleep(0.002)

timeline, media = open_timeline(sys.argv[1]), Slow(Path(sys.argv[2]), stop_mb=0)
sweeper = ClipSweeper(timeline, media, terms=lambda s: Terms(30, {}, 0, 0), protected=lambda s: Protected(),
                      gone=lambda tx, clip: None)
print("ready", flush=True)
sys.stdin.readline()
while True:
    sweeper.step()
"""


def test_a_sweep_killed_at_any_moment_leaves_rows_and_files_that_agree_after_the_next(tmp_path: Path) -> None:
    url, chance = f"sqlite:///{tmp_path}/hall.db", random.Random(7)
    timeline = open_timeline(url)
    store = Store(timeline, tmp_path)
    kept = {store.save() for _ in range(3)}
    for _ in range(2):
        old = {store.save() for _ in range(12)}
        with timeline.transaction() as tx:
            for clip in tx.session.scalars(select(ClipRow).where(ClipRow.id.in_(old))):
                clip.saved_at = tx.now - timedelta(days=40)
        command = [sys.executable, "-c", SWEEP, url, str(store.media.directory)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sweeping:
            assert sweeping.stdin and sweeping.stdout
            assert sweeping.stdout.readline() == "ready\n"
            sweeping.stdin.write("go\n")
            sweeping.stdin.flush()
            time.sleep(chance.uniform(0.0, 0.08))
            sweeping.send_signal(signal.SIGKILL)
        assert kept <= store.rows() <= store.files()
    store.sweep()
    assert store.rows() == store.files() == kept
    timeline.close()
