"""A camera that offers single JPEG pictures by HTTP, asked for every few seconds. Source: RFC 9110 section 13."""

from __future__ import annotations

import asyncio
import random
import time
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import httpx

from video.sources.auth import Credentials
from video.sources.depacketize import CLOCK_HZ, MAX_UNIT_BYTES, OnUnit
from video.sources.jpeg import JpegParameters, picture_size_px
from video.sources.keep_open import keep_open
from video.sources.multipart import Pictures
from video.sources.rtsp import USER_AGENT, RtspState, RtspTimes, SourceError
from video.sources.unit import AccessUnit, BadVideo

EVERY_S = 2.0
_SHORTEST_EVERY_S, _LONGEST_EVERY_S = 0.1, 3600.0


class HttpPicture:
    """One camera behind `http(s)://[name:password@]host/picture.jpg[#every=SECONDS&unverified]`.

    Signs in with Basic or Digest as the camera asks, follows no redirection, takes at most 4 MB, and asks only for a
    picture that changed where the camera can tell; an unchanged one is handed on again with its new time. An answer
    that never ends (`multipart/x-mixed-replace`) is followed instead.
    `unverified` accepts a certificate that nobody vouches for, as most cameras have.
    """

    def __init__(self, url: str, on_unit: OnUnit, *, gate: asyncio.Semaphore, times: RtspTimes | None = None) -> None:
        parts = urlsplit(url)
        scheme = parts.scheme.removesuffix("+picture")
        if scheme not in ("http", "https") or not parts.hostname:
            raise SourceError(f"not the address of a picture: {url}")
        self.state = RtspState()
        options = parse_qs(parts.fragment, keep_blank_values=True)
        self.every_s = _every_s(options.get("every", [""])[0])
        # An endless answer is thinned out only where somebody asked for it.
        self._least_s = self.every_s if "every" in options else 0.0
        self._url = urlunsplit((scheme, parts.netloc.rpartition("@")[2], parts.path or "/", parts.query, ""))
        self._path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        self._account = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self._credentials: Credentials | None = None
        # A context for certificates takes 20 ms and half a megabyte to make: none where there are none.
        self._verify = scheme == "https" and "unverified" not in options
        self._on_unit = on_unit
        self._gate = gate
        self._times = times or RtspTimes()
        self._last: AccessUnit | None = None
        self._parameters: JpegParameters | None = None
        self._tags: dict[str, str] = {}
        self._ticks = 0

    async def run(self) -> None:
        """Ask for pictures until cancelled."""
        await keep_open(self.state, self._times, self._play)

    def hurry(self, wanted: bool) -> None:
        """Pictures are handed on as soon as they come anyway."""

    async def _play(self) -> None:
        self._credentials = Credentials(*self._account) if self._account else None
        timeout = httpx.Timeout(self._times.answer_timeout_s, connect=self._times.connect_timeout_s)
        headers = {"User-Agent": USER_AGENT, "Accept": "image/jpeg"}
        try:
            async with httpx.AsyncClient(
                verify=self._verify, timeout=timeout, headers=headers, trust_env=False
            ) as http:
                async with self._gate:
                    endless = not await self._one(http)
                self.state.playing, self.state.opened_at, self.state.last_error = True, time.time(), ""
                self.state.opened += 1
                await (self._follow(http) if endless else self._go_on(http))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceError(str(error) or type(error).__name__) from error

    async def _go_on(self, http: httpx.AsyncClient) -> None:
        # A random start spreads many cameras over the interval.
        due = time.monotonic() + self.every_s * random.uniform(0.5, 1.0)
        while True:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self._one(http)
            due = max(due + self.every_s, time.monotonic())

    async def _follow(self, http: httpx.AsyncClient) -> None:
        """Take the pictures of an answer that never ends, as often as wanted."""
        pictures = Pictures(MAX_UNIT_BYTES)
        async with http.stream("GET", self._url, headers=self._signed()) as answer:
            if answer.status_code != 200:
                raise SourceError(f"the camera answered {answer.status_code}")
            async for part in answer.aiter_bytes():
                for picture in pictures.feed(part):
                    if self._last is None or time.time() - self._last.at >= self._least_s:
                        self._hand_out(picture, _size_px(picture))
        raise SourceError("the camera ended its answer")

    async def _one(self, http: httpx.AsyncClient) -> bool:
        """Ask once, signed in when the camera asks for it, and hand the picture on; False for an endless answer."""
        async with asyncio.timeout(self._times.answer_timeout_s + self._times.connect_timeout_s):
            status, body, answered = await self._ask(http)
            if status == 401 and self._credentials is not None:
                if self._credentials.take_challenge(answered.get_list("www-authenticate")):
                    status, body, answered = await self._ask(http)
        if status == 304 and self._last is not None:
            self._hand_out(self._last.data, self._last.parameters.size_px)
            return True
        if status != 200:
            raise SourceError(f"the camera answered {status}")
        if _is_endless(answered):
            return False
        self._tags = {}
        for told, asked in (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")):
            if told in answered:
                self._tags[asked] = answered[told]
        self._hand_out(body, _size_px(body))
        return True

    def _signed(self) -> dict[str, str]:
        signature = self._credentials.header("GET", self._path) if self._credentials else None
        return {"Authorization": signature} if signature else {}

    async def _ask(self, http: httpx.AsyncClient) -> tuple[int, bytes, httpx.Headers]:
        async with http.stream("GET", self._url, headers={**self._tags, **self._signed()}) as answer:
            body = bytearray()
            if _is_endless(answer.headers):
                return answer.status_code, b"", answer.headers
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > MAX_UNIT_BYTES:
                    raise SourceError(f"the picture is larger than {MAX_UNIT_BYTES} bytes")
            return answer.status_code, bytes(body), answer.headers

    def _hand_out(self, data: bytes, size_px: tuple[int, int]) -> None:
        counts, now = self.state.counts, time.time()
        if self._last is not None:
            self._ticks += round(max(0.0, now - self._last.at) * CLOCK_HZ)
        if self._parameters is None or self._parameters.size_px != size_px:
            self._parameters = JpegParameters(size_px)
        self._last = AccessUnit(data, True, self._ticks, now, self._parameters)
        counts.packets += 1
        counts.bytes += len(data)
        counts.pictures += 1
        counts.keys += 1
        self._on_unit(self._last)


def _is_endless(headers: httpx.Headers) -> bool:
    return str(headers.get("content-type", "")).lower().startswith("multipart/x-mixed-replace")


def _size_px(body: bytes) -> tuple[int, int]:
    try:
        return picture_size_px(body)
    except BadVideo as error:
        raise SourceError("the camera did not answer with a JPEG picture") from error


def _every_s(text: str) -> float:
    if not text:
        return EVERY_S
    try:
        return min(_LONGEST_EVERY_S, max(_SHORTEST_EVERY_S, float(text)))
    except ValueError as error:
        raise SourceError(f"every={text} is no number of seconds") from error
