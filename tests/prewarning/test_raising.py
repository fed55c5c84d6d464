from datetime import timedelta

from command_center.registry.codes import parse_area_code
from tests.response.hall import CAMERA, SECOND_CAMERA, WANG, Hall


def test_a_signal_raises_an_alert_with_place_level_and_clock(hall: Hall) -> None:
    hall.see("intrusion")
    alert = hall.alert()
    assert (alert["kind"], alert["level"], alert["state"], alert["count"]) == ("intrusion", 2, "raised", 1)
    assert (alert["place"], alert["camera_id"], alert["detail"]["category"]) == ("街口1", CAMERA, "02998")
    assert alert["box"] == [0.1, 0.2, 0.3, 0.4]
    assert alert["verify_by"] == "2026-08-24T01:05:00.000Z"
    assert alert["code"] == "32072400000000_20260824090000_0"
    assert parse_area_code(alert["area"]).town == "320724199"


def test_a_signal_seen_again_repeats_the_open_alert_of_its_camera_and_kind(hall: Hall) -> None:
    hall.end(hall.see("covered"))
    hall.clock.wait(20)
    hall.see("covered")
    hall.see("covered", SECOND_CAMERA)
    hall.see("freeze")
    first = min(hall.alerts(), key=lambda alert: alert["code"])
    assert len(hall.alerts()) == 3
    assert (first["count"], first["cleared_at"], first["last_at"]) == (2, None, "2026-08-24T01:00:20.000Z")
    assert hall.kinds().count("prewarning.repeated") == 1


def test_an_alert_that_clears_itself_stays_for_the_officer(hall: Hall) -> None:
    seen = hall.see("signal_loss")
    hall.clock.wait(30)
    hall.end(seen)
    alert = hall.alert()
    assert (alert["state"], alert["cleared_at"]) == ("raised", "2026-08-24T01:00:30.000Z")
    assert hall.take(alert["id"])["state"] == "taken"


def test_a_closed_alert_does_not_swallow_the_next_signal(hall: Hall) -> None:
    first = hall.see("intrusion")
    alert = hall.alert()
    hall.take(alert["id"])
    hall.dismiss(alert["id"])
    hall.end(first)
    hall.see("intrusion")
    newer, older = hall.alerts()
    states = {newer["state"], older["state"]}
    assert states == {"raised", "dismissed"}
    assert {alert["cleared_at"] is None for alert in (newer, older) if alert["state"] == "raised"} == {True}


def test_motion_and_signals_of_unknown_kinds_raise_nothing(hall: Hall) -> None:
    hall.see("motion")
    hall.see("sound")
    assert hall.alerts() == []


def test_a_missed_duty_raises_an_alert_that_a_late_track_clears(hall: Hall) -> None:
    hall.duty("patrol.missed")
    alert = hall.alert()
    assert (alert["kind"], alert["level"], alert["duty_id"], alert["camera_id"]) == ("missed_point", 3, "duty-1", None)
    assert alert["detail"]["cause"] == "not_visited"
    hall.clock.wait(60)
    hall.duty("patrol.visited", state="visited")
    assert hall.alert()["cleared_at"] == "2026-08-24T01:01:00.000Z"


def test_a_visited_duty_without_an_alert_says_nothing(hall: Hall) -> None:
    hall.duty("patrol.visited", state="visited")
    assert [kind for kind in hall.kinds() if kind.startswith("prewarning")] == []


def test_more_than_ten_alerts_of_a_second_get_codes_of_their_own(hall: Hall) -> None:
    for number in range(23):
        hall.duty("patrol.missed", id=f"duty-{number}")
    codes = [alert["code"] for alert in hall.alerts()]
    assert len(set(codes)) == 23
    assert {len(code) for code in codes} == {31}


def test_old_closed_alerts_leave_the_snapshot_and_open_ones_stay(hall: Hall) -> None:
    hall.see("intrusion")
    hall.see("freeze")
    closed = next(alert for alert in hall.alerts() if alert["kind"] == "freeze")
    hall.take(closed["id"])
    hall.dismiss(closed["id"])
    assert len(hall.snapshot(WANG)["alerts"]) == 2
    hall.clock.moment += timedelta(hours=25)
    assert [alert["kind"] for alert in hall.snapshot(WANG)["alerts"]] == ["intrusion"]


def test_what_an_eye_finds_is_an_alert_with_its_camera_and_words(hall: Hall) -> None:
    hall.spot("fight", note="两人推搡")
    hall.spot("fire", id="mark-2")
    fire, fight = sorted(hall.alerts(), key=lambda alert: alert["level"])
    assert (fight["kind"], fight["level"], fight["camera_id"], fight["place"]) == ("found_fight", 2, CAMERA, "街口1")
    assert (fight["detail"]["note"], fight["detail"]["found_by"]["name"]) == ("两人推搡", "王")
    assert (fire["kind"], fire["level"], fire["state"]) == ("found_fire", 1, "raised")
