"""Where the fault of a lost feed lies, asked of real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.video.http_server import serving
from tests.video.wvp_server import KEY, WvpServer
from video.probe import Patience, Place, Probe, Reached, host_of, locate, probe_all

SOON = Patience(connect_s=0.5, answer_s=0.5)
Answer = Callable[[str, str], str | None]


@asynccontextmanager
async def device(answer: Answer) -> AsyncIterator[int]:
    """A device that answers each request by what `answer(method, whole request)` says, None for not at all."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = (await reader.readuntil(b"\r\n\r\n")).decode()
                text = answer(request.split(" ", 1)[0], request)
                if text is not None:
                    writer.write(text.encode())
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def rtsp(status: int, *headers: str, body: str = "") -> str:
    lines = [f"RTSP/1.0 {status} x", "CSeq: 1", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines) + "\r\n\r\n" + body


def recorder(method: str, request: str) -> str | None:
    """Has a picture of /1, none of /2, and wants a password for /3."""
    if method == "OPTIONS":
        return rtsp(200, "Public: DESCRIBE")
    if "/1 " in request:
        return rtsp(200, body="v=0\r\n")
    if "/2 " in request:
        return rtsp(404)
    return rtsp(200) if "response=" in request else rtsp(401, 'WWW-Authenticate: Digest realm="r", nonce="n"')


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_each_address_says_how_far_it_answers() -> None:
    async def run() -> list[Probe]:
        async with device(recorder) as port, device(lambda _method, _request: None) as mute:
            at = f"127.0.0.1:{port}"
            urls = [f"rtsp://{at}/1", f"rtsp://{at}/2", f"rtsp://{at}/3", f"rtsp://me:secret@{at}/3"]
            return await probe_all(
                [*urls, f"rtsp://127.0.0.1:{mute}/1", f"rtsp://127.0.0.1:{free_port()}/1", "rtsp:"], SOON
            )

    answers = asyncio.run(run())
    assert [probe.describe for probe in answers] == [200, 404, 401, 200, None, None, None]
    assert [probe.options for probe in answers[:5]] == [200, 200, 200, 200, None]
    assert [probe.reached for probe in answers[4:]] == ["open", "refused", "no_address"]


def test_a_picture_over_http_is_asked_for_too() -> None:
    async def run() -> list[Probe]:
        async with device(lambda method, _request: f"HTTP/1.0 {200 if method == 'GET' else 405} x\r\n\r\n") as port:
            return await probe_all([f"http://127.0.0.1:{port}/picture.jpg"], SOON)

    (answer,) = asyncio.run(run())
    assert (answer.reached, answer.describe) == ("open", 200)


def test_many_addresses_of_one_host_are_not_asked_all_at_once() -> None:
    open_now, most = 0, 0

    async def run() -> list[Probe]:
        nonlocal open_now, most

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal open_now, most
            open_now += 1
            most = max(most, open_now)
            await asyncio.sleep(0.01)
            open_now -= 1
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await probe_all([f"rtsp://127.0.0.1:{port}/{n}" for n in range(20)], SOON)

    assert len(asyncio.run(run())) == 20
    assert most <= SOON.per_host


def one(reached: Reached = "open", options: int | None = 200, describe: int | None = 200) -> Probe:
    spoken = reached == "open"
    return Probe("rtsp://a/1", "a:554", reached, options if spoken else None, describe if spoken else None)


@pytest.mark.parametrize(
    ("lost", "others", "shared", "place"),
    [
        ([one("refused")] * 8, [one()], True, "recorder"),
        ([one("refused")], [one()], False, "camera"),
        ([one("silent")] * 8, [one()], True, "line"),
        ([one("unreachable")] * 8, [one("silent")] * 3, True, "platform"),
        ([one("unreachable")] * 8, [], True, "line"),
        ([one(options=None, describe=None)] * 8, [one()], True, "recorder"),
        ([one(describe=404)], [one()], True, "camera"),
        ([one(describe=503)] * 8, [one()], True, "line"),
        ([one(describe=401)], [one()], True, "sign_in"),
        ([one()] * 8, [one()], True, "answers"),
        ([one("no_address")], [one()], False, "unknown"),
        ([], [one()], False, "unknown"),
    ],
)
def test_answers_say_where_the_fault_lies(lost: list[Probe], others: list[Probe], shared: bool, place: Place) -> None:
    assert locate(lost, others, shared=shared) == place


def test_a_platform_is_believed_about_its_cameras() -> None:
    def channel(reached: Reached, online: bool | None) -> Probe:
        return Probe("wvp://a/d/1", "a:18080", reached, online=online)

    assert locate([channel("silent", None)], [one()], shared=True) == "platform"
    assert locate([channel("open", False)], [one()], shared=True) == "camera"
    assert locate([channel("open", False)] * 4, [one()], shared=True) == "recorder"
    assert locate([channel("open", True)] * 4, [one()], shared=True) == "line"


def test_a_platform_is_asked_for_its_list_once_and_says_who_is_there() -> None:
    with serving(WvpServer(lambda _key: "", count=12)) as port:
        urls = [f"wvp://:{KEY}@127.0.0.1:{port}/{number}" for number in (1, 2, 12, 99)]
        gone = f"wvp://:{KEY}@127.0.0.1:{free_port()}/1"
        answers = asyncio.run(probe_all([*urls, gone], Patience(platform_s=2.0)))
    assert [probe.online for probe in answers] == [False, True, True, None, None]
    assert [probe.reached for probe in answers] == ["open"] * 4 + ["silent"]
    assert locate(answers[:1], [], shared=True) == "camera"
    assert locate(answers[3:4], [], shared=True) == "unknown"
    assert locate(answers[4:], [], shared=True) == "platform"


def test_the_host_of_an_address_has_no_account_in_it() -> None:
    assert host_of("rtsp://me:secret@10.0.0.8/1") == "10.0.0.8:554"
    assert host_of("wvp://key@10.0.0.8/d/1") == "10.0.0.8:18080"
    assert host_of("file:/clip.mp4") == ""
