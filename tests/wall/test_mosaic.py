"""The mosaic: the newest picture of every camera, cut to what a page may see, latest only, skipped and counted."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.sync.client import ClientConnection, connect

from command_center.wall.frames import is_binary, unframed
from command_center.wall.mosaic import Look, Mosaic, packed, unpacked
from tests.wall.hall import EAST, PATIENCE_S, TOWN, WEST, Hall, open_hall, until

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Picture:
    feed_id: str
    at: float
    jpeg: bytes


def camera(number: int) -> str:
    return f"3207241992011{number:07d}"


def area_of_camera(camera_id: str) -> str | None:
    """Even cameras stand in the east, odd ones in the west, and numbers from 900 on are not of this town."""
    number = int(camera_id[-7:])
    return None if number >= 900 else (WEST if number % 2 else EAST)


def jpeg(shade: int) -> bytes:
    """A real picture of the size that the engine delivers."""
    ramp = np.add.outer(np.arange(96, dtype=np.uint16), np.arange(128, dtype=np.uint16))
    done, coded = cv2.imencode(".jpg", ((ramp + shade) % 256).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 60])
    assert done
    return coded.tobytes()


def picture(number: int, at: float, shade: int = 0) -> Picture:
    return Picture(camera(number), at, jpeg(shade))


def town_mosaic() -> Mosaic:
    return Mosaic(area_of_camera)


def everything(look: Look, most_bytes: int = 10**9) -> list[tuple[str, float, bytes]]:
    found: list[tuple[str, float, bytes]] = []
    while frame := look.take(most_bytes):
        assert is_binary(frame)
        found += unpacked(unframed(frame))
    return found


def numbers(look: Look) -> list[int]:
    return [int(camera_id[-7:]) for camera_id, _, _ in everything(look)]


def test_a_page_gets_all_pictures_at_once_and_then_only_what_is_new() -> None:
    mosaic = town_mosaic()
    mosaic.take([picture(1, 100.25), picture(2, 100.5)])
    mosaic.publish()
    look = mosaic.look(lambda area: True, NONE)
    assert everything(look) == [(camera(1), 100_250.0, jpeg(0)), (camera(2), 100_500.0, jpeg(0))]
    mosaic.take([picture(1, 102.25, shade=40)])
    mosaic.publish()
    assert everything(look) == [(camera(1), 102_250.0, jpeg(40))]
    assert look.take() is None


def test_pictures_decode_as_they_were_coded() -> None:
    mosaic = town_mosaic()
    mosaic.take([picture(4, 7.0, shade=90)])
    mosaic.publish()
    ((_, _, coded),) = everything(mosaic.look(lambda area: True, NONE))
    assert cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_GRAYSCALE).shape == (96, 128)


def test_nobody_sees_cameras_outside_of_the_area_or_of_no_area() -> None:
    mosaic = town_mosaic()
    mosaic.take(picture(number, 1.0) for number in (1, 2, 3, 4, 901))
    mosaic.publish()
    assert numbers(mosaic.look(lambda area: area == EAST, NONE)) == [2, 4]
    assert numbers(mosaic.look(lambda area: True, frozenset({camera(3), camera(901)}))) == [3]


def test_a_picture_that_comes_late_replaces_nothing() -> None:
    mosaic = town_mosaic()
    mosaic.take([picture(1, 10.0), picture(1, 9.0, shade=50)])
    mosaic.publish()
    assert [at for _, at, _ in everything(mosaic.look(lambda area: True, NONE))] == [10_000.0]


def test_bundles_are_cut_at_their_size_and_lose_nothing() -> None:
    mosaic = town_mosaic()
    mosaic.take(picture(number, 1.0) for number in range(20))
    mosaic.publish()
    look = mosaic.look(lambda area: True, NONE)
    one = len(packed(picture(0, 1.0)))
    frame = look.take(3 * one)
    assert frame is not None and len(unpacked(unframed(frame))) == 3
    assert len(everything(look, most_bytes=1)) == 17


def test_pictures_wait_for_the_next_tick() -> None:
    mosaic = town_mosaic()
    look = mosaic.look(lambda area: True, NONE)
    mosaic.take([picture(1, 1.0)])
    assert look.take() is None
    assert mosaic.publish() and not mosaic.publish()
    assert numbers(look) == [1]


def test_what_a_slow_page_missed_is_counted() -> None:
    mosaic = town_mosaic()
    look = mosaic.look(lambda area: True, NONE)
    for second in range(5):
        mosaic.take([picture(1, float(second))])
        mosaic.publish()
        if second in (0, 4):
            assert numbers(look) == [1]
    assert look.skipped == 3
    look.close()
    assert mosaic.skipped == 3


def test_pictures_are_wanted_only_while_somebody_looks() -> None:
    mosaic, told = town_mosaic(), list[bool]()
    first = mosaic.look(lambda area: True, NONE)
    mosaic.wire(told.append)
    second = mosaic.look(lambda area: True, NONE)
    first.close()
    assert told == [True]
    second.close()
    mosaic.look(lambda area: True, NONE).close()
    assert told == [True, False, True, False]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 4)), max_size=40))
def test_whenever_a_page_looks_it_ends_up_with_the_newest_of_each(steps: list[tuple[int, bool, int]]) -> None:
    mosaic = town_mosaic()
    look = mosaic.look(lambda area: area == EAST, NONE)
    newest: dict[str, float] = {}
    has: dict[str, float] = {}
    coded = jpeg(0)
    for second, (number, looks, rows) in enumerate(steps):
        mosaic.take([Picture(camera(number), float(second), coded)])
        mosaic.publish()
        if number % 2 == 0:
            newest[camera(number)] = second * 1000.0
        if looks and (frame := look.take(rows * (len(coded) + 32))):
            has |= {camera_id: at for camera_id, at, _ in unpacked(unframed(frame))}
    has |= {camera_id: at for camera_id, at, _ in everything(look)}
    assert has == newest


def test_a_message_that_breaks_off_is_refused() -> None:
    row = packed(picture(1, 1.0))
    for cut in (5, len(row) - 1):
        with pytest.raises(ValueError, match="breaks off"):
            unpacked(row[:cut])


# Over a real socket.


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with open_hall(tmp_path, area_of_camera=area_of_camera, beat_s=0.2) as hall:
        yield hall


@contextmanager
def subscribed(hall: Hall, *, area: str = TOWN, name: str = "w", **fields: object) -> Iterator[ClientConnection]:
    with connect(hall.url(area=area, name=name), compression=None, max_size=None, close_timeout=1) as line:
        line.send(json.dumps({"type": "subscribe", "streams": ["tiles"], "seat": "", **fields}))
        yield line


def deliver(hall: Hall, *pictures: Picture) -> None:
    """As the monitor does: in the server's own loop."""
    assert hall.loop is not None
    taken = threading.Event()
    hall.loop.call_soon_threadsafe(lambda: (hall.wall.mosaic.take(pictures), taken.set()))
    assert taken.wait(20)


