"""Terminals that speak JT/T 808: frames of real ones read as they should be, and lines played over real sockets."""

import asyncio
import itertools
import socket
import struct
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.ingest.doors import Doors
from command_center.ingest.jt808 import body, frame
from command_center.ingest.jt808.line import Line, reports
from command_center.ingest.jt808.parts import Parts
from command_center.ingest.plausible import REASONS
from command_center.ingest.position import Report
from command_center.ingest.senders import Senders
from command_center.settings import Settings

from .conftest import PERSONS, Gate, storing

GOLDEN = [
    tuple(line.split(" | "))
    for line in (Path(__file__).parent / "golden" / "jt808.txt").read_text().splitlines()
    if not line.startswith("#")
]
NOW = datetime(2026, 8, 23, 1, 0, tzinfo=UTC)
PHONE = "13900000001"


def only(data: str | bytes) -> frame.Message:
    raw = data if isinstance(data, bytes) else bytes.fromhex(data)
    (found,) = frame.Splitter().feed(raw)
    return frame.read(found)


@pytest.mark.parametrize(("truth", "recorded"), GOLDEN, ids=[truth.split()[1] for truth, _ in GOLDEN])
def test_a_frame_of_a_real_terminal_is_read_as_by_hand(truth: str, recorded: str) -> None:
    id, phone, lat, lon, speed, heading, at, signal, satellites = truth.split()
    message = only(recorded)
    assert (f"{message.id:04x}", message.phone, message.version) == (id, phone, None)
    place = body.read_place(message.body)
    assert place.lonlat == (None if lat == "-" else (float(lon), float(lat)))
    assert (place.speed_mps, place.heading_deg) == (int(speed) / 36, float(heading))
    assert place.at == datetime.fromisoformat(at).replace(tzinfo=UTC)
    report = place.report("p1", NOW)
    assert isinstance(report, Report)
    assert [report.signs.signal, report.signs.satellites] == [
        None if text == "-" else int(text) for text in (signal, satellites)
    ]


def test_a_recorded_bulk_of_late_positions_is_read_to_its_end() -> None:
    bulk = (
        "7e0704014301356777777707f5000801002600000000000000030159741206cbfd5001720000000116052709062401040000001d0302"
        "0000002600000000000000030159746606cbfd50016b0000000116052709065301040000001d03020000002600000000000000030159"
        "75e406cbfe58013f0000000116052709072701040000001d0302000000260000000000000003015976de06cbff10012e000000011605"
        "2709075601040000001d0302000000260000000000000003015976bc06cbfed0012d0000000116052709083001040000001d03020000"
        "00260000000000000003015976fe06cbfec001080000000116052709090001040000001d0302000000260000000000000003015976fe"
        "06cbfe7800fc0000000116052709093301040000001d0302000000260000000000000003015977a606cbff3001080000000116052709"
        "100201040000001d030200001f7e"
    )
    places = [place for place in body.read_places(only(bulk).body) if place is not None]
    assert len(places) == 8
    assert places[0].lonlat == (0x06CBFD50 / 1e6, 0x01597412 / 1e6)
    assert places[-1].lonlat == (0x06CBFF30 / 1e6, 0x015977A6 / 1e6)
    assert [place.at for place in places] == sorted(place.at for place in places)


ids = st.integers(0, 0xFFFF)
phones = st.integers(1, 10**12 - 1).map(str)
messages = st.builds(
    frame.Message, ids, phones, ids, st.binary(max_size=1023), st.none() | st.integers(0, 255)
) | st.builds(
    frame.Message,
    ids,
    phones,
    ids,
    st.binary(max_size=200),
    st.none() | st.integers(0, 255),
    st.just(9),
    st.integers(1, 9),
)


@given(sent=st.lists(messages, max_size=4), cuts=st.lists(st.integers(0, 3000), max_size=6))
def test_messages_are_read_as_written_wherever_the_line_cuts_them(sent: list[frame.Message], cuts: list[int]) -> None:
    data = b"".join(frame.write(message) for message in sent)
    line, found = Line(), []
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    for start, end in itertools.pairwise(edges):
        found += line.feed(data[start:end])
    assert found == sent and not line.bad


@given(sent=messages, at=st.integers(0, 10_000), byte=st.integers(1, 255), cut=st.integers(0, 40))
def test_a_damaged_frame_is_counted_and_costs_no_other(sent: frame.Message, at: int, byte: int, cut: int) -> None:
    data = bytearray(frame.write(sent))
    data[1 + at % (len(data) - 2)] ^= byte
    good = frame.write(frame.Message(2, "1", 1, b""))
    line = Line()
    found = line.feed(bytes(data[: len(data) - cut]) + b"\x7e" + good)
    assert found[-1:] == [only(good)]
    for message in found[:-1]:
        for report in reports(message, person_id="p1", received_at=NOW):
            assert isinstance(report, Report) or report in REASONS


