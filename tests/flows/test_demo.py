"""The demonstration's data folder: made once, found again, brought up to what a town has learned to say since."""

from itertools import groupby
from pathlib import Path

from sqlalchemy import update

from command_center import demo
from command_center.registry.queries import town_index
from command_center.registry.tables import CameraRow
from command_center.timeline import open_timeline


def test_the_cameras_that_play_stand_recorder_by_recorder_also_in_an_older_folder(tmp_path: Path) -> None:
    settings, first = demo.prepare(tmp_path)
    playing = demo.playing(settings, 300)
    assert len(playing) == 300
    in_a_row = [recorder for recorder, _ in groupby(playing, key=lambda camera: camera.recorder)]
    assert len(in_a_row) == len(set(in_a_row)) > 5
    assert {camera.id for camera in demo.playing(settings, 64)} <= {camera.id for camera in playing}

    timeline = open_timeline(settings.timeline_url)
    with timeline.transaction() as tx:
        tx.session.execute(update(CameraRow).values(recorder="", switch=""))
    timeline.close()
    _, again = demo.prepare(tmp_path)
    assert again == first
    timeline = open_timeline(settings.timeline_url)
    with timeline.reading() as session:
        cameras = town_index(session).cameras
    timeline.close()
    assert all(camera.recorder and camera.switch for camera in cameras.values())
    assert demo.playing(settings, 300) == playing
