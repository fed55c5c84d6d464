"""Positions over a real broker (mosquitto), published by its own client."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from command_center.ingest import owntracks
from command_center.ingest.mqtt import Broker
from command_center.ingest.plausible import REASONS
from command_center.ingest.position import Report
from command_center.ingest.senders import Senders
from command_center.ingest.tables import PositionRow

from .conftest import PERSONS, Gate
from .test_osmand import NOW, SECONDS

MOSQUITTO = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
needs_broker = pytest.mark.skipif(
    not (MOSQUITTO and shutil.which("mosquitto_pub") and shutil.which("openssl")), reason="no mosquitto or no openssl"
)
TOPICS = ["owntracks/+/+", "yiping/positions/+"]
# What OwnTracks for Android publishes, with keys that the hall has no use for.
OWN_TRACKS: dict[str, Any] = {
    "_type": "location", "acc": 13, "alt": 154, "batt": 51, "bs": 2, "BSSID": "cc:32:e5:4f:10:9a", "cog": 270,
    "conn": "w", "created_at": SECONDS + 2, "lat": 34.1, "lon": 119.4, "m": 1, "t": "u", "tid": "01", "tst": SECONDS,
    "vac": 1, "vel": 18,
}  # fmt: skip


class Mosquitto:
    """A broker of our own on a free port, with one user; can be stopped and started again."""

    def __init__(self, folder: Path, *, tls: bool) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.folder, self.tls = folder, tls
        subprocess.run(["mosquitto_passwd", "-c", "-b", folder / "users", "hall", "s3:cret"], check=True)
        lines = [f"listener {self.port} 127.0.0.1", f"password_file {folder}/users", "user root", "persistence false"]
        if tls:
            self._certify()
            lines += [f"certfile {folder}/cert.pem", f"keyfile {folder}/key.pem"]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        scheme, query = ("mqtts", f"?ca={self.folder}/cert.pem") if self.tls else ("mqtt", "")
        return f"{scheme}://hall:s3%3Acret@127.0.0.1:{self.port}{query}"

    def start(self) -> None:
        assert MOSQUITTO
        command = [MOSQUITTO, "-c", str(self.folder / "mosquitto.conf")]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._listens)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def publish(self, topic: str, body: Any, *more: str) -> None:
        command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "-u", "hall", "-P", "s3:cret", "-q", "1"]
        if self.tls:
            command += ["--cafile", str(self.folder / "cert.pem")]
        text = body if isinstance(body, str) else json.dumps(body)
        subprocess.run([*command, *more, "-t", topic, "-m", text], check=True)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _certify(self) -> None:
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=broker"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
        subprocess.run(command, check=True, cwd=self.folder, stderr=subprocess.DEVNULL)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def mosquitto(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path, tls=getattr(request, "param", False))
    yield broker
    broker.stop()


@contextmanager
def listening(gate: Gate, broker: Mosquitto) -> Iterator[Broker]:
    senders = Senders(gate.timeline, persons=PERSONS, call_signs={})
    line = Broker(broker.url, TOPICS, timeline=gate.timeline, reception=gate.reception, senders=senders)
    line.start()
    try:
        yield line
    finally:
        line.end()


@needs_broker
@pytest.mark.parametrize("mosquitto", [False, True], ids=["plain", "tls"], indirect=True)
def test_positions_of_owntracks_and_our_own_are_stored_with_what_comes_with_them(
    gate: Gate, mosquitto: Mosquitto
) -> None:
    device_id, _ = gate.device("jing01/phone", kind="mqtt")
    gate.device("radio7", kind="mqtt", person_id="p3")
    mosquitto.start()
    with listening(gate, mosquitto) as line:
        until(lambda: line.connected)
        mosquitto.publish("owntracks/jing01/phone", OWN_TRACKS)
        mosquitto.publish("owntracks/jing01/phone", OWN_TRACKS | {"_type": "lwt"})
        mosquitto.publish("yiping/positions/radio7", {"at": SECONDS, "lon": 119.41, "lat": 34.11, "battery": 0.8})
        mosquitto.publish("yiping/positions/nobody", {"at": SECONDS, "lon": 119.41, "lat": 34.11})
        mosquitto.publish("yiping/positions/radio7", "no json")
        until(lambda: line.refused.total() == 2)
    (stored,) = gate.track("p1")
    assert (stored.lon, stored.lat, stored.at, stored.speed_mps) == (119.4, 34.1, NOW, 5.0)
    assert (stored.heading_deg, stored.accuracy_m) == (270.0, 13.0)
    assert len(gate.track("p3")) == 1 and line.refused == {"unknown_device": 1, "malformed": 1}
    state = gate.reception.states.get(device_id)
    assert state is not None and (state.signs.battery, state.signs.charging) == (0.51, True)


@needs_broker
def test_what_was_published_while_the_hall_or_its_disk_was_away_comes_all_the_same(
    gate: Gate, mosquitto: Mosquitto
) -> None:
    gate.device("radio7", kind="mqtt")
    mosquitto.start()
    with listening(gate, mosquitto) as line:
        until(lambda: line.connected)
        mosquitto.publish("yiping/positions/nobody", {})
        until(lambda: line.refused.total() == 1)
    mosquitto.publish("yiping/positions/radio7", {"at": SECONDS, "lon": 119.4, "lat": 34.1})
    PositionRow.__table__.drop(gate.timeline.engine)  # type: ignore[attr-defined]
    with capture_logs(), listening(gate, mosquitto) as line:
        until(lambda: line.worker.failing is not None)
        PositionRow.__table__.create(gate.timeline.engine)  # type: ignore[attr-defined]
        until(lambda: line.worker.failing is None)
    assert len(gate.track()) == 1


@needs_broker
def test_the_hall_finds_its_broker_again_and_takes_no_old_message_for_a_sign_of_life(
    gate: Gate, mosquitto: Mosquitto
) -> None:
    device_id, _ = gate.device("radio7", kind="mqtt")
    with listening(gate, mosquitto) as line:
        mosquitto.start()
        mosquitto.publish("yiping/positions/radio7", {"at": SECONDS - 500, "lon": 119.4, "lat": 34.1}, "-r")
        until(lambda: line.connected)
        mosquitto.publish("yiping/positions/nobody", {})
        until(lambda: line.refused.total() == 1)
        assert gate.reception.states.get(device_id) is None
        mosquitto.stop()
        until(lambda: not line.connected)
        mosquitto.start()
        until(lambda: line.connected)
        mosquitto.publish("yiping/positions/radio7", {"at": SECONDS, "lon": 119.4, "lat": 34.1})
        until(lambda: gate.reception.states.get(device_id) is not None)
    assert [position.at for position in gate.track()] == [NOW]


def test_an_address_that_is_no_brokers_is_refused(gate: Gate) -> None:
    senders = Senders(gate.timeline, persons=PERSONS, call_signs={})
    for url in ("http://broker", "mqtt://", "broker:1883"):
        with pytest.raises(ValueError, match="YIPING_MQTT_URL"):
            Broker(url, TOPICS, timeline=gate.timeline, reception=gate.reception, senders=senders)


values = st.none() | st.integers() | st.floats() | st.text(max_size=8) | st.just("location") | st.lists(st.integers())
bodies = st.dictionaries(st.sampled_from([*OWN_TRACKS, "positions", "at"]), values)


@given(payload=st.binary(max_size=80) | bodies.map(lambda body: json.dumps(body).encode()))
def test_no_payload_whatever_it_holds_breaks_the_driver(payload: bytes) -> None:
    for report in owntracks.reports("owntracks/a/b", payload, person_id="p1", received_at=NOW):
        assert isinstance(report, Report) or report in REASONS