@given(data=st.binary(max_size=300), id=st.sampled_from([body.PLACE, body.PLACES]))
def test_no_body_whatever_it_holds_breaks_the_reader(data: bytes, id: int) -> None:
    for report in reports(frame.Message(id, "1", 1, data), person_id="p1", received_at=NOW):
        assert isinstance(report, Report) or report in REASONS


def test_parts_are_put_together_in_any_order_and_unfinished_ones_pushed_out() -> None:
    parts = Parts()
    message = [frame.Message(0x0704, PHONE, 7 + index, bytes([index]), None, 3, 1 + index) for index in range(3)]
    assert [parts.add(message[index]) for index in (2, 0)] == [None, None]
    whole = parts.add(message[1])
    assert whole is not None and (whole.body, whole.total) == (b"\x00\x01\x02", 1)
    for id in range(1_000):
        parts.add(frame.Message(id, PHONE, 1, b"x" * 1023, None, 100, 1))
    assert len(parts._open) == 2


def place_body(
    *, lat: float = 34.1, lon: float = 119.4, stamp: str = "260823090000", alarm: int = 0, status: int = 3
) -> bytes:
    fixed = struct.pack(">IIIIHHH", alarm, status, round(lat * 1e6), round(lon * 1e6), 12, 54, 90)
    return fixed + bytes.fromhex(stamp) + bytes([0x01, 4, 0, 0, 0, 9, 0x30, 1, 25, 0x31, 1, 11])


class Terminal:
    """A terminal of our own on a real socket; speaks the edition of 2019 if told so."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, version: int | None = None) -> None:
        self.reader, self.writer, self.version = reader, writer, version
        self.serial = 0
        self.splitter = frame.Splitter()
        self.heard: list[frame.Message] = []

    def send(self, id: int, content: bytes = b"", phone: str = PHONE, total: int = 1, index: int = 1) -> int:
        self.serial += 1
        self.writer.write(frame.write(frame.Message(id, phone, self.serial, content, self.version, total, index)))
        return self.serial

    async def answer(self) -> frame.Message:
        async with asyncio.timeout(10):
            while not self.heard:
                data = await self.reader.read(4096)
                assert data, "the line was cut"
                self.heard += [frame.read(one) for one in self.splitter.feed(data)]
        return self.heard.pop(0)

    async def ask(self, id: int, content: bytes = b"", phone: str = PHONE) -> tuple[int, int]:
        """Send, and what the general answer says: the id that is answered, and the result."""
        serial = self.send(id, content, phone)
        answered, about, result = struct.unpack(">HHB", (await self.answer()).body)
        assert answered == serial
        return about, result

    async def sign_in(self, phone: str = PHONE) -> None:
        self.send(body.REGISTER, bytes(37), phone)
        answer = await self.answer()
        assert answer.id == body.REGISTER_ANSWER and answer.body[2] == body.DONE
        code = answer.body[3:]
        shown = code if self.version is None else bytes([len(code)]) + code + bytes(35)
        assert await self.ask(body.AUTHENTICATE, shown, phone) == (body.AUTHENTICATE, body.DONE)


Play = Callable[[Callable[[], Awaitable[Terminal]], Doors], Awaitable[None]]


def play(gate: Gate, scene: Play, **settings: float) -> Doors:
    """Open the port and let a scene be played on it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    senders = Senders(gate.timeline, persons=PERSONS, call_signs={})
    doors = Doors(gate.timeline, Settings(jt808_port=port, **settings), gate.reception, senders)  # type: ignore[arg-type]

    async def run() -> None:
        async with doors.running():
            terminals: list[Terminal] = []

            async def connect(version: int | None = None) -> Terminal:
                terminals.append(Terminal(*await asyncio.open_connection("127.0.0.1", port), version))
                return terminals[-1]

            await scene(connect, doors)
            for terminal in terminals:
                terminal.writer.transport.abort()

    with storing(gate):
        asyncio.run(run())
    return doors


