"""A running hall follows imports that it did not make itself; one whose town is not whole says what is missing."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from command_center import condition
from command_center.hall import Hall, NoTown
from command_center.ingest.position import Position
from command_center.response.tables import ResponderRow
from command_center.settings import Settings
from command_center.timeline import open_timeline
from tests.registry.imports.land import TOWN, at, box, bring, geojson, settle, stored, table


def test_a_hall_takes_people_and_places_up_that_the_command_line_imports(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    console = open_timeline(settings.timeline_url)
    outline = geojson(tmp_path / "only.geojson", [({"code": TOWN, "name": "小镇"}, box(0, 0, 1, 1))])
    with pytest.raises(NoTown, match="town_not_loaded"):
        Hall(settings, report=condition.report)
    bring(console, "center", outline)
    with pytest.raises(NoTown, match="villages grids"):
        Hall(settings, report=condition.report)
    settle(console, tmp_path)
    hall, app = Hall(settings, report=condition.report), FastAPI()
    hall.hang_on(app)
    assert {"code": "no_roads", "params": {}} in condition.notes(hall)
    bring(console, "units", table(tmp_path / "u.csv", [("名称", "经度", "纬度"), ("所", *at(0.2, 0.2))]))
    rows = [("姓名", "呼号", "队伍", "单位"), ("张三", "警01", "民警", "所")]
    bring(console, "people", table(tmp_path / "p.csv", rows))
    before = hall.town.digest
    hall.follow_town()
    assert app.state.town is hall.town and hall.town.digest != before
    (person,) = hall.town.persons.values()
    assert stored(console, ResponderRow)[person.id]["call_sign"] == "警01"
    now = console.now()
    heard = hall.intake.take([Position(person.id, now, now, *at(0.2, 0.2))])
    assert (heard.accepted, heard.rejected) == (1, [])
    # A new call sign reaches those who are called, and somebody who is gone is off duty.
    bring(console, "people", table(tmp_path / "p.csv", [("编号", *rows[0]), (person.id, "张三", "警02", "民警", "所")]))
    assert stored(console, ResponderRow)[person.id]["call_sign"] == "警02"
    bring(console, "people", table(tmp_path / "p.csv", [rows[0], ("李四", "警03", "民警", "所")]), replace=True)
    responders = {row["call_sign"]: row["status"] for row in stored(console, ResponderRow).values()}
    assert responders == {"警02": "off_duty", "警03": "patrolling"}
    hall.timeline.close()
    console.close()
