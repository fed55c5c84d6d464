"""The optional second stage, on a real network and real pictures, and without either."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from bench.clips import CLIPS, WHOLE, frames
from tests.video.played import body, noisy, street, with_bodies
from video.decode import planes_of
from video.detect.eyes import Eyes
from video.detect.look import Look, Planes, small_luma
from video.detect.objects import NoObjectStage, ObjectStage
from video.model import FeedSignal, FeedSpec, Zone
from video.scan import scan

MODEL = CLIPS / "models" / "yolox_nano.onnx"
REAL = pytest.mark.skipif(not MODEL.exists(), reason="needs the model in ../shared/data/video/models")
RUNTIME = pytest.mark.skipif(
    importlib.util.find_spec("onnxruntime") is None, reason="needs onnxruntime (extra objects)"
)
ZONE = (Zone("大厅", "intrusion", WHOLE),)


@pytest.fixture(scope="module")
def stage() -> ObjectStage:
    return ObjectStage(MODEL)


def _planes(clip: str, second: float) -> Planes:
    """A picture of a clip, kept."""
    for frame in frames(clip):
        if float(frame.time or 0.0) >= second:
            planes = planes_of(frame)
            assert planes.u is not None and planes.v is not None
            return Planes(planes.y.copy(), planes.u.copy(), planes.v.copy())
    raise AssertionError("the clip is shorter")


@REAL
@RUNTIME
def test_a_worker_is_a_person_where_he_stands(stage: ObjectStage) -> None:
    things = stage.find(_planes("intel/worker-zone-detection.mp4", 8.0))
    assert things[0].kind == "person" and things[0].score > 0.6
    x, y, w, h = things[0].box
    assert 0.5 < x + w / 2 < 0.9 and h > w and 0 <= y and y + h < 0.8


@REAL
@RUNTIME
def test_an_empty_room_and_a_grey_wall_hold_nobody(stage: ObjectStage) -> None:
    assert not [thing for thing in stage.find(_planes("intel/one-by-one-person-detection.mp4", 1.0))]
    wall = Planes(np.full((90, 120), 128, np.uint8), None, None)
    assert stage.find(wall) == [] and stage.what_is(wall, (0.4, 0.4, 0.2, 0.3)) is None


@REAL
@RUNTIME
def test_a_part_of_the_picture_is_enough_to_see_somebody_far_away(stage: ObjectStage) -> None:
    planes = _planes("pets2009_s2l1/vtest.avi", 20.0)
    found = stage.what_is(planes, (0.79, 0.45, 0.06, 0.2))
    assert found is not None and found.kind == "person"
    x, y, w, h = found.box
    assert 0.75 < x + w / 2 < 0.9 and 0.45 < y + h / 2 < 0.7


def _watched(pictures: list[Planes], stage: ObjectStage | None) -> tuple[list[FeedSignal], Eyes]:
    spec = FeedSpec("a", "", ZONE, detectors=frozenset({"intrusion"}), confirm=True)
    eyes, signals = Eyes(spec, stage=stage), []
    for index, planes in enumerate(pictures):
        signals += eyes.look(Look(small_luma(planes.y), 2.0 * index, "patrol", planes))
    return [*signals, *eyes.close(2.0 * len(pictures))], eyes


@REAL
@RUNTIME
def test_an_intruder_is_told_with_what_he_is_and_a_waving_rag_is_not_told_at_all(stage: ObjectStage) -> None:
    empty = [Planes(noisy(street(), seed), None, None) for seed in range(8)]
    rag = [Planes(noisy(with_bodies(street(), [(0.5, 0.7)], body(seed=9)), seed), None, None) for seed in range(4)]
    told, eyes = _watched(empty + rag, stage)
    assert told == [] and eyes.confirmation is not None and eyes.confirmation.refuted >= 1
    assert [signal.ended_at is None for signal in _watched(empty + rag, None)[0]] == [True, False]
    clip = "intel/one-by-one-person-detection.mp4"
    room, guest = _planes(clip, 1.0), _planes(clip, 30.0)
    told, eyes = _watched([room] * 8 + [guest] * 4, stage)
    assert [signal.ended_at is None for signal in told] == [True, False]
    assert told[0].id == told[1].id and told[1].detail["object"] == "person"


@REAL
@RUNTIME
def test_a_scan_with_a_model_tells_persons_of_their_own() -> None:
    clip = CLIPS / "intel" / "worker-zone-detection.mp4"
    rows = [row for row in scan(str(clip), model=MODEL) if row["kind"] == "person"]
    assert len(rows) == 1 and rows[0]["score"] > 0.6 and rows[0]["detail"]["at_once"] >= 1
    x, y, w, h = rows[0]["box"]
    assert 0 <= x and x + w <= 1920 and 0 <= y and y + h <= 1090


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(NoObjectStage, match=r"nowhere\.onnx"):
        ObjectStage(Path("nowhere.onnx"))


@RUNTIME
def test_a_file_that_is_no_network_is_named(tmp_path: Path) -> None:
    path = tmp_path / "letter.onnx"
    path.write_bytes(b"not a network" * 50)
    with pytest.raises(NoObjectStage, match=r"letter\.onnx"):
        ObjectStage(path)
