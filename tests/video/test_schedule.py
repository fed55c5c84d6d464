"""Who is looked at next when there is more to look at than time."""

from __future__ import annotations

from video.schedule import AGAIN_S, BATCH, BEHIND, LATE_S, SHOWN_LATE_S, Job, Schedule

NOW = 1000.0


def _job(name: str, *, came_s: float = 0.1, unseen_s: float = 2.0, weight: float = 1.0) -> Job:
    return Job(name, {}, [b""], lambda answer, blobs: None, weight, NOW - unseen_s, NOW - came_s)


def _next(*jobs: Job) -> list[str]:
    schedule = Schedule()
    for job in jobs:
        schedule.patrol(job)
    return [job.feed_id for job in schedule.next(NOW)]


def test_the_newest_pictures_are_looked_at_first() -> None:
    crowd = [_job(f"old{index}", came_s=1.5) for index in range(2 * BATCH)]
    assert _next(*crowd, _job("new", came_s=0.05))[0] == "new"


def test_a_feed_unseen_for_long_comes_before_newer_pictures_the_longest_first() -> None:
    crowd = [_job(f"new{index}", came_s=0.01) for index in range(2 * BATCH)]
    late, later = _job("late", unseen_s=LATE_S + 0.5), _job("later", unseen_s=LATE_S + 3)
    assert _next(*crowd, late, later)[:2] == ["later", "late"]


def test_a_feed_that_matters_more_is_late_sooner() -> None:
    crowd = [_job(f"new{index}", came_s=0.01) for index in range(2 * BATCH)]
    assert _next(*crowd, _job("pinned", came_s=1.9, unseen_s=2.0, weight=3.0))[0] == "pinned"


def test_a_newer_picture_takes_the_place_of_the_older_one_which_is_counted() -> None:
    schedule = Schedule()
    schedule.patrol(_job("a", unseen_s=6.0))
    schedule.patrol(_job("a", unseen_s=1.0))
    [job] = schedule.next(NOW)
    assert job.unseen_since == NOW - 6.0 and schedule.skipped == 1


def test_a_deep_look_and_a_tile_are_made_of_the_newer_picture_when_the_older_one_is_left_out() -> None:
    schedule, older, newer = Schedule(), _job("a"), _job("a")
    older.head |= {"lane": "deep", "tile": True}
    newer.head |= {"lane": "patrol"}
    schedule.patrol(older)
    schedule.patrol(newer)
    assert schedule.next(NOW) == [newer] and newer.head == {"lane": "deep", "tile": True}


def test_a_key_frame_is_taken_when_its_turn_has_come_and_one_that_is_gone_is_none() -> None:
    job = _job("a")
    job.load = lambda: ("h264", b"newest")
    assert job.ready() and job.blobs == [b"newest"] and job.head["family"] == "h264"
    job.load = lambda: None
    assert not job.ready()


def _shown(name: str, *, shown_s: float = 2.0, unseen_s: float = 2.0, weight: float = 1.0) -> Job:
    job = _job(name, unseen_s=unseen_s, weight=weight)
    job.head, job.shown_since = {"lane": "patrol", "tile": True}, NOW - shown_s
    return job


def _lanes(*jobs: Job) -> tuple[dict[str, str], int]:
    """The lanes of what is sent next, and how many looks were left out for it."""
    schedule = Schedule()
    for job in jobs:
        schedule.patrol(job)
    return {job.feed_id: job.head["lane"] for job in schedule.next(NOW)}, schedule.skipped


def test_pictures_of_an_open_mosaic_are_only_shown_when_there_is_too_much_to_do() -> None:
    seen_long_ago, surprising, unwanted = (
        _shown("old", unseen_s=AGAIN_S + 0.1),
        _shown("new", weight=3.0),
        _shown("none"),
    )
    del unwanted.head["tile"]
    special = {"old": "patrol", "new": "patrol", "none": "patrol"}
    few = [_shown(f"cam{index}") for index in range(BEHIND - 3)]
    lanes, skipped = _lanes(seen_long_ago, surprising, unwanted, *few)
    assert set(lanes.values()) == {"patrol"} and skipped == 0
    lanes, skipped = _lanes(seen_long_ago, surprising, unwanted, *few, _shown("one too many"))
    assert {name: lanes.pop(name) for name in special} == special
    assert set(lanes.values()) == {"tile"} and skipped == len(lanes)


def test_the_older_the_pictures_of_a_mosaic_the_more_feeds_are_only_shown() -> None:
    seen_a_while_ago = [_shown(f"cam{index}", unseen_s=AGAIN_S + 1.0) for index in range(BEHIND)]
    lanes, _ = _lanes(_shown("young"), *seen_a_while_ago)
    assert lanes["cam0"] == "patrol"
    lanes, _ = _lanes(_shown("old", shown_s=SHOWN_LATE_S + 2.0), *seen_a_while_ago)
    assert lanes["cam0"] == "tile"


def test_of_an_open_mosaic_the_oldest_pictures_come_first() -> None:
    crowd = [_shown(f"cam{index}") for index in range(2 * BATCH)]
    old, older, never = (
        _shown("old", shown_s=SHOWN_LATE_S + 0.5),
        _shown("older", shown_s=9.0),
        _shown("never", shown_s=NOW),
    )
    assert _next(*crowd, old, older, never)[:3] == ["never", "older", "old"]
