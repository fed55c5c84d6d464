"""A GB/T 28181 platform by its REST interface: catalogue, play, stop. WVP 2.7 or anything that speaks LiveGBS.

WVP wraps every answer as `{"code": 0, "msg": "成功", "data": …}`; the LiveGBS-compatible half (`/api/v1`) does not.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote
from weakref import WeakValueDictionary

import httpx

from video.sources.channel import Channel, from_livegbs, from_wvp
from video.sources.rtsp import SourceError

Interface = Literal["wvp", "livegbs"]
Params = Mapping[str, str | int]
MAX_STARTS, MAX_STARTS_PER_DEVICE = 10, 2
_PAGE, _MAX_PAGES = 100, 3000
_TRIES, _FIRST_PAUSE_S = 4, 0.5
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
# WVP waits up to 10 s for a camera to answer before it answers us.
TIMEOUT_S = 15.0


class PlatformError(SourceError):
    """The platform refused or could not; `code` is its own (401 sign in, 404 unknown, 486 no answer of the device)."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Account:
    """How to sign in: with a key that the platform gave out, or with name and password (WVP only)."""

    key: str = field(default="", repr=False)
    name: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Target:
    """What is to be played: `key` of a channel as `Channel.key` has it."""

    key: str

    @property
    def device(self) -> str:
        """Number of the recorder, where the key tells it."""
        return self.key.partition("/")[0] if "/" in self.key else ""