def next_pictures(line: ClientConnection) -> list[str]:
    """Cameras of the next binary message."""
    while isinstance(message := line.recv(timeout=20), str):
        pass
    return [camera_id for camera_id, _, _ in unpacked(message)]


def test_pages_get_binary_frames_of_their_own_area_alone(hall: Hall) -> None:
    deliver(hall, picture(1, 1.0), picture(2, 1.0))
    with subscribed(hall) as town, subscribed(hall, area=WEST) as west:
        assert next_pictures(town) == [camera(1), camera(2)]
        assert next_pictures(west) == [camera(1)]
        deliver(hall, picture(2, 2.0), picture(3, 2.0))
        assert next_pictures(town) == [camera(2), camera(3)]
        assert next_pictures(west) == [camera(3)]


def test_a_page_may_ask_for_a_few_cameras(hall: Hall) -> None:
    deliver(hall, picture(1, 1.0), picture(2, 1.0))
    with subscribed(hall, cameras=[camera(2)]) as line:
        assert next_pictures(line) == [camera(2)]


def test_who_may_not_see_pictures_gets_beats_and_nothing_else(hall: Hall) -> None:
    deliver(hall, picture(1, 1.0))
    with subscribed(hall, name="phone") as line:
        assert all(isinstance(line.recv(timeout=20), str) for _ in range(4))
        assert hall.wall.mosaic.viewers == 0


def test_pictures_come_only_to_those_who_ask_and_leaving_is_noticed(hall: Hall) -> None:
    deliver(hall, picture(1, 1.0))
    with subscribed(hall, streams=["health"]) as line:
        assert all(isinstance(line.recv(timeout=20), str) for _ in range(4))
    with subscribed(hall) as line:
        next_pictures(line)
        assert hall.wall.mosaic.viewers == 1
    until(lambda: hall.wall.mosaic.viewers == 0)


def test_a_page_that_does_not_read_is_cut_and_holds_up_nobody(tmp_path: Path) -> None:
    coded = jpeg(0) * 20
    with open_hall(tmp_path, area_of_camera=area_of_camera, beat_s=0.1, page_write_timeout_s=1) as hall:
        with subscribed(hall), subscribed(hall) as line:
            end = time.monotonic() + PATIENCE_S
            while hall.wall.cut == 0:
                assert time.monotonic() < end, "nobody was cut"
                deliver(hall, *(Picture(camera(number), time.time(), coded) for number in range(100)))
                assert next_pictures(line)
            assert hall.wall.mosaic.viewers >= 1
