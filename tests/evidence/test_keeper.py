import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from command_center.errors import DiskFull
from command_center.evidence.commands import clip_key, still_key
from command_center.evidence.keeper import MAX_TRIES, WANTED_KINDS, ClipKeeper
from command_center.evidence.media import FileMedia
from command_center.evidence.tables import CustodyRow, PendingClipRow
from command_center.prewarning.commands import note_no_clip
from command_center.response.commands import attach_clip
from command_center.timeline import Follower
from tests.response.hall import CAMERA, Hall, Seen
from tests.response.test_replay import compare


@dataclass(frozen=True)
class Piece:
    mp4: bytes
    stills: list[bytes]
    start_at: datetime
    end_at: datetime


class Ring:
    """The seconds that a monitor holds; `broken` times it answers with an error first."""

    def __init__(self, broken: int = 0, error: Exception | None = None) -> None:
        self.broken = broken
        self.error = error or ValueError("the ring holds nothing of that time")
        self.asked: list[tuple[str, datetime, datetime]] = []

    async def clip(self, feed_id: str, start: datetime, end: datetime) -> Piece:
        self.asked.append((feed_id, start, end))
        if len(self.asked) <= self.broken:
            raise self.error
        return Piece(b"mp4 of " + feed_id.encode(), [b"still 0", b"still 1"], start, end)


class Keeping:
    def __init__(self, hall: Hall, folder: Path, ring: Ring | None) -> None:
        self.hall = hall
        self.media = FileMedia(folder / "media", stop_mb=0)
        self.keeper = ClipKeeper(
            hall.timeline, self.media, ring, before_s=10, after_s=5, saved=attach_clip, failed=note_no_clip
        )
        self.follower = Follower(hall.timeline, name="evidence", handle=self.keeper.on_fact, kinds=WANTED_KINDS)

    def run(self, seconds: float) -> None:
        """Time passes in small steps, and the keeper looks in each."""
        while self.follower.step():
            pass
        for _ in range(int(seconds)):
            self.hall.clock.wait(1)
            asyncio.run(self.keeper.step())

    def pending(self) -> PendingClipRow:
        with self.hall.timeline.reading() as session:
            return session.scalars(select(PendingClipRow)).one()


def test_the_seconds_around_an_alert_are_kept_with_hash_and_custody(hall: Hall, tmp_path: Path) -> None:
    ring = Ring()
    keeping = Keeping(hall, tmp_path, ring)
    hall.see()
    keeping.run(5)
    assert ring.asked == []
    keeping.run(3)
    moment = datetime.fromisoformat(hall.alert()["happened_at"])
    assert ring.asked == [(CAMERA, moment - timedelta(seconds=10), moment + timedelta(seconds=5))]
    clip = hall.alert()["clip"]
    stored = keeping.media.read(clip_key(clip["id"]))
    assert (clip["sha256"], clip["bytes"]) == (sha256(stored).hexdigest(), len(stored))
    assert keeping.media.read(still_key(clip["id"], 1)) == b"still 1"
    with hall.timeline.reading() as session:
        (custody,) = session.scalars(select(CustodyRow)).all()
        assert (custody.subject_id, custody.action, custody.who_id) == (clip["id"], "saved", "hall")
    compare(hall)


def test_a_clip_saved_before_the_case_hangs_on_it_and_one_saved_after_too(hall: Hall, tmp_path: Path) -> None:
    keeping = Keeping(hall, tmp_path, Ring())
    hall.see()
    keeping.run(8)
    hall.take(hall.alert()["id"])
    case = hall.confirm(hall.alert()["id"])
    assert [clip["id"] for clip in case["clips"]] == [hall.alert()["clip"]["id"]]
    later = hall.open_case(kind="covered")
    assert later["clips"] == []
    keeping.run(8)
    assert len(hall.detail(later["id"])["case"]["clips"]) == 1
    saved = [fact for fact in hall.timeline.since(0, 1000) if fact.kind == "evidence.clip_saved"]
    assert [sorted(fact.data) for fact in saved] == [["alert"], ["alert", "case"]]
    compare(hall)


def test_a_clip_is_evidence_enough_to_resolve(hall: Hall, tmp_path: Path) -> None:
    keeping = Keeping(hall, tmp_path, Ring())
    case = hall.open_case()
    keeping.run(8)
    (order,) = hall.dispatch(case["id"], "R000")
    hall.act("accept", order)
    hall.act("depart", order)
    assert hall.manage("resolve", case["id"], answer="好")["state"] == "RESOLVED"


def test_a_clip_that_comes_late_leaves_an_archived_case_alone(hall: Hall, tmp_path: Path) -> None:
    keeping = Keeping(hall, tmp_path, Ring())
    case = hall.open_case()
    hall.handle(case["id"])
    for verb, more in (("resolve", {"answer": "好"}), ("call_back", {"rating": 5, "solved": True}), ("archive", {})):
        hall.manage(verb, case["id"], **more)
    before = hall.detail(case["id"])
    keeping.run(8)
    after = hall.detail(case["id"])
    assert (after["case"], after["sealed"]) == (before["case"], True)
    assert after["alert"]["clip"] is not None
    compare(hall)


def test_a_ring_that_answers_late_is_asked_again(hall: Hall, tmp_path: Path) -> None:
    ring = Ring(broken=2)
    keeping = Keeping(hall, tmp_path, ring)
    hall.see()
    keeping.run(20)
    assert len(ring.asked) == 3
    assert hall.alert()["clip"] is not None


@pytest.mark.parametrize(
    ("ring", "reason"),
    [
        (Ring(broken=99), "the ring holds nothing of that time"),
        (Ring(broken=99, error=DiskFull("disk_full", free_mb=1, stop_mb=2)), "disk_full"),
        (None, "no video monitor runs here"),
    ],
)
def test_a_clip_that_cannot_be_had_says_why(hall: Hall, tmp_path: Path, ring: Ring | None, reason: str) -> None:
    keeping = Keeping(hall, tmp_path, ring)
    hall.see()
    keeping.run(30)
    assert (keeping.pending().state, keeping.pending().tries) == ("failed", MAX_TRIES)
    assert hall.alert()["detail"]["clip_failed"] == reason
    assert hall.kinds().count("evidence.clip_failed") == 1
    compare(hall)
    hall.clock.wait(60)
    keeping.run(5)
    assert keeping.pending().tries == MAX_TRIES


def test_a_restart_fetches_what_was_wanted_before_it(hall: Hall, tmp_path: Path) -> None:
    hall.see()
    Keeping(hall, tmp_path, None).run(0)
    again = Keeping(hall, tmp_path, Ring())
    again.run(8)
    assert hall.alert()["clip"] is not None


def test_an_alert_told_long_after_it_began_gets_the_pictures_of_the_telling(hall: Hall, tmp_path: Path) -> None:
    ring = Ring()
    keeping = Keeping(hall, tmp_path, ring)
    began = hall.clock()
    hall.clock.wait(120)
    hall.report(Seen("s", CAMERA, "dark", began))
    keeping.run(8)
    told = began + timedelta(seconds=120)
    assert ring.asked == [(CAMERA, told - timedelta(seconds=10), told + timedelta(seconds=5))]


def test_an_alert_without_a_camera_wants_no_clip(hall: Hall, tmp_path: Path) -> None:
    ring = Ring()
    keeping = Keeping(hall, tmp_path, ring)
    hall.duty("patrol.missed")
    keeping.run(10)
    assert ring.asked == []
