"""Lines that are slow, dead, foreign or no longer allowed."""

import base64
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from command_center.wall.page import Page as WallPage
from tests.wall.client import Page
from tests.wall.hall import Hall, open_hall, until

BIG = "长" * 4_000


@contextmanager
def page_that_does_not_read(hall: Hall) -> Iterator[socket.socket]:
    """Subscribes and then never reads; its receive buffer is small, so that the line is soon full."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        line.connect(("127.0.0.1", hall.port))
        key = base64.b64encode(os.urandom(16)).decode()
        path = hall.url(name="deaf").partition(str(hall.port))[2]
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{hall.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in line.recv(4_096, socket.MSG_PEEK):
            pass
        text = b'{"type":"subscribe","since":null,"seat":"deaf"}'
        mask = b"\0\0\0\0"
        line.sendall(bytes([0x81, 0x80 | len(text)]) + mask + text)
        yield line


def deaf_page(hall: Hall) -> WallPage:
    until(lambda: any(page.seat.name == "deaf" for page in list(hall.wall.pages)))
    return next(page for page in list(hall.wall.pages) if page.seat.name == "deaf")


def waiting_bytes(page: WallPage) -> int:
    socket_ = page._wire._socket
    assert socket_ is not None
    return socket_.transport.get_write_buffer_size()


def test_page_that_does_not_read_falls_behind_alone_in_bounded_memory(tmp_path: Path) -> None:
    with (
        open_hall(tmp_path, beat_s=0.1) as hall,
        page_that_does_not_read(hall),
        Page(hall.url()).subscribe() as other,
    ):
        other.read_until("snapshot")
        deaf = deaf_page(hall)
        while not deaf.behind:
            hall.tell("more", text=BIG)
        before = hall.timeline.head().seq
        hall.tell(*["after"] * 200, text=BIG)
        while other.seq != before + 200:
            other.read()
        assert deaf.behind >= 200
        assert waiting_bytes(deaf) < 65_536 + 3 * len(BIG.encode())
        other.read_until("beat")
        assert other.in_step()


def test_page_that_does_not_read_is_told_to_resume_and_let_go(tmp_path: Path) -> None:
    with open_hall(tmp_path, beat_s=0.1, page_write_timeout_s=0.5) as hall, page_that_does_not_read(hall) as line:
        deaf = deaf_page(hall)
        while not deaf.behind:
            hall.tell("more", text=BIG)
        until(lambda: hall.wall.cut == 1)
        sent = deaf.place.sent
        received = b""
        while chunk := line.recv(65_536):
            received += chunk
        resume = b'{"type":"resume","since":%d}' % sent
        assert received.endswith(bytes([0x81, len(resume)]) + resume + b"\x88\x02" + (4008).to_bytes(2, "big"))
        until(lambda: not hall.wall.pages)


def test_page_that_never_reads_again_is_cut(tmp_path: Path) -> None:
    with open_hall(tmp_path, beat_s=0.1, page_write_timeout_s=0.3) as hall, page_that_does_not_read(hall):
        deaf = deaf_page(hall)
        while not deaf.behind:
            hall.tell("more", text=BIG)
        until(lambda: not hall.wall.pages)
        assert hall.wall.cut == 1


def test_page_that_falls_too_far_behind_is_told_to_resume(tmp_path: Path) -> None:
    with open_hall(tmp_path, beat_s=0.1, page_behind_facts=50) as hall, page_that_does_not_read(hall):
        deaf = deaf_page(hall)
        while not deaf.behind:
            hall.tell("more", text=BIG)
        hall.tell(*["after"] * 60)
        until(lambda: deaf.parted)


def test_page_without_a_session_is_closed_with_4401(tmp_path: Path) -> None:
    with open_hall(tmp_path) as hall:
        # Closed before it has said anything: what it would ask for makes no difference.
        assert Page(hall.url(name="nobody")).read_to_the_end() == 4401


def test_page_of_a_session_that_ends_is_closed_with_4401(tmp_path: Path) -> None:
    with open_hall(tmp_path) as hall, Page(hall.url(name="leaver")).subscribe() as page:
        page.read_until("snapshot")
        hall.signed_out.add("leaver")
        assert page.read_to_the_end() == 4401


def test_page_of_another_site_is_refused(tmp_path: Path) -> None:
    with open_hall(tmp_path) as hall:
        with pytest.raises(InvalidStatus) as refused:
            Page(hall.url(), Origin="http://elsewhere.example")
        assert refused.value.response.status_code == 403
        with Page(hall.url(), Origin=f"http://127.0.0.1:{hall.port}").subscribe() as page:
            page.read_until("snapshot")


@pytest.mark.parametrize("text", ["{", '{"type":"ack","seq":1,"digest":"0"}', '{"type":"dance"}', "[" * 70_000, b"\0"])
def test_page_that_says_nonsense_is_closed_with_4400(tmp_path: Path, text: str | bytes) -> None:
    with open_hall(tmp_path) as hall:
        page = Page(hall.url())
        page.socket.send(text)
        assert page.read_to_the_end() == 4400


def test_seats_say_who_is_in_step_and_who_has_diverged(tmp_path: Path) -> None:
    with open_hall(tmp_path, beat_s=0.1) as hall:
        with Page(hall.url()).subscribe(seat="desk") as good, Page(hall.url()).subscribe(seat="wall") as bad:
            good.read_until("snapshot")
            bad.read_until("snapshot")
            bad.digest = "e" * 32

            def all_known() -> bool:
                good.read_until("beat")
                bad.read_until("beat")
                return bool(good.beats[-1]["seats"]["behind"])

            until(all_known)
            seats = good.beats[-1]["seats"]
            assert (seats["total"], seats["in_step"]) == (2, 1)
            assert [(seat["seat"], seat["state"]) for seat in seats["behind"]] == [("wall", "diverged")]
        until(lambda: not hall.wall.pages)
        assert hall.wall.figures()["seats"]["total"] == 0


def test_health_comes_whole_first_and_then_what_changed(tmp_path: Path) -> None:
    with open_hall(tmp_path) as hall:
        hall.health["cameras"] = {"c1": "online", "c2": "online"}
        with Page(hall.url()).subscribe(streams=["health"]) as page:
            while not any("c1" in message["cameras"] for message in page.health):
                page.read()
            assert page.health[-1]["cameras"] == {"c1": "online", "c2": "online"}
            count = len(page.health)
            hall.health = {**hall.health, "cameras": {"c1": "lost", "c2": "online"}}
            page.read_until("health")
            assert [message["cameras"] for message in page.health[count:]] == [{"c1": "lost"}]
