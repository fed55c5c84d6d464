"""JPEG pictures by HTTP, from a real server."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.corpus import jpeg_pieces
from tests.video.http_server import Answer, Request, serving
from tests.video.waiting import play
from video.sources.driver import open_source, rhythm_s
from video.sources.http_picture import HttpPicture
from video.sources.jpeg import reduction
from video.sources.multipart import Pictures
from video.sources.rtsp import RtspTimes, SourceError
from video.sources.unit import AccessUnit, BadVideo

QUICK = RtspTimes(connect_timeout_s=2, answer_timeout_s=2, retry_first_s=0.05, retry_longest_s=0.2)


def _watch(url: str, units: list[AccessUnit], *, count: int = 0, failures: int = 0) -> str:
    """Watch until so many pictures or failures; the last error."""

    async def run() -> str:
        source = open_source(url, units.append, gate=asyncio.Semaphore(1), times=QUICK)
        await play(source, lambda: len(units) >= count and source.state.failures >= failures)
        assert source.state.counts.pictures == source.state.counts.keys == len(units)
        return source.state.last_error

    return asyncio.run(run())


def _digest_is_right(header: str, realm: str, nonce: str) -> bool:
    fields = dict(re.findall(r'(\w+)="?([^",]+)"?', header))
    secret = hashlib.md5(f"admin:{realm}:pass word".encode()).hexdigest()
    target = hashlib.md5(f"GET:{fields['uri']}".encode()).hexdigest()
    answer = f"{secret}:{nonce}:{fields['nc']}:{fields['cnonce']}:auth:{target}"
    return fields["response"] == hashlib.md5(answer.encode()).hexdigest()


def test_new_pictures_come_with_growing_times() -> None:
    pieces, asked = jpeg_pieces(), []

    def answer(request: Request) -> Answer:
        asked.append(request)
        return Answer(body=pieces[len(asked) % len(pieces)], headers={"Content-Type": "image/jpeg"})

    units: list[AccessUnit] = []
    with serving(answer) as port:
        assert _watch(f"http+picture://127.0.0.1:{port}/snap.jpg?channel=2#every=0.1", units, count=5) == ""
    assert (asked[0].path, asked[0].query) == ("/snap.jpg", {"channel": "2"})
    assert [unit.data for unit in units[:5]] == [pieces[(index + 1) % len(pieces)] for index in range(5)]
    assert all(unit.key and unit.parameters is units[0].parameters for unit in units)
    assert units[0].parameters.size_px == (352, 288) and units[0].parameters.family == "jpeg"
    ticks = [unit.ticks for unit in units]
    assert ticks == sorted(set(ticks)) and ticks[0] == 0


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_it_signs_in_as_the_camera_asks(scheme: str) -> None:
    refused: list[Request] = []
    challenge = 'Basic realm="c"' if scheme == "basic" else 'Digest realm="c", nonce="n1", qop="auth", algorithm=MD5'

    def answer(request: Request) -> Answer:
        signature = request.headers.get("authorization", "")
        good = signature == "Basic YWRtaW46cGFzcyB3b3Jk" if scheme == "basic" else signature.startswith("Digest ")
        if not good or (scheme == "digest" and not _digest_is_right(signature, "c", "n1")):
            refused.append(request)
            return Answer(401, headers={"WWW-Authenticate": challenge})
        return Answer(body=jpeg_pieces()[0])

    units: list[AccessUnit] = []
    with serving(answer) as port:
        _watch(f"http://admin:pass%20word@127.0.0.1:{port}/a.jpg?b=1#every=0.1", units, count=3)
        assert len(refused) == 1
        assert "401" in _watch(f"http://admin:wrong@127.0.0.1:{port}/a.jpg", [], failures=2)


def test_an_unchanged_picture_is_not_sent_again_but_handed_on_with_its_new_time() -> None:
    told: list[str | None] = []

    def answer(request: Request) -> Answer:
        told.append(request.headers.get("if-none-match"))
        if told[-1] == '"v1"':
            return Answer(304)
        return Answer(body=jpeg_pieces()[0], headers={"ETag": '"v1"'})

    units: list[AccessUnit] = []
    with serving(answer) as port:
        _watch(f"http://127.0.0.1:{port}/a.jpg#every=0.1", units, count=3)
    assert told[:3] == [None, '"v1"', '"v1"']
    assert units[2].data == units[0].data and units[2].at > units[0].at


@pytest.mark.parametrize("with_length", [True, False])
def test_an_answer_that_never_ends_is_followed(with_length: bool) -> None:
    def parts() -> Iterator[bytes]:
        for piece in [*jpeg_pieces(), *jpeg_pieces()]:
            length = f"Content-Length: {len(piece)}\r\n" if with_length else ""
            yield f"--frame\r\nContent-Type: image/jpeg\r\n{length}\r\n".encode() + piece[:1000]
            time.sleep(0.01)
            yield piece[1000:] + b"\r\n"

    def answer(request: Request) -> Answer:
        if "authorization" not in request.headers:
            return Answer(401, headers={"WWW-Authenticate": 'Basic realm="c"'})
        return Answer(headers={"Content-Type": "multipart/x-mixed-replace; boundary=frame"}, parts=parts())

    units: list[AccessUnit] = []
    with serving(answer) as port:
        _watch(f"http://a:b@127.0.0.1:{port}/video.mjpg", units, count=15)
    assert [unit.data for unit in units[:12]] == [*jpeg_pieces(), *jpeg_pieces()]


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_any_endless_answer_gives_pictures_or_is_refused(chunks: list[bytes]) -> None:
    pictures = Pictures(100)
    try:
        found = [picture for chunk in chunks for picture in pictures.feed(chunk + b"\r\n\r\n\xff\xd8")]
    except BadVideo:
        return
    assert all(picture.startswith(b"\xff\xd8") for picture in found)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404), "the camera answered 404"),
        (Answer(302, headers={"Location": "http://127.0.0.1:1/"}), "the camera answered 302"),
        (Answer(body=b"<html>please sign in</html>"), "the camera did not answer with a JPEG picture"),
        (Answer(body=b"\xff\xd8" + bytes(4_100_000)), "the picture is larger than 4000000 bytes"),
    ],
)
def test_what_is_no_picture_is_named_and_asked_for_again(answer: Answer, error: str) -> None:
    with serving(lambda request: answer) as port:
        assert _watch(f"http://127.0.0.1:{port}/a.jpg", [], failures=2) == error


def test_an_address_that_makes_no_sense_is_refused() -> None:
    gate = asyncio.Semaphore(1)
    for url in ("http:///a.jpg", "http://127.0.0.1/a.jpg#every=often"):
        with pytest.raises(SourceError):
            HttpPicture(url, lambda unit: None, gate=gate)
    with pytest.raises(SourceError, match="no driver opens gopher"):
        open_source("gopher://a/", lambda unit: None)


def test_the_rhythm_of_a_source_is_known_to_who_judges_its_silence() -> None:
    assert rhythm_s(open_source("http://127.0.0.1/a.jpg#every=30", lambda unit: None)) == 30.0
    assert rhythm_s(open_source("rtsp://127.0.0.1/a", lambda unit: None)) == 0.0
    assert rhythm_s(None) == 0.0


def test_a_decoder_may_shrink_as_far_as_the_wanted_width_allows() -> None:
    assert [reduction((width, 100), 192) for width in (100, 352, 640, 1280, 1920, 3840)] == [1, 1, 2, 4, 8, 8]
