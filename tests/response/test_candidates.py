from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from command_center.response.candidates import Force, Travel, fitness, rank

NOW = datetime(2026, 8, 24, 1, 0, tzinfo=UTC)
FRESH = NOW - timedelta(seconds=12)
FORCE_CODES = ("POL", "AUX", "GRD", "ENF", "FIR", "MED", "EMR", "MDT", "VOL", "DEP")


def force(person_id: str, kind: str = "POL", **more: object) -> Force:
    given = {"status": "standby", "order_code": None, "position_at": FRESH, "orders_today": 0, "lonlat": (119.4, 34.1)}
    return Force(person_id, person_id, person_id, kind, "U01", "320724199", **{**given, **more})  # type: ignore[arg-type]


def order_of(*forces: Force, seconds: dict[str, float], category: str = "02001") -> list[str]:
    travels = {id: Travel(value, value * 10) for id, value in seconds.items()}
    ranking = rank(forces, travels, category=category, area="320724199001001", now=NOW)
    return [one.force.person_id for one in ranking.offered]


def codes(force: Force, travel: Travel | None = Travel(60, 600), category: str = "02001") -> list[str]:  # noqa: B008
    travels = {force.person_id: travel} if travel else {}
    ranking = rank([force], travels, category=category, area="320724199001001", now=NOW)
    return [reason.code for one in (*ranking.offered, *ranking.not_offered) for reason in one.reasons]


def test_the_soonest_by_road_comes_first() -> None:
    assert order_of(force("a"), force("b"), seconds={"a": 200, "b": 110}) == ["b", "a"]


def test_somebody_meant_for_the_matter_may_come_a_little_later() -> None:
    assert order_of(force("grid", "GRD"), force("police"), seconds={"grid": 60, "police": 200}) == ["police", "grid"]
    assert order_of(force("grid", "GRD"), force("police"), seconds={"grid": 60, "police": 600}) == ["grid", "police"]


def test_those_who_were_sent_often_today_come_later() -> None:
    tired = force("tired", orders_today=4)
    assert order_of(tired, force("rested"), seconds={"tired": 60, "rested": 120}) == ["rested", "tired"]


def test_each_reason_against_is_said() -> None:
    assert codes(force("a", order_code="ZL20260824-001", status="en_route")) == ["busy"]
    assert codes(force("a", status="off_duty")) == ["off_duty"]
    assert codes(force("a", "MDT")) == ["force_unfit"]
    assert codes(force("a", position_at=None, lonlat=None), None) == ["position_unknown"]
    assert codes(force("a"), None) == ["out_of_reach"]
    stale = force("a", position_at=NOW - timedelta(minutes=14))
    ranking = rank([stale], {"a": Travel(1, 1)}, category="02001", area="", now=NOW)
    assert [(one.code, dict(one.params)) for one in ranking.not_offered[0].reasons] == [("position_stale", {"s": 840})]


def test_each_reason_for_is_said() -> None:
    patroller = force("a", status="patrolling")
    assert codes(patroller) == ["eta", "force_fits", "on_patrol", "position_age", "orders_today"]


def test_every_category_knows_its_forces_by_the_finest_rule() -> None:
    assert fitness("03001", "FIR") == "fits"
    assert fitness("03005", "FIR") == "helps"
    assert fitness("06999", "DEP") == "fits"
    assert fitness("02001", "MDT") is None


@given(
    st.lists(
        st.builds(
            force,
            st.uuids().map(str),
            st.sampled_from(FORCE_CODES),
            status=st.sampled_from(["standby", "patrolling", "off_duty", "returning", "called"]),
            order_code=st.sampled_from([None, None, "ZL20260824-001"]),
            position_at=st.sampled_from([FRESH, None, NOW - timedelta(minutes=6)]),
            orders_today=st.integers(0, 5),
        ),
        max_size=30,
        unique_by=lambda one: one.person_id,
    ),
    st.data(),
)
def test_everybody_is_either_offered_or_not_and_always_with_reasons(forces: list[Force], data: st.DataObject) -> None:
    reached = [one.person_id for one in forces if data.draw(st.booleans())]
    travels = {id: Travel(data.draw(st.floats(0, 3600)), 1.0) for id in reached}
    ranking = rank(forces, travels, category="02001", area="320724199001001", now=NOW)
    listed = [one.force.person_id for one in (*ranking.offered, *ranking.not_offered)]
    assert sorted(listed) == sorted(one.person_id for one in forces)
    assert all(one.reasons for one in (*ranking.offered, *ranking.not_offered))
    assert all(one.force.order_code is None and one.force.position_at == FRESH for one in ranking.offered)
    assert [one.cost_s for one in ranking.offered] == sorted(one.cost_s for one in ranking.offered)
