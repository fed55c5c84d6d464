"""What a plan is asked for: the points and streets of an area, and the teams that may go there."""

from typing import Any

from command_center.patrol.lines.commands import add_line
from command_center.patrol.plans.commands import add_team
from command_center.patrol.plans.needs import gather
from gis.metric import destination, distance_m

from .conftest import GRID, PLACE, Patrol

TOWN = "320724199"
STREET: dict[str, Any] = {
    "name": "人民路",
    "area": GRID,
    "line": [PLACE, destination(PLACE, 90.0, 600.0)],
    "windows": [{"start": "09:00:00", "end": "11:00:00"}],
}
TEAM: dict[str, Any] = {
    "force": "AUX",
    "travel": "foot",
    "area": GRID,
    "lonlat": PLACE,
    "shift_start": "08:00:00",
    "shift_end": "16:00:00",
    "rest_s": 0,
}


def test_a_plan_is_asked_for_points_and_for_streets_by_those_who_may_walk_them(patrol: Patrol) -> None:
    point = patrol.point()
    with patrol.timeline.transaction() as tx:
        one = add_team(tx, **TEAM, name="巡组01", persons=["p1"]).id
        add_team(tx, **TEAM, name="巡组02", persons=["p2"])
        add_line(tx, **STREET)
        add_line(tx, **STREET | {"name": "滨河路", "both_sides": True, "person_id": "p1", "assigned_only": True})
        needs, _ = gather(tx.session, area=TOWN, wanted=0.3)
        elsewhere, _ = gather(tx.session, area=GRID, wanted=0.3)
    assert [need.id for need in needs.points] == [point] and elsewhere.streets == needs.streets
    people, river = sorted(needs.streets, key=lambda need: need.passes)
    assert (people.name, people.passes, people.teams) == ("人民路", 1, None)
    assert (river.name, river.passes, river.teams) == ("滨河路", 2, frozenset({one}))
    assert people.windows == ((9 * 3600, 11 * 3600),)
    assert abs(people.length_m - distance_m(*STREET["line"])) < 0.1
