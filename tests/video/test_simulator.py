from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest

from tests.video.footage import CACHE, CLIPS, SCENES, segment_of, variants
from video.simulator import CameraSimulator, NoSuchTrouble
from video.simulator.clips import stretches
from video.simulator.footage import find_clips
from video.simulator.library import build_library
from video.simulator.scenes import VTEST_VIEWS, between, read_frames
from video.simulator.script import by_itself, read_script
from video.simulator.segments import load, save


def _simulator(count: int = 2) -> CameraSimulator:
    return CameraSimulator(count, cache=CACHE, scenes=SCENES, drawn=True)


async def _ask(simulator: CameraSimulator, *requests: str) -> list[str]:
    """Send requests over one connection; the status line and headers of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(simulator.url(0)).port)
    answers = []
    for number, request in enumerate(requests, start=1):
        head, _, body = request.partition("\n\n")
        lines = head.split("\n") + [f"CSeq: {number}"] + ([f"Content-Length: {len(body)}"] if body else [])
        writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        answers.append((await reader.readuntil(b"\r\n\r\n")).decode())
        if "application/sdp" in answers[-1]:
            await reader.readuntil(b"sprop-parameter-sets=")
            await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answers


def _answers(*requests: str) -> list[str]:
    async def run() -> list[str]:
        simulator = _simulator()
        await simulator.start()
        try:
            return await _ask(simulator, *(request.replace("URL", simulator.url(0)) for request in requests))
        finally:
            await simulator.stop()
            await asyncio.sleep(0)

    return asyncio.run(run())


def test_requests_out_of_order_or_wrong_get_the_status_the_standard_gives_them() -> None:
    answers = _answers(
        "OPTIONS * RTSP/1.0",
        "DESCRIBE URL RTSP/1.0",
        "DESCRIBE URL/../0099 RTSP/1.0",
        "PLAY URL RTSP/1.0\nSession: 1",
        "SETUP URL/trackID=0 RTSP/1.0\nTransport: RTP/AVP;unicast;client_port=5000-5001",
        "RECORD URL RTSP/1.0",
        "NONSENSE",
    )
    statuses = [int(answer.split(" ")[1]) for answer in answers]
    assert statuses == [200, 200, 200, 454, 461, 405, 400]


def test_trouble_can_be_asked_for_over_the_wire() -> None:
    answers = _answers(
        "SET_PARAMETER URL RTSP/1.0\n\ntrouble: covered 20",
        "SET_PARAMETER URL RTSP/1.0\n\ntrouble: flood 20",
        "SET_PARAMETER URL RTSP/1.0\n\ntrouble: lost soon",
    )
    assert [int(answer.split(" ")[1]) for answer in answers] == [200, 400, 400]


def test_unknown_trouble_is_refused() -> None:
    simulator = _simulator()
    for index, kind, seconds in ((0, "flood", 1.0), (7, "lost", 1.0), (0, "lost", 0.0)):
        with pytest.raises(NoSuchTrouble):
            simulator.trouble(index, kind, seconds)


def test_a_saved_scene_comes_back_as_it_was(tmp_path: Path) -> None:
    scene = variants()[0]
    save(scene, tmp_path / "scene.bin")
    assert load(tmp_path / "scene.bin") == scene
    (tmp_path / "half.bin").write_bytes((tmp_path / "scene.bin").read_bytes()[:-100])
    with pytest.raises(ValueError, match="not whole"):
        load(tmp_path / "half.bin")


def test_all_segments_share_their_parameter_sets_and_groups_begin_with_a_key_frame() -> None:
    assert len({variant.parameters for variant in variants()}) == 1
    for variant in variants():
        assert all(group[0][0][0] & 31 == 5 and len(group) == 30 for group in variant.quiet)


def test_a_script_is_read_in_order_of_time_and_a_bad_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "script.jsonl"
    rows = [
        {"at_s": 9, "camera": 1, "kind": "lost", "seconds": 5},
        {"at_s": 2, "camera": 0, "kind": "person", "seconds": 8},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert [step.at_s for step in read_script(path)] == [2.0, 9.0]
    path.write_text(json.dumps(rows[0]) + '\n{"at_s": 1, "camera": 0, "kind": "flood", "seconds": 1}')
    with pytest.raises(ValueError, match=r"line 2.*flood"):
        read_script(path)


def test_the_same_seed_tells_the_same_story() -> None:
    first, again, other = (list(itertools.islice(by_itself(64, 2, seed), 30)) for seed in (5, 5, 6))
    assert first == again != other
    gaps = [after.at_s - before.at_s for before, after in itertools.pairwise(first)]
    assert all(30 <= gap <= 60 for gap in gaps)


def test_a_folder_without_clips_is_refused_and_a_clip_that_is_none_is_left_out_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no clip"):
        find_clips(tmp_path)
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "broken.mp4").write_bytes(b"no video at all")
    said: list[str] = []
    with pytest.raises(ValueError, match="none of the clips"):
        stretches(find_clips(tmp_path), said.append)
    assert len(said) == 1 and "broken.mp4" in said[0]


BUILD = """
import sys; from pathlib import Path
from video.simulator.library import build_library
build_library(Path(sys.argv[1]), scenes=1, drawn=True, say=print)
"""


def test_simulators_that_start_together_fill_one_cache_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BUILD, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate()[0] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sum(text.count("is ready") for text in said) == 1


@pytest.mark.skipif(not CLIPS.exists(), reason="needs the real clips in ../shared/data/video")
def test_own_clips_become_scenes_with_a_quiet_zone_where_there_is_one(tmp_path: Path) -> None:
    (scene,) = build_library(tmp_path, clips=CLIPS / "misc", scenes=1)
    assert len(scene.quiet) % 2 == 0 and all(len(group) == 30 for group in scene.quiet)
    assert (scene.walk is not None) == bool(scene.zone)


@pytest.mark.skipif(not CLIPS.exists(), reason="needs the real clips in ../shared/data/video")
def test_the_picture_put_between_two_frames_lies_between_them() -> None:
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    frames = itertools.islice(read_frames(CLIPS / "pets2009_s2l1" / "vtest.avi"), 40, 42)
    before, after = (VTEST_VIEWS[0].apply(frame).astype(np.uint8) for frame in frames)
    middle = between(flow, before, after)
    apart = cv2.absdiff(before, after).mean()
    assert cv2.absdiff(before, middle).mean() < apart
    assert cv2.absdiff(after, middle).mean() < apart


def test_no_key_frame_is_starved_by_the_encoder() -> None:
    for groups in (variants()[0].quiet, variants()[1].quiet, segment_of("person"), segment_of("covered")):
        sizes = [sum(map(len, group[0])) for group in groups]
        assert min(sizes) > max(sizes) / 2
