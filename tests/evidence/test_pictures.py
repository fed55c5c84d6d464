import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_center.errors import BadInput, TooLarge
from command_center.evidence.pictures import PHOTO_LIMIT_BYTES, check_photo
from command_center.evidence.ranges import BadRange, ByteRange, parse_range


@pytest.mark.parametrize(("suffix", "mime"), [("jpg", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp")])
def test_a_photo_is_known_by_its_own_bytes(suffix: str, mime: str) -> None:
    content = cv2.imencode(f".{suffix}", np.zeros((8, 8, 3), np.uint8))[1].tobytes()
    assert check_photo(content) == mime


@pytest.mark.parametrize("content", [b"", b"GIF89a....", b"<svg/>", b"MZ\x90\x00", b"RIFF0000WAVE"])
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        check_photo(content)


def test_a_photo_above_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge):
        check_photo(b"\xff\xd8\xff" + bytes(PHOTO_LIMIT_BYTES))


def test_ranges_as_players_ask_for_them() -> None:
    assert parse_range("bytes=0-", 100) == ByteRange(0, 100)
    assert parse_range("bytes=10-19", 100) == ByteRange(10, 20)
    assert parse_range("bytes=90-500", 100) == ByteRange(90, 100)
    assert parse_range("bytes=-20", 100) == ByteRange(80, 100)
    assert parse_range(None, 100) is None
    assert parse_range("bytes=0-1,5-6", 100) is None
    assert parse_range("lines=1-2", 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=5-4", "bytes=-0", "bytes=a-b", "bytes=-", "bytes=7", "bytes="])
def test_a_range_of_nothing_is_refused(header: str) -> None:
    with pytest.raises(BadRange):
        parse_range(header, 100)


@given(st.text(max_size=20), st.integers(0, 1000))
def test_whatever_is_asked_the_answer_lies_within(text: str, size: int) -> None:
    try:
        found = parse_range(f"bytes={text}", size)
    except BadRange:
        return
    assert found is None or 0 <= found.start < found.end <= size