@pytest.mark.parametrize("version", [None, 1], ids=["2013", "2019"])
def test_a_terminal_registers_shows_its_code_and_is_answered_when_its_place_is_stored(
    gate: Gate, version: int | None
) -> None:
    device_id, _ = gate.device(PHONE, kind="jt808")

    async def scene(connect: Callable[..., Awaitable[Terminal]], _doors: Doors) -> None:
        terminal = await connect(version)
        await terminal.sign_in()
        assert await terminal.ask(body.HEARTBEAT) == (body.HEARTBEAT, body.DONE)
        assert await terminal.ask(body.PLACE, place_body()) == (body.PLACE, body.DONE)
        assert await terminal.ask(0x0F00, b"?") == (0x0F00, body.UNSUPPORTED)

    play(gate, scene)
    (stored,) = gate.track()
    assert (stored.lon, stored.lat, stored.at, stored.speed_mps, stored.heading_deg) == (119.4, 34.1, NOW, 1.5, 90.0)
    state = gate.reception.states.get(device_id)
    assert state is not None and (state.signs.signal, state.signs.satellites) == (25, 11)


def test_late_positions_in_bulk_and_in_parts_are_stored_with_their_own_times_and_an_alarm_is_told(gate: Gate) -> None:
    gate.device(PHONE, kind="jt808")
    one = [place_body(stamp=f"26082308{minute:02}00", lat=34.1 + minute * 1e-5) for minute in range(40)]
    bulk = struct.pack(">HB", len(one), 1) + b"".join(struct.pack(">H", len(each)) + each for each in one)

    async def scene(connect: Callable[..., Awaitable[Terminal]], _doors: Doors) -> None:
        terminal = await connect()
        await terminal.sign_in()
        for index in range(2):
            terminal.send(body.PLACES, bulk[index * 1000 : (index + 1) * 1000], total=2, index=index + 1)
            assert (await terminal.answer()).body[-1] == body.DONE
        assert await terminal.ask(body.PLACE, place_body(alarm=1, status=1)) == (body.PLACE, body.DONE)

    play(gate, scene)
    assert [position.at.minute for position in gate.track()] == list(range(40))
    (fact,) = gate.facts("ingest.sos")
    assert (fact["sos"]["person_id"], fact["sos"]["located"]) == ("p1", False)
    assert fact["sos"]["position"]["at"] == "2026-08-23T00:39:00.000Z"


def test_who_shows_no_code_or_a_wrong_one_or_speaks_for_another_tells_nothing(gate: Gate) -> None:
    gate.device(PHONE, kind="jt808")
    gate.device("13900000002", kind="jt808", person_id="p2")
    _, token = gate.device("13900000003", kind="jt808", person_id="p3", secret_required=True)

    async def scene(connect: Callable[..., Awaitable[Terminal]], _doors: Doors) -> None:
        terminal = await connect()
        assert await terminal.ask(body.PLACE, place_body()) == (body.PLACE, body.FAILED)
        assert await terminal.ask(body.AUTHENTICATE, b"0000000000000000") == (body.AUTHENTICATE, body.FAILED)
        terminal.send(body.REGISTER, bytes(37), "13999999999")
        assert (await terminal.answer()).body[2] == body.NO_SUCH_TERMINAL
        await terminal.sign_in()
        assert await terminal.ask(body.PLACE, place_body(), "13900000002") == (body.PLACE, body.FAILED)
        terminal.send(body.REGISTER, bytes(37), "13900000003")
        assert (await terminal.answer()).body[2] == body.NO_SUCH_TERMINAL
        shown = await terminal.ask(body.AUTHENTICATE, token.encode(), "13900000003")
        assert shown == (body.AUTHENTICATE, body.DONE)

    play(gate, scene)
    assert gate.heard == []


def test_hostile_lines_are_cut_and_an_honest_one_goes_on(gate: Gate) -> None:
    gate.device(PHONE, kind="jt808")

    async def scene(connect: Callable[..., Awaitable[Terminal]], doors: Doors) -> None:
        honest = await connect()
        await honest.sign_in()
        _mute, noisy, endless = await connect(), await connect(), await connect()
        noisy.writer.write(b"\x7e\x02\x00garbage that is none\x7e" * 40)
        endless.writer.write(b"\x7e" + b"\x01" * 200_000)
        assert await noisy.reader.read() == b""
        crowd = [await connect() for _ in range(3)]
        assert await crowd[-1].reader.read() == b""
        assert await honest.ask(body.PLACE, place_body()) == (body.PLACE, body.DONE)
        assert await honest.reader.read() == b""
        assert doors.terminals.cut["silent"] == 1

    doors = play(gate, scene, jt808_lines=5, jt808_idle_s=1.0)
    assert (doors.terminals.cut["damaged"], doors.terminals.cut["too_many"], doors.terminals.lines) == (1, 1, 0)
    assert doors.terminals.bad["overlong"] > 0
    assert len(gate.track()) == 1
