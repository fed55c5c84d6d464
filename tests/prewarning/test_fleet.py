"""Which group explains many signals best: values in, values out."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from command_center.prewarning.fleet import (
    Fleet,
    Group,
    Trouble,
    chained,
    common_area,
    explanation,
    is_still_down,
    natural_cohort,
)
from command_center.prewarning.rules import RULES
from tests.prewarning.fleet_hall import TOWN, VILLAGES, cameras

NOW = datetime(2026, 8, 24, tzinfo=UTC)
CAMERAS = cameras()
FLEET = Fleet(CAMERAS.values())


def lost(*ids: str, every_s: float = 0.1) -> list[Trouble]:
    return [Trouble(id, NOW + timedelta(seconds=every_s * index)) for index, id in enumerate(ids)]


def behind(recorder: str) -> list[str]:
    return [one.id for one in CAMERAS.values() if one.recorder == recorder]


def test_the_narrowest_group_that_explains_all_is_the_cause() -> None:
    found = explanation("C0000", lost(*behind("A")), FLEET, RULES.fleet)
    assert found is not None
    assert (found.group, found.camera_ids) == (Group("recorder", "A"), frozenset(behind("A")))
    found = explanation("C0000", lost(*behind("A"), *behind("B")), FLEET, RULES.fleet)
    assert found is not None
    assert found.group == Group("switch", "X")


def test_cameras_that_went_at_other_times_are_no_part_of_it() -> None:
    early = [Trouble(id, NOW - timedelta(hours=1)) for id in behind("A")[:20]]
    assert explanation("C0030", [*early, *lost(*behind("A")[28:31])], FLEET, RULES.fleet) is None
    found = explanation("C0030", [*early, *lost(*behind("A")[20:])], FLEET, RULES.fleet)
    assert found is not None
    assert found.camera_ids == frozenset(behind("A")[20:])


def test_a_camera_nobody_knows_is_alone() -> None:
    assert FLEET.groups_of("nobody") == []
    assert explanation("nobody", lost("nobody", *behind("A")), FLEET, RULES.fleet) is None
    assert Fleet().members(Group("town", TOWN)) == frozenset()


@given(st.lists(st.floats(0, 100, allow_nan=False), min_size=1, max_size=30), st.floats(0.1, 20))
def test_a_chain_holds_exactly_what_can_be_reached_in_small_steps(starts: list[float], gap: float) -> None:
    troubles = [Trouble(f"c{index}", NOW + timedelta(seconds=at)) for index, at in enumerate(starts)]
    found = chained("c0", troubles, gap)
    reached, grown = {"c0"}, True
    at = {trouble.camera_id: trouble.happened_at for trouble in troubles}
    while grown:
        near = {id for id in at if any(abs(at[id] - at[one]) <= timedelta(seconds=gap) for one in reached)}
        grown, reached = near != reached, near
    assert found == reached


def test_many_cameras_of_an_area_going_dark_is_natural_and_a_few_are_not() -> None:
    village = [one.id for one in CAMERAS.values() if one.area.startswith(VILLAGES[0])]
    rule = RULES.fleet.natural
    many = lost(*village[:30], every_s=10)
    assert natural_cohort(many[0], many, FLEET, rule) == set(village[:30])
    assert natural_cohort(many[0], many[:5], FLEET, rule) == frozenset()
    spread = lost(*village[:30], every_s=600)
    assert natural_cohort(spread[0], spread, FLEET, rule) == frozenset()


def test_a_group_is_down_while_enough_of_it_is() -> None:
    group = Group("recorder", "A")
    assert is_still_down(group, behind("A")[:8], FLEET, RULES.fleet)
    assert not is_still_down(group, behind("A")[:7], FLEET, RULES.fleet)


def test_the_smallest_area_that_holds_all() -> None:
    assert common_area(["320724199001001", "320724199001002"]) == "320724199001"
    assert common_area(["320724199001001", "320724199002002"]) == "320724199"
    assert common_area(["320724199001001", "320724199001001"]) == "320724199001001"
    assert common_area(["320724", "320724199"]) == "320724"


def test_witnesses_are_taken_from_elsewhere() -> None:
    others = FLEET.others(behind("A"), Group("switch", "X"), 4)
    assert len(others) == 4
    assert not set(others) & FLEET.members(Group("switch", "X"))
