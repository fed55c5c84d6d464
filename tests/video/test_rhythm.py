"""When a camera is read: its key frames are known soon, and nothing else is asked too often. Time is an argument."""

from __future__ import annotations

import asyncio
import math
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from video.sources.rhythm import BIG_BYTES, LONGEST_S, PATIENCE_S, QUIET_S, ROUND_S, SHORTEST_S, Rhythm
from video.sources.rounds import BEAT_S, Rounds

FPS = 15
START_S = 1_700_000_000.0


@dataclass
class Reads:
    """How a camera was read: moments, and how late each key frame was known."""

    at: list[float] = field(default_factory=list)
    ages_s: list[float] = field(default_factory=list)
    gathered: list[int] = field(default_factory=list)

    def per_s(self, since: float = 20.0) -> float:
        late = [at for at in self.at if at > since]
        return (len(late) - 1) / (late[-1] - late[0])

    def late_ages_s(self) -> list[float]:
        return sorted(self.ages_s[10:])


def read(
    gop: Callable[[int], int],
    *,
    seconds: float = 120.0,
    jitter_s: float = 0.0,
    key_bytes: int = 10_000,
    picture_bytes: int = 700,
    stamp: Callable[[int], int] = lambda picture: picture * 6000,
    stops_at: float = math.inf,
    seed: int = 1,
) -> Reads:
    """Read a camera beat by beat; `gop(n)` pictures belong to its n-th key frame. Times are since the start."""
    chance, reads, pictures, number = random.Random(seed), Reads(), list[tuple[float, int, bool]](), 0
    phase_s = chance.random()
    while len(pictures) < seconds * FPS:
        for index in range(gop(number)):
            due = phase_s + len(pictures) / FPS + chance.uniform(0, jitter_s)
            pictures.append((due, stamp(len(pictures)) & 0xFFFFFFFF, index == 0))
        number += 1
    pictures = [picture for picture in pictures if picture[0] < stops_at]
    rhythm, now, taken, key_stamp = Rhythm(START_S), 0.0, 0, 0
    while now < seconds:
        count, keys = 0, list[float]()
        while taken < len(pictures) and pictures[taken][0] <= now:
            moment, newest, key = pictures[taken]
            count += key_bytes if key else picture_bytes
            if key:
                keys.append(moment)
                key_stamp = newest
            taken += 1
        if keys:
            rhythm.key(START_S + now, stamp=key_stamp, newest=newest)
            reads.ages_s += [now - moment for moment in keys]
        reads.at.append(now)
        reads.gathered.append(count)
        now += BEAT_S * max(1, math.ceil(rhythm.read(START_S + now, count) / BEAT_S))
    return reads


def test_key_frames_of_a_steady_camera_are_known_at_once_with_few_reads() -> None:
    for seed in range(20):
        reads = read(lambda number: 30, seed=seed)
        assert reads.per_s() < 2.5
        assert statistics.median(reads.late_ages_s()) < 0.03 and reads.late_ages_s()[-1] < 0.07


def test_groups_of_one_second_and_of_four_are_a_rhythm_too() -> None:
    for pictures in (15, 60):
        reads = read(lambda number, pictures=pictures: pictures, seconds=300.0)  # type: ignore[misc]
        assert reads.per_s() < 3.5 and statistics.median(reads.late_ages_s()) < 0.04


def test_a_network_that_delays_pictures_now_and_then_is_put_up_with() -> None:
    for seed in range(10):
        reads = read(lambda number: 30, jitter_s=0.06, seed=seed)
        ages_s = reads.late_ages_s()
        assert reads.per_s() < 3.5
        assert statistics.median(ages_s) < 0.06 and ages_s[int(0.95 * len(ages_s))] < 0.12


