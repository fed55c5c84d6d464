"""What makes a device suspect, what of it is kept, and what is told of it; and alarms."""

from datetime import timedelta

import httpx

from command_center.access.commands import add_user
from command_center.ingest.position import Flag, Position, Report, Signs
from command_center.ingest.reception import Delivery, Reception
from command_center.ingest.senders import Sender
from command_center.ingest.trust import Peer

from .conftest import PERSONS, Gate
from .test_routes import PASSWORD

PHONE = Sender("d1", "osmand", "phone 1", "320724199001", "p1")
RADIO = Sender("d2", "jt808", "radio 2", "320724199001", "p1")
HOME = Peer("10.0.0.1")


def send(gate: Gate, *reports: Report | Position, sender: Sender = PHONE, peer: Peer = HOME) -> None:
    items = [report if isinstance(report, Report) else Report(report) for report in reports]
    gate.reception.receive([Delivery(sender, items, peer)])


def walk(gate: Gate, seconds: int, **signs: bool) -> list[Report]:
    """A report each 5 s of a walk north that ends now."""
    return [Report(gate.at(at - seconds, lat=34.1 + at * 1e-5), Signs(**signs)) for at in range(0, seconds, 5)]  # type: ignore[arg-type]


def flags(gate: Gate) -> list[Flag]:
    return [position.flags for position in gate.track()]


def test_an_honest_walk_is_trusted_in_whole(gate: Gate) -> None:
    gate.clock.wait(600)
    send(gate, *walk(gate, 600))
    gate.reception.write()
    assert all(position.trusted for position in gate.track()) and len(gate.track()) == 120
    assert gate.facts("ingest.device_suspect") == []


def test_a_place_that_is_made_up_is_kept_flagged_and_told_once(gate: Gate) -> None:
    for report in walk(gate, 60, mock=True):
        gate.clock.wait(5)
        send(gate, report)
        gate.reception.write()
    assert flags(gate) == [Flag.mock] * 12
    (fact,) = gate.facts("ingest.device_suspect")
    assert (fact["reason"], fact["device"]["id"], fact["device"]["person_id"]) == ("mock", "d1", "p1")


def test_a_suspicion_is_cleared_after_long_good_behaviour_only(gate: Gate) -> None:
    send(gate, Report(gate.at(0), Signs(mock=True)))
    for _ in range(3):
        for _ in range(10):
            gate.clock.wait(19)
            send(gate, gate.at(0, lat=34.1 + gate.clock.moment.timestamp() % 100 * 1e-6))
        gate.reception.write()
        assert gate.facts("ingest.device_cleared") == []
    gate.clock.wait(60)
    send(gate, gate.at(0, lat=34.1002))
    gate.reception.write()
    (fact,) = gate.facts("ingest.device_cleared")
    assert (fact["reason"], fact["device"]["suspicions"]) == ("mock", [])
    assert len(gate.facts("ingest.device_suspect")) == 1


def test_what_was_told_of_a_device_is_not_told_again_after_a_restart(gate: Gate) -> None:
    send(gate, Report(gate.at(0), Signs(battery=0.3, mock=True, sos=True)))
    gate.reception.write()
    again = Reception(gate.timeline, gate.intake, persons=PERSONS)
    again.states.restore(gate.timeline)
    again.receive([Delivery(PHONE, [Report(gate.at(1, lat=34.10001), Signs(mock=True, sos=True))], HOME)])
    again.write()
    assert (len(gate.facts("ingest.device_suspect")), len(gate.facts("ingest.sos"))) == (1, 1)
    state = again.states.get("d1")
    assert state is not None and state.signs.battery == 0.3


def test_coordinates_that_do_not_change_by_a_hair_while_moving_are_flagged_from_their_beginning(gate: Gate) -> None:
    gate.clock.wait(300)
    still = [Report(Position("p1", gate.at(at - 300).at, gate.clock(), 119.4, 34.1, 1.4)) for at in range(0, 200, 10)]
    send(gate, *still[:10])
    gate.intake.flush()
    send(gate, *still[10:])
    gate.reception.write()
    assert flags(gate) == [Flag.frozen] * 20
    assert [fact["reason"] for fact in gate.facts("ingest.device_suspect")] == ["frozen"]


def test_a_phone_that_lies_still_and_says_so_is_trusted(gate: Gate) -> None:
    gate.clock.wait(300)
    for at in range(0, 290, 10):
        send(gate, Report(Position("p1", gate.at(at - 300).at, gate.clock(), 119.4, 34.1, 0.0), Signs(moving=True)))
    assert not any(flags(gate))


