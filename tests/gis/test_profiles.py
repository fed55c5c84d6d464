"""Who may use a road, from its tags."""

import pytest

from gis.roads.profiles import uses

BOTH, THERE, BACK, NO = (True, True), (True, False), (False, True), (False, False)


@pytest.mark.parametrize(
    ("tags", "car", "bicycle", "foot"),
    [
        ({"highway": "residential"}, BOTH, BOTH, BOTH),
        ({"highway": "residential", "oneway": "yes"}, THERE, THERE, BOTH),
        ({"highway": "residential", "oneway": "-1"}, BACK, BACK, BOTH),
        ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, THERE, BOTH, BOTH),
        ({"highway": "residential", "oneway": "yes", "cycleway": "opposite_lane"}, THERE, BOTH, BOTH),
        ({"highway": "tertiary", "junction": "roundabout"}, THERE, THERE, BOTH),
        ({"highway": "motorway"}, THERE, NO, NO),
        ({"highway": "motorway", "oneway": "no"}, BOTH, NO, NO),
        ({"highway": "trunk", "motorroad": "yes"}, BOTH, NO, NO),
        ({"highway": "footway"}, NO, BOTH, BOTH),
        ({"highway": "footway", "oneway:foot": "yes"}, NO, BOTH, THERE),
        ({"highway": "steps"}, NO, NO, BOTH),
        ({"highway": "pedestrian", "motor_vehicle": "yes"}, BOTH, BOTH, BOTH),
        ({"highway": "service", "access": "no"}, NO, NO, NO),
        ({"highway": "service", "access": "no", "foot": "yes"}, NO, NO, BOTH),
        ({"highway": "service", "vehicle": "no"}, NO, NO, BOTH),
        ({"highway": "service", "access": "private"}, BOTH, BOTH, BOTH),
        ({"highway": "cycleway", "foot": "no"}, NO, BOTH, NO),
    ],
)
def test_tags_say_who_may_go_which_way(
    tags: dict[str, str], car: tuple[bool, bool], bicycle: tuple[bool, bool], foot: tuple[bool, bool]
) -> None:
    found = uses(tags)
    allowed = {name: (use.there_kmh > 0, use.back_kmh > 0) for name, use in found.items()}
    assert allowed == {"car": car, "bicycle": bicycle, "foot": foot}


def test_a_limit_moves_cars_and_holds_bicycles_but_not_walkers() -> None:
    fast = uses({"highway": "primary", "maxspeed": "80", "maxspeed:backward": "40"})
    slow = uses({"highway": "primary", "maxspeed": "15"})
    assert (fast["car"].there_kmh, fast["car"].back_kmh) == (80, 40)
    assert (fast["bicycle"].there_kmh, slow["bicycle"].there_kmh) == (20, 15)
    assert slow["foot"].there_kmh == 5


def test_nobody_saves_time_through_a_gate() -> None:
    assert uses({"highway": "residential", "access": "private", "maxspeed": "50"})["car"].there_kmh == 10
