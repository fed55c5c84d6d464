"""Trouble of every kind: begins within a group, is written down as it was sent, and goes over again."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest

from tests.video.footage import CACHE, SCENES, until, variants
from video.picture import Picture
from video.simulator import TROUBLES, CameraSimulator, Plan
from video.simulator.camera import SimulatedCamera
from video.simulator.coding import FPS, decode, encode
from video.simulator.effects import DUSK_FRAMES, DUSK_GAIN, NIGHT_ENDS_FRAMES, dusk_gain, first_in_zone, troubled
from video.simulator.films import Spot, make_film, spots
from video.simulator.kinds import FILMED, NoSuchTrouble, TroubleKind, kind_named
from video.simulator.recorders import number_in, recorders_of
from video.simulator.rehearsal import films_ahead, wide_spots
from video.simulator.script import read_script
from video.simulator.tracks import Film, pack_track
from video.simulator.walker import drawn_walker

ONSET = 22
# The person comes in from outside of the picture.
SEEN_AT_ONCE = [kind for kind in FILMED if kind not in ("person", "dusk", "frozen")]


def _pictures(kind: TroubleKind, onset: int, groups: int = 2) -> tuple[list[Picture], list[Picture]]:
    """Quiet and troubled pictures of a street as a client decodes them."""
    street = variants()[0]
    quiet = list(decode(street.quiet[:groups], street.sets))
    made = troubled(kind, quiet, onset, seed=1, walk=street.walk, walker=drawn_walker())
    sets, coded = encode(made)
    return quiet, list(decode(coded, sets))


def _apart(first: Picture, second: Picture) -> float:
    return float(cv2.absdiff(first, second).mean())


@pytest.mark.parametrize("kind", SEEN_AT_ONCE)
def test_trouble_is_seen_from_its_first_picture_on_amid_a_group_and_not_before(kind: TroubleKind) -> None:
    quiet, made = _pictures(kind, ONSET)
    before = max(_apart(quiet[at], made[at]) for at in range(ONSET))
    after = [_apart(quiet[at], made[at]) for at in range(ONSET, len(made))]
    assert before < 5
    # A lens slips out of focus, a pole begins to swing: the first picture shows the least of it.
    assert after[0] > before and min(after[5:]) > 1.5 * before


def test_a_frozen_camera_repeats_the_last_picture_before_it_froze() -> None:
    quiet, made = _pictures("frozen", ONSET)
    assert max(_apart(made[at], quiet[ONSET - 1]) for at in range(ONSET, len(made))) < 4
    assert _apart(quiet[-1], made[-1]) > 1.5 * _apart(quiet[ONSET - 1], made[-1])


def test_dusk_takes_the_light_away_without_a_step_and_dawn_brings_it_back() -> None:
    gains = [dusk_gain(at) for at in range(NIGHT_ENDS_FRAMES + DUSK_FRAMES + 1)]
    assert gains[0] == gains[-1] == 1 and gains[NIGHT_ENDS_FRAMES] == pytest.approx(DUSK_GAIN)
    assert all(abs(before - after) < 0.002 for before, after in itertools.pairwise(gains))


def test_a_person_is_told_when_he_sets_foot_in_the_zone() -> None:
    street = variants()[0]
    assert street.walk is not None
    at = first_in_zone(street.walk, street.zone)
    zone = np.array(street.zone, np.float32)
    inside = [cv2.pointPolygonTest(zone, street.walk.at(step / 240)[0], False) >= 0 for step in (at - 1, at)]
    assert inside == [False, True]


def test_a_film_replaces_the_loop_from_a_key_frame_on_and_leads_back_into_it() -> None:
    track = pack_track(variants()[0])
    film = make_film(CACHE, track, Spot("covered", 3, ONSET), keep=False)
    assert (film.place, film.first, film.told) == (90, ONSET, ONSET)
    camera = SimulatedCamera(0, track, phase=17)
    start = camera.next_at(film.place, 40)
    assert start >= 40 and track.loop[(start + 17) % len(track.loop)] is track.loop[film.place]
    camera.play(film, start)
    # Longer than the film: its last groups are shown again.
    far = start + len(film.units) + 31
    camera.turn(far)
    assert far < camera.stop and camera.units[far - camera.start] is film.units[film.repeat + 31]
    end = start + 4 * track.cut
    camera.play(film, start)
    camera.resume(end)
    assert camera.units[end - camera.start] is track.loop[film.place + 4 * track.cut]


def test_a_loop_nobody_watched_is_where_it_would_have_been() -> None:
    track = pack_track(variants()[0])
    camera = SimulatedCamera(0, track, phase=100)
    camera.turn(7 * len(track.loop) + 5)
    assert camera.start == 7 * len(track.loop) - 100 and camera.stop == 8 * len(track.loop) - 100


def test_planned_trouble_falls_on_different_cameras_in_equal_parts_and_is_the_same_again() -> None:
    track = pack_track(variants()[0])
    cameras = [SimulatedCamera(index, track, phase=37 * index) for index in range(60)]
    plan = Plan(24, seed=3, first_s=10, window_s=100)
    made = plan.made_for(cameras)
    assert made == plan.made_for(cameras) != Plan(24, seed=4, first_s=10, window_s=100).made_for(cameras)
    assert len({one.camera for one in made}) == 24
    kinds = [one.spot.kind for one in made]
    assert {kinds.count(kind) for kind in plan.kinds} == {2}
    for one in made:
        assert one.spot in spots(track, one.spot.kind) and 10 <= one.at_s <= 110
        place = (round(one.at_s * FPS) - cameras[one.camera].start) % len(track.loop)
        assert one.spot.kind == "lost" or place == one.spot.group * track.cut + one.spot.onset


def test_recorders_take_the_sizes_they_are_given_and_32_cameras_from_there_on() -> None:
    recorders = recorders_of(100, (20, 31))
    assert [len(one.cameras) for one in recorders] == [20, 31, 32, 17]
    assert [one.id for one in recorders] == ["NVR001", "NVR002", "NVR003", "NVR004"]
    assert {one.switch for one in recorders} == {"SW01"}
    assert number_in("rtsp://a/channel/7/trackID=0", "channel") == 7
    assert number_in("rtsp://a/channel/x", "channel") is None
    with pytest.raises(ValueError, match="at least one"):
        recorders_of(3, (0,))


def test_a_kind_that_does_not_exist_is_refused() -> None:
    assert [kind_named(kind) for kind in TROUBLES] == list(TROUBLES)
    with pytest.raises(NoSuchTrouble):
        kind_named("flood")


def _rows(truth: Path) -> list[dict[str, str | int | None]]:
    return [json.loads(line) for line in truth.read_text().splitlines()]


async def _status(port: int, request: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    line = await reader.readline()
    writer.close()
    return int(line.split(b" ")[1])


def test_a_recorder_that_is_off_refuses_and_its_cameras_are_gone_until_it_is_back(tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"

    async def run() -> None:
        simulator = CameraSimulator(5, cache=CACHE, scenes=SCENES, drawn=True, recorders=(3, 2), truth=truth)
        await simulator.start()
        first, platform = urlsplit(simulator.url(0)).port or 0, simulator.port
        try:
            assert urlsplit(simulator.url(2)).port == first != urlsplit(simulator.url(3)).port
            assert await _status(first, "DESCRIBE rtsp://x/channel/1 RTSP/1.0\r\n\r\n") == 200
            assert await _status(first, "DESCRIBE rtsp://x/channel/4 RTSP/1.0\r\n\r\n") == 404
            down = "SET_PARAMETER rtsp://x/ RTSP/1.0\r\nContent-Length: 17\r\n\r\nrecorder: down 60"
            assert await _status(first, down) == 200
            await until(lambda: len(_rows(truth)) == 3)
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", first)
            statuses = [await _status(platform, f"DESCRIBE rtsp://x/camera/000{n} RTSP/1.0\r\n\r\n") for n in (1, 3, 4)]
            assert statuses == [503, 503, 200]
            up = "SET_PARAMETER rtsp://x/recorder/1 RTSP/1.0\r\nContent-Length: 12\r\n\r\nrecorder: up"
            assert await _status(platform, up) == 200
            await until(lambda: len(_rows(truth)) == 6)
            assert await _status(first, "DESCRIBE rtsp://x/channel/1 RTSP/1.0\r\n\r\n") == 200
        finally:
            await simulator.stop()

    asyncio.run(run())
    rows = _rows(truth)
    assert {(row["camera"], row["kind"], row["recorder"]) for row in rows} == {
        (n, "recorder_down", "NVR001") for n in range(3)
    }
    assert [row["ended_at"] is None for row in rows] == [True] * 3 + [False] * 3


def test_the_truth_tells_the_moment_at_which_the_first_troubled_picture_was_sent(tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    sent: list[tuple[datetime, Film | None, int]] = []

    async def run() -> None:
        simulator = CameraSimulator(1, cache=CACHE, scenes=1, drawn=True, truth=truth)
        await simulator.start()
        camera = simulator.camera(0)

        class Watcher:
            def tick(self, tick: int) -> None:
                sent.append((datetime.now(UTC), camera.film, tick - camera.start))

        simulator.wheel.board(camera.slot, Watcher())
        simulator.trouble(0, "dark", 2.0)
        try:
            await until(lambda: truth.exists() and len(_rows(truth)) == 2)
        finally:
            await simulator.stop()

    asyncio.run(run())
    begun, ended = _rows(truth)
    assert begun["id"] == ended["id"] and begun["started_at"] == ended["started_at"]
    troubled_at = next(at for at, film, place in sent if film is not None and place == film.first)
    told = datetime.fromisoformat(str(begun["started_at"]))
    assert abs(told - troubled_at) < timedelta(seconds=1 / FPS)


def test_a_step_for_a_recorder_or_for_all_reaches_every_camera_of_it_that_can_show_it(tmp_path: Path) -> None:
    track = pack_track(variants()[0])
    blind = pack_track(replace(variants()[0], walk=None))
    cameras = [SimulatedCamera(index, blind if index == 3 else track) for index in range(6)]
    path = tmp_path / "script.jsonl"
    rows = [
        {"at_s": 1, "recorder": 1, "kind": "person", "seconds": 9},
        {"at_s": 2, "recorder": "all", "kind": "dusk", "seconds": 9},
        {"at_s": 3, "recorder": 0, "kind": "recorder_down", "seconds": 9},
        {"at_s": 4, "camera": 1, "kind": "lost", "seconds": 9},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    steps, recorders = read_script(path), recorders_of(6, (2, 3))
    reached = [[camera.index for camera, _ in wide_spots(step, cameras, recorders)] for step in steps]
    assert reached == [[2, 4], [0, 1, 2, 3, 4, 5], [], []]
    ahead = set(films_ahead([], steps, cameras, recorders))
    assert {(made is track, spot.kind) for made, spot in ahead} == {(True, "person"), (True, "dusk"), (False, "dusk")}


def test_a_frozen_camera_sends_the_same_group_again_and_again() -> None:
    track = pack_track(variants()[0])
    film = make_film(CACHE, track, Spot("frozen", 2, ONSET), keep=False)
    groups = [film.units[at : at + track.cut] for at in range(0, len(film.units), track.cut)]
    sent = [[unit.filled(sequence=0, rtp_time=0, source=0) for unit in group if unit is not None] for group in groups]
    assert len(sent) == 9 and sent[0] != sent[1] and all(group == sent[1] for group in sent[2:])