def test_jumps_are_refused_but_kept_with_their_flag_and_move_nobody(gate: Gate) -> None:
    send(gate, gate.at(0))
    for second in (1, 3, 5):
        send(gate, gate.at(second, lat=34.3), gate.at(second + 1, lat=34.1 + second * 1e-5))
    gate.reception.write()
    assert flags(gate) == [0, Flag.impossible_speed, 0, Flag.impossible_speed, 0, Flag.impossible_speed, 0]
    assert [fact["reason"] for fact in gate.facts("ingest.device_suspect")] == ["impossible_speed"]
    assert {round(position.lat, 1) for position in gate.heard} == {34.1}


def test_one_identity_used_from_two_places_in_turn_is_flagged_as_cloned(gate: Gate) -> None:
    for turn in range(8):
        gate.clock.wait(60)
        there = turn % 2
        send(gate, gate.at(0, lat=34.1 + there * 0.03 + turn * 1e-6), peer=Peer(f"10.0.0.{1 + there}"))
    gate.reception.write()
    assert flags(gate)[:4] == [0, 0, 0, 0] and flags(gate)[-3:] == [Flag.cloned] * 3
    assert [fact["reason"] for fact in gate.facts("ingest.device_suspect")] == ["cloned"]


def test_a_phone_between_two_networks_is_no_clone_but_two_open_lines_are(gate: Gate) -> None:
    for turn in range(8):
        gate.clock.wait(60)
        send(gate, gate.at(0, lat=34.1 + turn * 1e-5), peer=Peer(f"10.0.0.{turn % 2}"))
        send(gate, gate.at(0, lat=34.1 + turn * 1e-5, person_id="p2"), sender=RADIO, peer=Peer("x", 1 + turn % 2))
    assert not any(flags(gate))
    assert [position.flags for position in gate.track("p2")][-1] == Flag.cloned


def test_two_devices_of_one_person_far_apart_prove_nothing_either(gate: Gate) -> None:
    for turn in range(3):
        gate.clock.wait(30)
        send(gate, gate.at(0, lat=34.1 + turn * 1e-5))
        send(gate, gate.at(-1, lat=34.12 + turn * 1e-5), sender=RADIO)
    gate.reception.write()
    assert flags(gate)[-2:] == [Flag.apart] * 2
    told = {(fact["device"]["id"], fact["reason"]) for fact in gate.facts("ingest.device_suspect")}
    assert ("d2", "apart") in told


def test_an_alarm_is_told_at_once_with_its_place_and_once_while_it_goes_on(gate: Gate) -> None:
    for second in (0, 10, 20):
        send(gate, Report(gate.at(second), Signs(sos=True)))
    send(gate, Report(gate.at(10), Signs(sos=True)))
    (fact,) = gate.facts("ingest.sos")
    sos = fact["sos"]
    assert (sos["person_id"], sos["device_id"], sos["located"], sos["area"]) == ("p1", "d1", True, PERSONS["p1"])
    assert sos["position"]["lon"] == 119.4
    gate.clock.wait(900)
    send(gate, Report(None, Signs(sos=True)))
    again = gate.facts("ingest.sos")[1]["sos"]
    assert (again["located"], again["position"]["at"]) == (False, "2026-08-23T01:00:20.000Z")


def test_a_coordinator_sees_how_every_device_is(gate: Gate, address: str) -> None:
    gate.device("silent")
    device_id, _ = gate.device("830201")
    sender = Sender(device_id, "osmand", "830201", "320724199", "p1")
    send(gate, Report(gate.at(0), Signs(battery=0.09, mock=True)), sender=sender)
    with gate.timeline.transaction() as tx:
        add_user(tx, name="zhou", display_name="周", role="coordinator", area="320724199", password=PASSWORD)
    with httpx.Client(base_url=f"{address}/api/v1") as seat:
        seat.post("/session", json={"name": "zhou", "password": PASSWORD})
        lines = {line["external_id"]: line for line in seat.get("/devices").json()}
        gate.clock.wait(timedelta(minutes=6).total_seconds())
        later = {line["external_id"]: line["state"] for line in seat.get("/devices").json()}
    assert (lines["830201"]["state"], lines["830201"]["battery"]) == ("live", 0.09)
    assert [one["reason"] for one in lines["830201"]["suspicions"]] == ["mock"]
    assert (lines["silent"]["state"], later) == ("never", {"silent": "never", "830201": "silent"})
