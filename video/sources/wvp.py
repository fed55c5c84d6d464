"""A channel of a GB/T 28181 platform as a feed: the platform is asked to play it, then its RTSP address is played."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from video.sources.depacketize import OnUnit
from video.sources.keep_open import keep_open
from video.sources.platform import Account, Interface, Platform, PlatformError, Target, shared_platform
from video.sources.rtsp import PacketSink, RtspSource, RtspState, RtspTimes, SourceError

WVP_PORT = 18080
_STOP_TIMEOUT_S = 3.0
_LOOK_EVERY_S = 0.25
_LONG_S = 3600.0


def platform_of(url: str) -> tuple[Platform, Target, str]:
    """Platform, channel, and the media server to play from instead of the one that is answered (empty: as answered).

    `wvp://[name:password@ or :key@]host[:18080]/DEVICE/CHANNEL` or `/NUMBER`, the platform's own number of a channel;
    `?api=livegbs` for that interface, `?media=host:port` where the answered address cannot be reached from here;
    `wvps://` for HTTPS.

    Raises:
        SourceError: not such an address.
    """
    parts = urlsplit(url)
    key = unquote(parts.path).strip("/")
    if parts.scheme not in ("wvp", "wvps") or not parts.hostname or not 1 <= len(key.split("/")) <= 2 or not key:
        raise SourceError("not an address of a platform's channel: wvp://host:port/device/channel")
    options = parse_qs(parts.query)
    interface: Interface = "livegbs" if options.get("api") == ["livegbs"] else "wvp"
    if interface == "livegbs" and "/" not in key:
        raise SourceError("LiveGBS needs both numbers: wvp://host:port/device/channel?api=livegbs")
    name, secret = unquote(parts.username or ""), unquote(parts.password or "")
    account = Account(name=name, password=secret) if name else Account(key=secret)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    scheme = "https" if parts.scheme == "wvps" else "http"
    base_url = f"{scheme}://{host}:{parts.port or WVP_PORT}"
    return shared_platform(base_url, account, interface), Target(key), options.get("media", [""])[0]


class WvpSource:
    """One channel. Starts it, plays it, starts it again when it ended, and stops it when cancelled."""

    def __init__(
        self, url: str, sink: PacketSink | OnUnit, *, gate: asyncio.Semaphore, times: RtspTimes | None = None
    ) -> None:
        self.state = RtspState()
        self._platform, self._target, self._media = platform_of(url)
        self._sink = sink
        self._gate = gate
        self._times = times or RtspTimes()
        self._prompt = False
        self._source: RtspSource | None = None
        self._started = False

    async def run(self) -> None:
        """Play until cancelled."""
        try:
            await keep_open(self.state, self._times, self._play)
        finally:
            await self._stop()

    def hurry(self, wanted: bool) -> None:
        """Hand packets on as soon as they come, or in rounds: somebody watches live."""
        self._prompt = wanted
        if self._source is not None:
            self._source.hurry(wanted)

    async def _play(self) -> None:
        # From here on the platform may have started it, whatever we hear of it. It has limits of its own: whoever
        # waits for a busy recorder must not keep the gate from others.
        self._started = True
        address = await self._platform.play(self._target)
        if self._media:
            parts = urlsplit(address)
            address = urlunsplit(parts._replace(netloc=self._media))
        # Once only: when it fails, the platform is asked again, since addresses do not last.
        once = replace(self._times, retry_first_s=_LONG_S, retry_longest_s=_LONG_S)
        self._source = RtspSource(address, self._sink, times=once, gate=self._gate)
        self._source.hurry(self._prompt)
        # One state for all rounds: whoever reads it does not care how often the platform was asked.
        self._source.state = self.state
        await self._until_it_ends(self._source)

    async def _until_it_ends(self, source: RtspSource) -> None:
        """Play the address until its first failure."""
        failures = self.state.failures
        task = asyncio.create_task(source.run())
        try:
            while self.state.failures == failures and not task.done():
                await asyncio.sleep(_LOOK_EVERY_S)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._source = None
            # It is counted once more by who called us.
            self.state.failures = failures
        raise SourceError(self.state.last_error or "the stream ended")

    async def _stop(self) -> None:
        if not self._started:
            return
        try:
            async with asyncio.timeout(_STOP_TIMEOUT_S):
                await self._platform.stop(self._target)
        except (PlatformError, TimeoutError):
            # It ends by itself a little later, when nobody reads it.
            return