@dataclass(eq=False)
class Platform:
    """One platform. Starts are limited to 10 at a time, 2 per recorder: more of them make recorders answer "busy"."""

    base_url: str
    account: Account = field(default_factory=Account)
    interface: Interface = "wvp"
    timeout_s: float = TIMEOUT_S

    def __post_init__(self) -> None:
        self._token = ""
        self._starts = asyncio.Semaphore(MAX_STARTS)
        self._per_device: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def play(self, target: Target) -> str:
        """Have a channel played; the RTSP address at which it runs.

        Raises:
            PlatformError: the platform cannot or does not want to.
        """
        path, params = self._call("start", target)
        # The recorder's turn comes first, so that a busy recorder keeps nobody else waiting.
        async with self._gate_of(target.device), self._starts:
            answer = await self._get(path, params, tries=1)
        address = answer.get("rtsp") or answer.get("RTSP") if isinstance(answer, dict) else None
        if not isinstance(address, str) or not address.startswith("rtsp://"):
            raise PlatformError("the platform names no RTSP address for the channel")
        return address

    async def stop(self, target: Target) -> None:
        """Let a channel end, also for others who watch it.

        Raises:
            PlatformError: it was not playing, or the platform cannot.
        """
        path, params = self._call("stop", target)
        await self._get(path, params, tries=1)

    async def channels(self) -> list[Channel]:
        """The whole catalogue, each channel once.

        Raises:
            PlatformError: the platform refused, or could not be reached after several tries.
        """
        rows = self._wvp_rows() if self.interface == "wvp" else self._livegbs_rows()
        read = from_wvp if self.interface == "wvp" else from_livegbs
        found = [read(row) async for row in rows]
        # A channel that comes or goes while pages are read shifts the pages behind it.
        return list({channel.key: channel for channel in found if channel is not None}.values())

    def _gate_of(self, device: str) -> asyncio.Semaphore:
        return self._per_device.setdefault(device, asyncio.Semaphore(MAX_STARTS_PER_DEVICE if device else MAX_STARTS))

    def _call(self, verb: str, target: Target) -> tuple[str, Params]:
        device, _, channel = target.key.rpartition("/")
        if self.interface == "livegbs":
            return f"/api/v1/stream/{verb}", {"serial": device, "code": channel}
        if device:
            return f"/api/play/{verb}/{quote(device, safe='')}/{quote(channel, safe='')}", {}
        return "/api/common/channel/play" + ("/stop" if verb == "stop" else ""), {"channelId": channel}

    async def _wvp_rows(self) -> AsyncIterator[dict[str, Any]]:
        for page in range(1, _MAX_PAGES):
            answer = await self._get("/api/common/channel/list", {"page": page, "count": _PAGE})
            rows = _list(answer, "list")
            for row in rows:
                yield row
            if len(rows) < _PAGE or page * _PAGE >= _total(answer, "total"):
                return

    async def _livegbs_rows(self) -> AsyncIterator[dict[str, Any]]:
        async for device in self._livegbs_pages("/api/v1/device/list", {}, "DeviceList", "DeviceCount"):
            serial = str(device.get("ID") or "")
            if serial:
                params = {"serial": serial}
                path = "/api/v1/device/channellist"
                async for row in self._livegbs_pages(path, params, "ChannelList", "ChannelCount"):
                    yield {"DeviceID": serial, **row}

    async def _livegbs_pages(self, path: str, params: Params, rows: str, total: str) -> AsyncIterator[dict[str, Any]]:
        # WVP takes `start` for the number of a page, LiveGBS for an offset: the first page is big enough for both.
        answer = await self._get(path, {**params, "start": 0, "limit": 10_000})
        found = _list(answer, rows)
        for row in found:
            yield row
        if len(found) < _total(answer, total):
            raise PlatformError(f"the platform lists {len(found)} of {_total(answer, total)} entries")

    async def _get(self, path: str, params: Params, *, tries: int = _TRIES) -> Any:
        """The data of an answer, signed in; what may pass is tried again after growing, jittered pauses."""
        pause_s = _FIRST_PAUSE_S
        for left in range(tries - 1, -1, -1):
            try:
                return await self._signed_in(path, params)
            except PlatformError as error:
                if left == 0 or error.code not in _PASSING:
                    raise
            await asyncio.sleep(pause_s * random.uniform(0.6, 1.0))
            pause_s *= 2
        raise AssertionError("a request is tried at least once")

    async def _signed_in(self, path: str, params: Params) -> Any:
        by_name = not self.account.key and bool(self.account.name)
        if by_name and not self._token:
            await self._sign_in()
        try:
            return await self._ask(path, params)
        except PlatformError as error:
            if error.code != 401 or not by_name:
                raise
        # A token lives an hour.
        await self._sign_in()
        return await self._ask(path, params)

    async def _sign_in(self) -> None:
        self._token = ""
        password = hashlib.md5(self.account.password.encode()).hexdigest()
        data = await self._ask("/api/user/login", {"username": self.account.name, "password": password})
        token = data.get("accessToken") if isinstance(data, dict) else None
        if not isinstance(token, str) or not token:
            raise PlatformError("the platform gave no token at sign-in", 401)
        self._token = token

    async def _ask(self, path: str, params: Params) -> Any:
        headers = {"api-key": self.account.key} if self.account.key else {}
        if self._token:
            headers["access-token"] = self._token
        try:
            verify = self.base_url.startswith("https")
            async with httpx.AsyncClient(verify=verify, timeout=self.timeout_s, trust_env=False) as http:
                answer = await http.get(self.base_url + path, params=dict(params), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PlatformError(f"the platform cannot be reached: {error or type(error).__name__}", 503) from error
        return _data_of(answer, wrapped=not path.startswith("/api/v1/"))


def _data_of(answer: httpx.Response, *, wrapped: bool) -> Any:
    """What stands in an answer, errors told in the platform's own words."""
    try:
        body = answer.json()
    except (ValueError, RecursionError) as error:
        code = answer.status_code if answer.status_code != 200 else 0
        raise PlatformError(f"the platform answered {answer.status_code} and no JSON", code) from error
    told = body if isinstance(body, dict) else {}
    code = int(told["code"]) if wrapped and isinstance(told.get("code"), int) else 0
    message = str(told.get("msg") or told.get("error") or "").strip()
    if answer.status_code != 200 or code != 0 or (not wrapped and "error" in told):
        code = code or (answer.status_code if answer.status_code != 200 else 100)
        raise PlatformError(f"the platform answered {code}: {message or 'without a reason'}", code)
    return told.get("data") if wrapped and "code" in told else body


def _list(answer: Any, name: str) -> list[dict[str, Any]]:
    rows = answer.get(name) if isinstance(answer, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _total(answer: Any, name: str) -> int:
    total = answer.get(name) if isinstance(answer, dict) else 0
    return int(total) if isinstance(total, int | float | str) and str(total).isdigit() else 0


_SHARED: WeakValueDictionary[tuple[str, Account, Interface], Platform] = WeakValueDictionary()


def shared_platform(base_url: str, account: Account, interface: Interface) -> Platform:
    """The platform that all feeds of this process share, so that its limits are kept together."""
    key = (base_url, account, interface)
    platform = _SHARED.get(key)
    if platform is None:
        platform = _SHARED[key] = Platform(base_url, account, interface)
    return platform


def catalogue(
    base_url: str, key: str = "", *, name: str = "", password: str = "", interface: Interface = "wvp"
) -> list[Channel]:
    """All channels of a platform; blocks.

    Args:
        base_url: `http://host:18080`.
        key: an API key of the platform; or sign in with `name` and `password`.
        interface: `wvp`, or `livegbs` for anything that speaks that.

    Raises:
        PlatformError: the platform refused, or could not be reached after several tries.
    """
    platform = Platform(base_url.rstrip("/"), Account(key, name, password), interface)
    return asyncio.run(platform.channels())
