"""Phones that speak the OsmAnd protocol, over a real server, spelled as their documentation and clients spell it."""

import asyncio
import socket
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.ingest import osmand
from command_center.ingest.doors import Doors
from command_center.ingest.plausible import REASONS
from command_center.ingest.position import Report
from command_center.ingest.senders import Senders
from command_center.settings import Settings

from .conftest import PERSONS, Gate, storing

NOW = datetime(2026, 8, 23, 1, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


def location(**more: Any) -> dict[str, Any]:
    """What Traccar Client 9 posts."""
    coords = {"latitude": 34.1, "longitude": 119.4, "speed": 1.5, "heading": 90, "accuracy": 8, "altitude": 12.3}
    body = {
        "timestamp": "2026-08-23T01:00:00.000Z",
        "coords": coords,
        "event": "motionchange",
        "is_moving": True,
        "odometer": 1200.4,
        "activity": {"type": "walking"},
        "battery": {"level": 0.42, "is_charging": False},
        "extras": {},
    }
    return {"device_id": "830201", "location": body | more}


def test_a_query_is_read_in_full_with_its_speed_in_knots(gate: Gate, address: str) -> None:
    device_id, _ = gate.device("830201")
    query = (
        f"id=830201&lat=34.1&lon=119.4&timestamp={SECONDS}&speed=10&bearing=370&altitude=12&accuracy=8"
        "&hdop=1.2&batt=87&charge=true&valid=true&cell=460,0,1,2,-70&wifi=01-23-45,-65&steps=12"
    )
    answer = httpx.get(f"{address}/osmand?{query}")
    assert (answer.status_code, answer.text) == (200, "")
    (stored,) = gate.track()
    assert (stored.lon, stored.lat, stored.at) == (119.4, 34.1, NOW)
    assert stored.speed_mps == pytest.approx(5.1444, abs=1e-4)
    assert (stored.heading_deg, stored.accuracy_m, stored.trusted) == (10.0, 8.0, True)
    state = gate.reception.states.get(device_id)
    assert state is not None and (state.signs.battery, state.signs.charging) == (0.87, True)


@pytest.mark.parametrize(
    "stamp", [str(SECONDS), f"{SECONDS}000", "2026-08-23T01:00:00Z", "2026-08-23 01:00:00", "2026-08-23T09:00:00+08:00"]
)
def test_every_documented_spelling_of_a_time_is_the_same_moment(stamp: str) -> None:
    told = osmand.from_query({"deviceid": "1", "location": "34.1,119.4", "heading": "5", "timestamp": stamp})
    assert told is not None
    (report,) = osmand.reports(told, person_id="p1", received_at=NOW)
    assert isinstance(report, Report) and report.position is not None
    assert (report.position.at, report.position.lat, report.position.heading_deg) == (NOW, 34.1, 5.0)


def test_a_form_that_is_posted_is_read_like_a_query(gate: Gate, address: str) -> None:
    gate.device("830201")
    form = {"id": "830201", "lat": "34.1", "lon": "119.4", "timestamp": str(SECONDS), "hdop": "2"}
    assert httpx.post(f"{address}/osmand", data=form).status_code == 200
    assert [position.accuracy_m for position in gate.track()] == [10.0]


def test_json_is_read_with_its_speed_in_metres_and_its_flag_of_a_made_up_place(gate: Gate, address: str) -> None:
    device_id, _ = gate.device("830201")
    assert httpx.post(f"{address}/osmand", json=location()).status_code == 200
    later = location(mock=True, timestamp="2026-08-23T01:00:05Z")
    assert httpx.post(f"{address}/osmand", json=later).status_code == 200
    assert [(one.speed_mps, one.trusted) for one in gate.track()] == [(1.5, True), (1.5, False)]
    state = gate.reception.states.get(device_id)
    assert state is not None and (state.signs.battery, state.signs.mock) == (0.42, True)


def test_an_unknown_device_is_turned_away_as_its_kind_of_client_expects(gate: Gate, address: str) -> None:
    query = f"{address}/osmand?id=nobody&lat=34.1&lon=119.4"
    assert httpx.get(query).status_code == 400
    assert httpx.post(f"{address}/osmand", json=location()).status_code == 404
    assert httpx.get(f"{address}/osmand?lat=34.1&lon=119.4").status_code == 400
    assert (
        httpx.post(f"{address}/osmand", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    )
    assert gate.heard == []


def test_a_device_that_needs_its_secret_is_believed_with_it_alone(gate: Gate, address: str) -> None:
    _, token = gate.device("830201", secret_required=True)
    query = f"id=830201&lat=34.1&lon=119.4&timestamp={SECONDS}"
    answers = [httpx.get(f"{address}/osmand{part}?{query}").status_code for part in ("", "/wrong", f"/{token}")]
    assert answers == [400, 400, 200]
    assert len(gate.heard) == 1


def test_what_cannot_be_true_is_answered_so_that_it_does_not_come_again(gate: Gate, address: str) -> None:
    gate.device("830201")
    away = httpx.get(f"{address}/osmand?id=830201&lat=31.2&lon=121.5&timestamp={SECONDS}")
    unfixed = httpx.get(f"{address}/osmand?id=830201&lat=34.1&lon=119.4&valid=false")
    asleep = httpx.get(f"{address}/osmand?id=830201&batt=5")
    assert [answer.status_code for answer in (away, unfixed, asleep)] == [200, 200, 200]
    assert [answer.headers["x-rejected"] for answer in (away, unfixed, asleep)] == ["outside", "no_fix", "no_fix"]


def test_a_shared_vehicle_reports_for_the_driver_it_names(gate: Gate, address: str) -> None:
    gate.device("car", person_id=None, area="320724199001")
    query = f"{address}/osmand?id=car&lat=34.1&lon=119.4&timestamp={SECONDS}"
    for driver in ("警01", "辅03", "nobody"):
        httpx.get(query, params={"driverUniqueId": driver} | dict(httpx.QueryParams(query.partition("?")[2])))
    assert [position.person_id for position in gate.heard] == ["p1"]


def test_coordinates_of_a_device_are_moved_from_its_own_datum(gate: Gate, address: str) -> None:
    gate.device("830201", datum="gcj02")
    httpx.get(f"{address}/osmand?id=830201&lat=34.1&lon=119.4&timestamp={SECONDS}")
    (stored,) = gate.track()
    assert stored.lon == pytest.approx(119.4 - 0.0054, abs=0.001) and stored.lon != 119.4


def test_phones_find_the_hall_on_a_port_of_its_own(gate: Gate) -> None:
    gate.device("830201")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    doors = Doors(
        gate.timeline,
        Settings(osmand_port=port),
        gate.reception,
        Senders(gate.timeline, persons=PERSONS, call_signs={}),
    )

    async def play() -> int:
        async with doors.running(), httpx.AsyncClient() as phone:
            answer = await phone.get(f"http://127.0.0.1:{port}/?id=830201&lat=34.1&lon=119.4&timestamp={SECONDS}")
            return answer.status_code

    with storing(gate):
        assert asyncio.run(play()) == 200
    assert len(gate.track()) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["coords", "latitude", "level"]), inner)
    ),
)
names = ["timestamp", "coords", "battery", "mock", "is_moving", "extras", "alarm"]
bodies = st.fixed_dictionaries(
    {"device_id": json_values}, optional={"location": st.dictionaries(st.sampled_from(names), json_values)}
)


@given(body=json_values | bodies)
def test_no_json_whatever_it_holds_breaks_the_driver(body: object) -> None:
    told = osmand.from_json(body)
    for report in osmand.reports(told, person_id="p1", received_at=NOW) if told else ():
        assert isinstance(report, Report) or report in REASONS
