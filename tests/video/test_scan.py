from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.video.footage import CLIPS, units, variants
from video.cli import scan as scan_to_lines
from video.fmp4 import clip_mp4
from video.scan import ScanFailed, read_zones, scan
from video.sources.unit import AccessUnit

REAL = pytest.mark.skipif(not CLIPS.exists(), reason="needs the real clips in ../shared/data/video")


def _joined(*parts: tuple[str, int]) -> list[AccessUnit]:
    """Segments of a street in a row, on one time line."""
    made = [unit for segment, groups in parts for unit in units(segment, groups=groups)]
    for index, unit in enumerate(made):
        unit.ticks = index * 6000
    return made


def test_a_clip_of_our_own_tells_what_happened_in_it_and_when(tmp_path: Path) -> None:
    clip, zones = tmp_path / "night.mp4", tmp_path / "zones.json"
    clip.write_bytes(clip_mp4(_joined(("quiet", 8), ("person", 8), ("quiet", 8), ("covered", 2), ("quiet", 3))))
    polygon = [[x * 384, y * 288] for x, y in variants()[0].zone]
    zones.write_text(json.dumps([{"name": "草坪", "kind": "intrusion", "polygon": polygon}]))
    rows = [row for row in scan(str(clip), read_zones(zones)) if row["kind"] != "motion"]
    assert [row["kind"] for row in rows] == ["intrusion", "covered"]
    assert list(rows[0]) == ["t", "end", "kind", "score", "box", "detail"]
    assert 16 <= rows[0]["t"] <= 19 and rows[0]["end"] > 30
    assert 48 <= rows[1]["t"] <= 49 and rows[1]["end"] >= 52
    x, y, w, h = rows[0]["box"]
    assert 0 <= x and x + w <= 384 and 0 <= y and y + h <= 288 and h > w


@REAL
def test_people_on_the_lawn_of_the_real_clip_are_found_and_nobody_before_them() -> None:
    lawn = {"name": "草坪", "kind": "intrusion", "unit": "fractions"}
    lawn["polygon"] = [(0.02, 0.56), (0.17, 0.56), (0.42, 0.72), (0.66, 0.92), (0.70, 0.985), (0.02, 0.985)]  # type: ignore[assignment]
    rows = [row for row in scan(str(CLIPS / "pets2009_s2l1" / "vtest.avi"), [lawn]) if row["kind"] != "motion"]
    assert rows and {row["kind"] for row in rows} == {"intrusion"}
    assert 50 <= min(row["t"] for row in rows) <= 60


@REAL
def test_a_file_that_kills_other_decoders_does_not_kill_whoever_asked() -> None:
    try:
        list(scan(str(CLIPS / "robustness" / "uncompressed_48x48_crashes_cv2.avi")))
    except ScanFailed:
        pass


def test_what_is_no_video_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "letter.mp4"
    path.write_bytes(b"not a video at all" * 100)
    with pytest.raises(ScanFailed, match=r"letter\.mp4"):
        list(scan(str(path)))


def test_zones_that_make_no_sense_are_named(tmp_path: Path) -> None:
    path = tmp_path / "zones.json"
    for text, message in (
        ("{", "zones.json"),
        ("{}", "not a list"),
        ('[{"polygon": [[0, 0], [1, 1]]}]', "zone 1"),
        ('[{"kind": "flood", "polygon": [[0, 0], [1, 1], [1, 0]]}]', "zone 1"),
        ("[7]", "zone 1"),
        ('[{"kind": "line_cross", "polygon": [[0, 0]]}]', "at least 2 corners"),
        ('[{"kind": "wrong_way", "polygon": [[0, 0], [1, 1], [1, 0]]}]', "direction_deg"),
        ('[{"polygon": [[0, 0], [1, 1], [1, 0]], "unit": "miles"}]', "unit miles"),
        ('[{"polygon": [[0, 0], [1, 1], [1, 0]], "limit": 0}]', "limit"),
        ('[{"polygon": [[0, 0], [1, 1], [1, 0]]}, {"polygon": "x"}]', "zone 2"),
    ):
        path.write_text(text)
        with pytest.raises(ScanFailed, match=message):
            read_zones(path)


def test_the_command_prints_one_object_per_line_or_a_line_for_people(tmp_path: Path) -> None:
    clip, lines = tmp_path / "c.mp4", []
    clip.write_bytes(clip_mp4(_joined(("quiet", 6), ("covered", 2))))
    scan_to_lines(str(clip), say=lines.append)
    rows = [json.loads(line) for line in lines]
    assert "covered" in [row["kind"] for row in rows] and rows[-1]["end"] is None
    scan_to_lines(str(clip), as_json=False, say=lines.append)
    assert any("covered" in line and "{" not in line for line in lines)


@REAL
def test_zones_of_all_kinds_in_pixels_find_what_they_are_for(tmp_path: Path) -> None:
    path = tmp_path / "zones.json"
    whole = [[0, 0], [767, 0], [767, 431], [0, 431]]
    rows = [
        {"name": "stop line", "kind": "line_cross", "polygon": [[0, 216], [767, 216]], "direction_deg": 180},
        {"name": "one way", "kind": "wrong_way", "polygon": whole, "direction_deg": 180},
        {"name": "no stopping", "kind": "loitering", "polygon": whole, "limit": 100, "hours": [["08:00", "09:00"]]},
    ]
    path.write_text(json.dumps(rows))
    found = list(scan(str(CLIPS / "intel" / "car-detection.mp4"), read_zones(path)))
    lines = [row["t"] for row in found if row["kind"] == "line_cross"]
    ways = [row["t"] for row in found if row["kind"] == "wrong_way"]
    assert len(lines) == 2 and 14 <= lines[0] <= 18 and 25 <= lines[1] <= 29
    assert len(ways) == 2 and 4 <= ways[0] <= 8 and 15 <= ways[1] <= 19
    assert not [row for row in found if row["kind"] == "loitering"]


@REAL
def test_a_more_sensitive_scan_tells_no_less() -> None:
    clip = str(CLIPS / "frigate" / "test_motion_video-2.mp4")
    everywhere = {"name": "all", "kind": "intrusion", "unit": "fractions"}
    everywhere["polygon"] = [(0, 0), (1, 0), (1, 1), (0, 1)]  # type: ignore[assignment]
    plain, faint = (
        {row["kind"] for row in scan(clip, [everywhere], sensitivity=sensitivity)} for sensitivity in (0.0, 1.0)
    )
    assert plain <= faint and "intrusion" in faint


def test_a_model_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    clip = tmp_path / "c.mp4"
    clip.write_bytes(clip_mp4(_joined(("quiet", 2))))
    with pytest.raises(ScanFailed, match="no object model"):
        list(scan(str(clip), model=tmp_path / "none.onnx"))