def test_cameras_without_a_rhythm_are_read_as_often_as_ever() -> None:
    chance = random.Random(3)
    apart = range(round(SHORTEST_S * FPS), round(LONGEST_S * FPS), 3)
    for gop in (lambda number: 1, lambda number: chance.choice(apart), lambda number: round(LONGEST_S * FPS) + 15):
        reads = read(gop, picture_bytes=500, key_bytes=2000)
        assert 0.9 / ROUND_S < reads.per_s() < 1.1 / ROUND_S
        assert sorted(reads.ages_s)[int(0.9 * len(reads.ages_s))] <= ROUND_S + 2 * BEAT_S


def test_cameras_that_lie_about_the_time_are_read_as_often_as_ever() -> None:
    for stamp in (lambda picture: 5, lambda picture: -picture * 6000, lambda picture: picture * picture * 6000):
        reads = read(lambda number: 30, stamp=stamp)
        assert 0.9 / ROUND_S < reads.per_s() < 1.1 / ROUND_S and max(reads.ages_s) <= ROUND_S + 2 * BEAT_S


def test_a_stamp_that_passes_its_end_changes_nothing() -> None:
    reads = read(lambda number: 30, stamp=lambda picture: 2**32 - 3_000_000 + picture * 6000)
    assert reads.per_s() < 2.5 and reads.late_ages_s()[-1] < 0.07


def test_a_camera_that_stops_is_asked_at_every_beat_for_a_moment_only() -> None:
    reads = read(lambda number: 30, seconds=80.0, stops_at=40.0)
    after = [at for at in reads.at if at > 43.0]
    assert len([at for at in reads.at if 40.0 < at <= 43.0]) < (3 / ROUND_S) + PATIENCE_S / BEAT_S + 2
    assert (len(after) - 1) / (after[-1] - after[0]) < 1.1 / ROUND_S


def test_a_camera_that_sends_much_is_read_before_much_has_gathered() -> None:
    for megabits in (4, 8):
        picture_bytes = megabits * 1_000_000 // 8 // FPS
        reads = read(lambda number: 30, picture_bytes=picture_bytes, key_bytes=5 * picture_bytes)
        usual = sorted(reads.gathered[50:])
        assert usual[int(0.9 * len(usual))] <= max(BIG_BYTES, 3 * picture_bytes)


def test_a_clock_that_is_put_right_costs_a_few_key_frames() -> None:
    for jump_s in (3600.0, -3600.0):
        rhythm = Rhythm(START_S)
        for number in range(20):
            now = START_S + 2.0 * number + (jump_s if number >= 10 else 0.0)
            rhythm.key(now, stamp=number * 180_000, newest=number * 180_000)
            assert 0.0 <= rhythm.read(now, 1000) <= 1.5 * QUIET_S
        assert rhythm.read(now + 1.9, 1000) <= 0.1


class Counted:
    """Reads every `wait_s`, and counts."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s, self.pulls = wait_s, 0

    def pull(self, buffer: memoryview, now: float) -> float:
        self.pulls += 1
        return self.wait_s


def test_each_reader_is_read_when_it_wants_and_a_watched_one_at_every_beat() -> None:
    async def run() -> None:
        rounds = Rounds()
        slow, quick, watched, gone = Counted(99.0), Counted(0.1), Counted(0.5), Counted(0.0)
        for reader in (slow, quick, watched, gone):
            rounds.join(reader)
        rounds.prompt(watched, True)
        await asyncio.sleep(1.0)
        rounds.leave(gone)
        rounds.prompt(watched, False)
        left, seen = gone.pulls, watched.pulls
        await asyncio.sleep(1.0)
        assert slow.pulls in (1, 2) and 10 <= quick.pulls <= 21
        assert 20 <= left == gone.pulls and 20 <= seen <= 43 and watched.pulls - seen <= 3
        for reader in (slow, quick, watched):
            rounds.leave(reader)
        await asyncio.sleep(0.1)
        rounds.join(gone)
        await asyncio.sleep(0.3)
        assert gone.pulls > left

    asyncio.run(run())
