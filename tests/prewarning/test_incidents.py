"""Cameras that go wrong together are one incident; those that go wrong alone are told alone, and in time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from command_center.prewarning.tables import HeldRow, ProbeRow
from tests.prewarning.fleet_hall import VILLAGES, FleetHall
from tests.response.test_replay import compare


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[FleetHall]:
    made = FleetHall(f"sqlite:///{tmp_path}/hall.db")
    yield made
    made.timeline.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest) -> Iterator[FleetHall]:
    """The same on both engines, for the stories that matter most."""
    if request.param == "sqlite":
        yield request.getfixturevalue("hall")
        return
    made = FleetHall(request.getfixturevalue("hall_postgres_url"))
    yield made
    made.timeline.close()


def held(hall: FleetHall) -> list[HeldRow]:
    with hall.timeline.reading() as session:
        return list(session.scalars(select(HeldRow)))


def in_village(hall: FleetHall) -> list[str]:
    return [one.id for one in hall.cameras.values() if one.area.startswith(VILLAGES[0])]


def test_a_recorder_lost_is_one_alert_with_the_list_inside_and_clears_when_all_are_back(either: FleetHall) -> None:
    hall = either
    lost = hall.lose(hall.behind("A"), every_s=0.25 / 3)
    hall.wait(4)
    alert = hall.open_alert()
    assert len(hall.alerts()) == 1
    assert (alert["kind"], alert["level"], alert["count"], alert["camera_id"]) == ("fleet_loss", 3, 32, None)
    assert (alert["place"], alert["area"]) == ("一村 录像机 A", VILLAGES[0])
    assert [camera["id"] for camera in alert["detail"]["cameras"]] == hall.behind("A")
    assert alert["detail"]["group"] == {"by": "recorder", "key": "A", "size": 32}
    assert alert["detail"]["alarm"] == {"method": "2", "type": "1", "catalogue": "VLOST"}
    hall.recover(lost[:20])
    hall.wait(2)
    alert = hall.open_alert()
    assert (alert["detail"]["lost"], alert["detail"]["back"], alert["cleared_at"]) == (12, 20, None)
    hall.recover(lost[20:])
    hall.wait(2)
    alert = hall.open_alert()
    assert alert["cleared_at"] is not None
    assert all(camera["back_at"] for camera in alert["detail"]["cameras"])
    assert held(hall) == []
    compare(hall)


def test_a_camera_lost_alone_is_told_after_a_second(hall: FleetHall) -> None:
    hall.lose(["C0003"])
    hall.wait(0.75)
    assert hall.alerts() == []
    hall.wait(0.25)
    alert = hall.open_alert()
    assert (alert["kind"], alert["camera_id"], alert["place"]) == ("signal_loss", "C0003", "镜头3")
    with hall.timeline.reading() as session:
        assert session.scalars(select(ProbeRow.alert_id)).all() == [alert["id"]]


def test_a_camera_that_comes_back_at_once_is_not_told(hall: FleetHall) -> None:
    lost = hall.lose(["C0003"], every_s=0.5)
    hall.recover(lost)
    hall.wait(5)
    assert hall.alerts() == []
    assert held(hall) == []


def test_alerts_raised_before_the_pattern_showed_are_folded_into_the_incident(either: FleetHall) -> None:
    hall = either
    early = hall.lose(hall.behind("A")[:2], every_s=2)
    assert len(hall.open_alerts()) == 2
    taken = hall.take(hall.open_alerts()[0]["id"])
    hall.lose(hall.behind("A")[2:], every_s=0.25)
    hall.wait(2)
    by_kind = {alert["kind"]: alert for alert in hall.open_alerts()}
    assert set(by_kind) == {"fleet_loss", "signal_loss"}
    incident = by_kind["fleet_loss"]
    assert incident["count"] == 32
    assert by_kind["signal_loss"]["id"] == taken["id"]
    assert by_kind["signal_loss"]["detail"]["incident_id"] == incident["id"]
    folded = [alert for alert in hall.alerts() if alert["state"] == "dismissed"]
    assert {(alert["reason"], alert["closed_by"]["id"]) for alert in folded} == {("duplicate", "hall")}
    assert all(incident["code"] in alert["note"] for alert in folded)
    hall.recover(early)
    hall.wait(2)
    back = {one.feed_id for one in early}
    assert all(alert["cleared_at"] for alert in hall.alerts() if alert["camera_id"] in back)
    compare(hall)


def test_two_recorders_of_one_switch_become_one_incident_of_the_switch(either: FleetHall) -> None:
    hall = either
    hall.lose(hall.behind("A"))
    hall.wait(2)
    assert hall.open_alert()["place"] == "一村 录像机 A"
    hall.lose(hall.behind("B"), every_s=0.25)
    hall.wait(3)
    alert = hall.open_alert()
    assert (alert["place"], alert["count"], alert["detail"]["group"]["by"]) == ("一村 交换机 X", 64, "switch")
    compare(hall)


def test_two_recorders_that_share_nothing_are_two_incidents(hall: FleetHall) -> None:
    hall.lose(hall.behind("A"))
    hall.lose(hall.behind("C"))
    hall.wait(3)
    assert {alert["place"] for alert in hall.open_alerts()} == {"一村 录像机 A", "二村 录像机 C"}


def test_a_village_without_power_is_one_incident_of_the_village(hall: FleetHall) -> None:
    hall.lose(in_village(hall))
    hall.wait(3)
    alert = hall.open_alert()
    assert (alert["place"], alert["area"], alert["count"]) == ("一村", VILLAGES[0], 76)


def test_cameras_lost_here_and_there_stay_apart(hall: FleetHall) -> None:
    hall.lose(["C0000", "C0040", "C0070", "C0101", "C0102"], every_s=1)
    hall.wait(3)
    assert {alert["kind"] for alert in hall.open_alerts()} == {"signal_loss"}
    assert len(hall.open_alerts()) == 5


def test_a_camera_long_dead_is_not_part_of_todays_incident(hall: FleetHall) -> None:
    hall.lose(["C0000"])
    hall.wait(60)
    hall.lose(hall.behind("A")[1:])
    hall.wait(3)
    counts = {alert["kind"]: alert["count"] for alert in hall.open_alerts()}
    assert counts == {"signal_loss": 1, "fleet_loss": 31}


def test_a_late_one_joins_while_its_group_is_down_and_not_once_it_is_back(hall: FleetHall) -> None:
    lost = hall.lose(hall.behind("A")[:31])
    hall.wait(40)
    (late,) = hall.lose(["C0031"])
    hall.wait(3)
    assert hall.open_alert()["count"] == 32
    hall.recover(lost)
    hall.wait(20)
    assert hall.open_alert()["detail"]["lost"] == 1
    hall.lose(["C0004"])
    hall.wait(3)
    assert {alert["kind"] for alert in hall.open_alerts()} == {"fleet_loss", "signal_loss"}
    hall.recover([late])
    hall.wait(3)
    compare(hall)


def test_a_recorder_that_flaps_stays_one_incident(hall: FleetHall) -> None:
    lost = hall.lose(hall.behind("A"))
    hall.wait(2)
    hall.recover(lost[:31])
    hall.wait(2)
    hall.lose(hall.behind("A")[:4], every_s=1)
    hall.wait(3)
    alert = hall.open_alert()
    assert (alert["count"], alert["detail"]["lost"]) == (32, 5)
    compare(hall)


def test_a_recorder_that_fails_again_repeats_its_open_incident(hall: FleetHall) -> None:
    hall.recover(hall.lose(hall.behind("A")))
    hall.wait(2)
    hall.lose(hall.behind("A"))
    hall.wait(2)
    hall.recover(hall.lose(["C0100"]))
    alert = hall.open_alert()
    hall.recover(hall.lose(hall.behind("B")[:1]))
    assert (alert["count"], alert["cleared_at"]) == (32, None)


def test_an_incident_confirmed_by_an_officer_still_says_who_comes_back(hall: FleetHall) -> None:
    lost = hall.lose(hall.behind("A"))
    hall.wait(2)
    incident = hall.open_alert()
    hall.take(incident["id"])
    case = hall.confirm(incident["id"], category="06999")
    assert case["title"] == "一村 录像机 A 群体断线"
    hall.recover(lost)
    hall.wait(2)
    (alert,) = hall.alerts()
    assert (alert["state"], alert["cleared_at"] is not None, alert["detail"]["back"]) == ("confirmed", True, 32)
    compare(hall)


def test_frozen_pictures_of_one_recorder_are_one_incident_of_quality(hall: FleetHall) -> None:
    hall.lose(hall.behind("A"), kind="freeze", every_s=0.25)
    hall.wait(2)
    alert = hall.open_alert()
    assert (alert["kind"], alert["detail"]["signal_kind"], alert["count"]) == ("fleet_quality", "freeze", 32)


def test_dusk_over_an_area_is_no_alarm_and_one_camera_covered_in_it_is(either: FleetHall) -> None:
    hall = either
    village = in_village(hall)[::2]
    dark = hall.lose(village, kind="dark", every_s=1)
    hall.lose(["C0100"], kind="covered")
    hall.wait(150)
    assert [alert["kind"] for alert in hall.open_alerts()] == ["covered"]
    hall.recover(dark)
    hall.wait(1800)
    assert [alert["kind"] for alert in hall.open_alerts()] == ["covered"]
    hall.clock.wait(7200)
    with hall.tx() as tx:
        hall.raiser.held.sweep(tx)
    assert [row.kind for row in held(hall)] == ["covered"]
    compare(hall)


def test_what_was_raised_at_the_beginning_of_dusk_is_withdrawn_with_the_reason(hall: FleetHall) -> None:
    village = in_village(hall)[::2]
    hall.lose(village[:1], kind="dark")
    hall.wait(130)
    assert hall.open_alert()["kind"] == "dark"
    hall.lose(village[1:], kind="dark", every_s=2)
    hall.wait(130)
    (alert,) = hall.alerts()
    assert (alert["state"], alert["reason"]) == ("dismissed", "light_change")
    assert "自然光线" in alert["note"]


def test_a_camera_still_dark_when_the_others_are_light_again_has_a_fault(hall: FleetHall) -> None:
    village = in_village(hall)[::2]
    dark = hall.lose(village, kind="dark", every_s=0.5)
    hall.wait(150)
    hall.recover(dark[1:])
    hall.wait(1900)
    assert hall.open_alert()["camera_id"] == village[0]


def test_a_single_dark_camera_is_told_once_it_has_lasted(hall: FleetHall) -> None:
    hall.lose(["C0100"], kind="dark")
    hall.wait(100)
    assert hall.alerts() == []
    hall.wait(30)
    assert hall.open_alert()["kind"] == "dark"


def test_a_crash_between_loss_and_judgement_loses_and_doubles_nothing(either: FleetHall) -> None:
    hall = either
    hall.lose(hall.behind("A")[:10])
    hall.start()
    hall.wait(2)
    hall.start()
    hall.lose(hall.behind("A")[10:])
    hall.start()
    hall.wait(3)
    assert hall.open_alert()["count"] == 32
    compare(hall)


def test_a_fault_that_came_and_went_while_the_hall_stood_still_is_told_afterwards(hall: FleetHall) -> None:
    (lost,) = hall.lose(["C0003"])
    hall.clock.wait(600)
    hall.end(lost)
    alert = hall.open_alert()
    assert (alert["kind"], alert["cleared_at"] is not None) == ("signal_loss", True)
