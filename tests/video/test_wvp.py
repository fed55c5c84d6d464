"""Channels of a GB/T 28181 platform: the catalogue, and streams that really play from the camera simulator."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import pytest

from tests.video.footage import CACHE, SCENES
from tests.video.http_server import serving
from tests.video.waiting import play, until
from tests.video.wvp_server import DEVICE, KEY, PASSWORD, WvpServer, channel_id
from video.simulator import CameraSimulator
from video.sources.cli import channels
from video.sources.driver import open_source
from video.sources.platform import Account, Platform, PlatformError, Target, catalogue
from video.sources.rtsp import RtspTimes, SourceError
from video.sources.unit import AccessUnit
from video.sources.wvp import platform_of

QUICK = RtspTimes(connect_timeout_s=2, answer_timeout_s=2, retry_first_s=0.05, retry_longest_s=0.2)


@pytest.mark.parametrize("interface", ["wvp", "livegbs"])
def test_the_catalogue_is_read_page_by_page_with_all_that_helps_a_map(interface: str) -> None:
    with serving(WvpServer(lambda key: "", fail_lists=1)) as port:
        channels = catalogue(f"http://127.0.0.1:{port}/", KEY, interface=interface)  # type: ignore[arg-type]
    assert [channel.id for channel in channels] == [channel_id(index) for index in range(250)]
    first, second = channels[:2]
    assert (first.online, first.position_lonlat) == (False, None)
    assert (second.name, second.online, second.position_lonlat) == ("龙泉村口001", True, (118.361, 31.33))
    assert (second.civil_code, second.parent_id, second.ptz_type, second.live) == ("34020001", DEVICE, 2, False)
    assert second.manufacturer == "HIK"
    assert second.key == ("2" if interface == "wvp" else f"{DEVICE}/{channel_id(1)}")
    if interface == "wvp":
        assert (second.room_type, second.light_type, second.direction_type, second.use_type) == (1, 2, 4, 1)


def test_the_listing_names_the_address_at_which_a_channel_plays_and_no_secret() -> None:
    lines: list[str] = []
    with serving(WvpServer(lambda key: "", count=2)) as port:
        channels(f"http://127.0.0.1:{port}", KEY, as_json=True, say=lines.append)
        rows = [json.loads(line) for line in lines]
        assert [row["url"] for row in rows] == [f"wvp://127.0.0.1:{port}/1", f"wvp://127.0.0.1:{port}/2"]
        assert rows[1]["id"] == channel_id(1) and KEY not in "".join(lines)
        lines.clear()
        channels(f"http://127.0.0.1:{port}", KEY, say=lines.append)
    assert len(lines) == 3 and lines[-1] == "2 channels, 1 online"
    assert platform_of(rows[1]["url"])[1] == Target("2")


def test_name_and_password_sign_in_once_and_again_when_the_token_is_over() -> None:
    server = WvpServer(lambda key: "", count=3)

    async def run(port: int) -> None:
        platform = Platform(f"http://127.0.0.1:{port}", Account(name="admin", password=PASSWORD))
        assert len(await platform.channels()) == len(await platform.channels()) == 3
        assert server.logins == 1
        server.token = "token-2"
        assert len(await platform.channels()) == 3
        assert server.logins == 2

    with serving(server) as port:
        asyncio.run(run(port))


def test_errors_are_told_in_the_platforms_own_words() -> None:
    with serving(WvpServer(lambda key: "", count=1)) as port:
        address = f"http://127.0.0.1:{port}"
        with pytest.raises(PlatformError, match="401: 请登录后重新请求"):
            catalogue(address, "wrong")
        with pytest.raises(PlatformError, match="100: 用户名或密码错误"):
            catalogue(address, name="admin", password="wrong")

    async def play_one(server: WvpServer) -> None:
        with serving(server) as port:
            await Platform(f"http://127.0.0.1:{port}", Account(KEY)).play(Target(f"{DEVICE}/1"))

    with pytest.raises(PlatformError, match="486: 收流超时") as refused:
        asyncio.run(play_one(WvpServer(lambda key: "", refuse_plays=1)))
    assert refused.value.code == 486
    with pytest.raises(PlatformError, match="names no RTSP address"):
        asyncio.run(play_one(WvpServer(lambda key: "")))


@pytest.mark.parametrize(("devices", "most"), [(30, 10), (1, 2)])
def test_a_great_start_is_no_storm_for_platform_and_recorder(devices: int, most: int) -> None:
    server = WvpServer(lambda key: "rtsp://127.0.0.1:9/x", delay=lambda: time.sleep(0.05))

    async def run(port: int) -> None:
        platform = Platform(f"http://127.0.0.1:{port}", Account(KEY))
        await asyncio.gather(*(platform.play(Target(f"{index % devices}/{index}")) for index in range(30)))

    with serving(server) as port:
        asyncio.run(run(port))
    assert len(server.played) == 30
    assert 2 <= server.most_at_once <= most


def _with_simulator(scenario: Callable[[CameraSimulator], Awaitable[None]]) -> None:
    async def run() -> None:
        simulator = CameraSimulator(2, cache=CACHE, scenes=SCENES, drawn=True)
        await simulator.start()
        try:
            await scenario(simulator)
        finally:
            await simulator.stop()
            await asyncio.sleep(0)

    asyncio.run(run())


def test_a_channel_plays_through_the_platform_and_is_stopped_when_nobody_wants_it() -> None:
    async def one(simulator: CameraSimulator, path: str) -> None:
        server = WvpServer(lambda key: simulator.url(0), refuse_plays=1)
        with serving(server) as port:
            units: list[AccessUnit] = []
            url = f"wvp://:{KEY}@127.0.0.1:{port}/{path}"
            source = open_source(url, units.append, gate=asyncio.Semaphore(10), times=QUICK)
            await play(source, lambda: len(units) > 3 and source.state.playing)
        key = path.partition("?")[0]
        assert server.played == [key, key] and server.stopped == [key]
        assert units[0].key and source.state.opened == 1 and source.state.failures == 1

    async def scenario(simulator: CameraSimulator) -> None:
        both = f"{DEVICE}/{channel_id(1)}"
        await asyncio.gather(*(one(simulator, path) for path in (both, "2", f"{both}?api=livegbs")))

    _with_simulator(scenario)


def test_the_platform_is_asked_again_when_a_stream_ends() -> None:
    async def scenario(simulator: CameraSimulator) -> None:
        server = WvpServer(lambda key: simulator.url(len(server.played) % 2))
        with serving(server) as port:
            units: list[AccessUnit] = []
            source = open_source(f"wvp://:{KEY}@127.0.0.1:{port}/7", units.append, times=QUICK)
            task = asyncio.create_task(source.run())
            await until(lambda: len(units) > 5)
            simulator.trouble(1, "lost", 30.0)
            await until(lambda: source.state.opened == 2)
            seen = len(units)
            await until(lambda: len(units) > seen + 5)
            assert source.state.playing and len(server.played) == 2
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    _with_simulator(scenario)


def test_the_media_server_may_have_another_address_from_here() -> None:
    async def scenario(simulator: CameraSimulator) -> None:
        server = WvpServer(lambda key: urlsplit(simulator.url(0))._replace(netloc="10.255.255.1:554").geturl())
        with serving(server) as port:
            units: list[AccessUnit] = []
            url = f"wvp://:{KEY}@127.0.0.1:{port}/7?media={urlsplit(simulator.url(0)).netloc}"
            source = open_source(url, units.append, times=QUICK)
            await play(source, lambda: len(units) > 3)

    _with_simulator(scenario)


def test_addresses_are_read_and_nonsense_refused() -> None:
    platform, target, media = platform_of("wvp://admin:a%40b@wvp.town/2?media=zlm:554")
    assert platform.base_url == "http://wvp.town:18080" and platform.account == Account(name="admin", password="a@b")
    assert (target, target.device, media) == (Target("2"), "", "zlm:554")
    same, target, _ = platform_of("wvp://admin:a%40b@wvp.town/1/9")
    assert same is platform and target.device == "1"
    assert "a@b" not in repr(platform)
    assert platform_of("wvps://:k@[::1]:8443/3")[0].base_url == "https://[::1]:8443"
    for url in ("wvp://host", "wvp:///1/2", "wvp://host/1/2/3", "wvp://host/1?api=livegbs"):
        with pytest.raises(SourceError):
            platform_of(url)
