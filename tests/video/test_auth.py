"""Challenges as cameras put them. Source of the SHA-256 example: RFC 7616 section 3.9.1."""

from __future__ import annotations

import hashlib
import re

import pytest

from video.sources.auth import Credentials


def _fields(header: str | None) -> dict[str, str]:
    assert header is not None and header.startswith("Digest ")
    return dict(re.findall(r'(\w+)="?([^",]+)"?', header))


@pytest.mark.parametrize(("algorithm", "make"), [("MD5", hashlib.md5), ("SHA-256", hashlib.sha256)])
def test_digest_with_quality_of_protection_is_right_in_either_hash(algorithm: str, make: type) -> None:
    nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
    credentials = Credentials("Mufasa", "Circle of Life")
    challenge = f'Digest realm="http-auth@example.org", qop="auth-int, auth", algorithm={algorithm}, nonce="{nonce}"'
    assert credentials.take_challenge([challenge])
    fields = _fields(credentials.header("GET", "/dir/index.html"))
    secret = make(b"Mufasa:http-auth@example.org:Circle of Life").hexdigest()
    target = make(b"GET:/dir/index.html").hexdigest()
    answer = f"{secret}:{nonce}:00000001:{fields['cnonce']}:auth:{target}".encode()
    assert fields["response"] == make(answer).hexdigest()
    assert fields["algorithm"] == algorithm
    assert _fields(credentials.header("GET", "/"))["nc"] == "00000002"


def test_a_hash_that_we_do_not_know_is_passed_over_for_one_that_we_do() -> None:
    unknown = 'Digest realm="c", nonce="1", algorithm=SHA-512-256'
    credentials = Credentials("a", "b")
    assert not credentials.take_challenge([unknown])
    assert credentials.take_challenge([unknown, 'Digest realm="c", nonce="2"'])
    assert _fields(credentials.header("PLAY", "rtsp://c"))["nonce"] == "2"
    assert credentials.take_challenge([unknown, 'Basic realm="c"'])
    assert str(credentials.header("PLAY", "rtsp://c")).startswith("Basic ")
