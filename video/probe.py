"""Where does the fault of a lost feed lie: asks platform, recorder and camera in turn, and says what they said.

Nothing is played: a connection, OPTIONS (does the device speak), DESCRIBE (does it have a picture of this camera). The
verdict is a pure function of the answers.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit, urlunsplit

from video.sources.auth import Credentials
from video.sources.platform import Platform
from video.sources.rtsp import SourceError
from video.sources.wvp import platform_of

Reached = Literal["open", "refused", "silent", "unreachable", "no_address"]
Place = Literal["camera", "recorder", "line", "platform", "sign_in", "answers", "unknown"]
PORTS = {"rtsp": 554, "http": 80, "https": 443, "http+picture": 80, "https+picture": 443, "wvp": 18080, "wvps": 18080}
MAX_ANSWER_BYTES = 65_536
_STATUS = re.compile(rb"^(?:RTSP|HTTP)/\d\.\d (\d{3})")


@dataclass(frozen=True)
class Probe:
    """What one camera's address answered.

    Attributes:
        host: what it hangs on, `host:port` without account; of a platform's channel the platform.
        reached: how the connection went.
        options: status of the answer to OPTIONS; None when none came or nothing was asked.
        describe: status of the answer to DESCRIBE, or to GET of an HTTP picture.
        online: whether the platform says that the camera is there; None for cameras without a platform.
    """

    url: str
    host: str
    reached: Reached
    options: int | None = None
    describe: int | None = None
    online: bool | None = None

    @property
    def has_picture(self) -> bool:
        return self.describe == 200


@dataclass(frozen=True)
class Patience:
    """Seconds to wait for a connection and for each answer, and how many are asked at once, in all and per host."""

    connect_s: float = 2.0
    answer_s: float = 3.0
    platform_s: float = 8.0
    at_once: int = 16
    per_host: int = 4


async def probe_all(urls: Iterable[str], patience: Patience | None = None) -> list[Probe]:
    """Ask every address; the answers in the same order. Takes at most some seconds per row of `at_once` addresses."""
    patience = patience or Patience()
    everywhere = asyncio.Semaphore(patience.at_once)
    hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(patience.per_host))
    urls = list(urls)
    online = await _platforms_say([url for url in urls if _is_platform(url)], patience)

    async def ask(url: str) -> Probe:
        if _is_platform(url):
            return online[url]
        async with hosts[host_of(url)], everywhere:
            return await probe(url, patience)

    return list(await asyncio.gather(*(ask(url) for url in urls)))


async def probe(url: str, patience: Patience | None = None) -> Probe:
    """Ask one address, RTSP or HTTP picture; never raises."""
    patience = patience or Patience()
    host, parts = host_of(url), urlsplit(url)
    if not host:
        return Probe(url, "", "no_address")
    try:
        async with asyncio.timeout(patience.connect_s):
            reader, writer = await asyncio.open_connection(parts.hostname, port_of(url), limit=MAX_ANSWER_BYTES)
    except ConnectionRefusedError:
        return Probe(url, host, "refused")
    except TimeoutError:
        return Probe(url, host, "silent")
    except OSError:
        return Probe(url, host, "unreachable")
    try:
        asking = _Asking(reader, writer, patience.answer_s)
        if parts.scheme != "rtsp":
            return Probe(url, host, "open", describe=await asking.http(url))
        return await _ask_rtsp(asking, url, host)
    finally:
        writer.close()


def host_of(url: str) -> str:
    """What an address leads to, `host:port`; empty for one without a host."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{port_of(url)}" if parts.hostname else ""


def port_of(url: str) -> int:
    parts = urlsplit(url)
    try:
        return parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return 0


def locate(lost: Sequence[Probe], others: Sequence[Probe], *, shared: bool) -> Place:
    """Where the fault of lost feeds lies most likely.

    Args:
        lost: answers of lost feeds that belong together.
        others: answers of feeds elsewhere that are not lost: witnesses that our own line works.
        shared: the lost feeds share their host with each other or with more feeds: it is a recorder, not a camera.
    """
    if not lost:
        return "unknown"
    device: Place = "recorder" if shared else "camera"
    reached = Counter(probe.reached for probe in lost)
    most, _ = reached.most_common(1)[0]
    if any(probe.online is not None for probe in lost):
        return _platform_verdict(lost)
    if most == "no_address":
        return "unknown"
    if all(_is_platform(probe.url) for probe in lost):
        return "unknown" if most == "open" else "platform"
    if most != "open":
        if others and not any(probe.reached == "open" for probe in others):
            return "platform"
        return device if most == "refused" else "line"
    spoken = [probe for probe in lost if probe.reached == "open"]
    return _device_verdict(spoken, device)


def _platform_verdict(lost: Sequence[Probe]) -> Place:
    if all(probe.online for probe in lost):
        return "line"
    return "recorder" if len(lost) > 1 and not any(probe.online for probe in lost) else "camera"


def _device_verdict(spoken: Sequence[Probe], device: Place) -> Place:
    """Of hosts that can be reached: do they speak, and do they have the pictures?"""
    count = len(spoken)
    if sum(probe.has_picture for probe in spoken) * 2 > count:
        return "answers"
    if sum(probe.options is None and probe.describe is None for probe in spoken) * 2 > count:
        return device
    if sum(probe.describe in (401, 403) for probe in spoken) * 2 > count:
        return "sign_in"
    # The recorder speaks and has no picture of any of many cameras: what lies between it and them.
    return "line" if device == "recorder" and count > 2 else "camera"


class _Asking:
    """One connection to a device; answers are read up to their end of headers, and their status is all we want."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer_s: float) -> None:
        self._reader, self._writer, self._answer_s = reader, writer, answer_s
        self._sequence = 0

    async def rtsp(self, method: str, url: str, headers: dict[str, str]) -> tuple[int, list[str]] | None:
        """Status and challenges of the answer; None when none came."""
        self._sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._sequence}", "User-Agent: yiping-probe"]
        return await self._ask([*lines, *(f"{name}: {value}" for name, value in headers.items())])

    async def http(self, url: str) -> int | None:
        parts = urlsplit(url)
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        answer = await self._ask([f"GET {path} HTTP/1.0", f"Host: {parts.hostname}", "User-Agent: yiping-probe"])
        return answer[0] if answer else None

    async def _ask(self, lines: list[str]) -> tuple[int, list[str]] | None:
        try:
            async with asyncio.timeout(self._answer_s):
                self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
                await self._writer.drain()
                head = await self._reader.readuntil(b"\r\n\r\n")
                await self._skip_body(head)
        except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError):
            return None
        status = _STATUS.match(head)
        challenges = re.findall(rb"(?im)^www-authenticate:\s*(.+?)\r?$", head)
        return (int(status[1]), [one.decode("latin-1") for one in challenges]) if status else None

    async def _skip_body(self, head: bytes) -> None:
        length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
        if length and int(length[1]) <= MAX_ANSWER_BYTES and head.startswith(b"RTSP"):
            await self._reader.readexactly(int(length[1]))


async def _ask_rtsp(asking: _Asking, url: str, host: str) -> Probe:
    parts = urlsplit(url)
    plain = urlunsplit(("rtsp", parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
    options = await asking.rtsp("OPTIONS", plain, {})
    accept = {"Accept": "application/sdp"}
    described = await asking.rtsp("DESCRIBE", plain, accept)
    if described and described[0] == 401 and parts.username:
        credentials = Credentials(unquote(parts.username), unquote(parts.password or ""))
        if credentials.take_challenge(described[1]):
            signed = {**accept, "Authorization": credentials.header("DESCRIBE", plain) or ""}
            described = await asking.rtsp("DESCRIBE", plain, signed)
    return Probe(url, host, "open", options[0] if options else None, described[0] if described else None)


def _is_platform(url: str) -> bool:
    return urlsplit(url).scheme in ("wvp", "wvps")


async def _platforms_say(urls: Sequence[str], patience: Patience) -> dict[str, Probe]:
    """What the platforms of these channels know of them; each platform is asked for its list once."""
    found: dict[str, Probe] = {}
    asked: defaultdict[Platform, list[tuple[str, str]]] = defaultdict(list)
    for url in urls:
        try:
            platform, target, _ = platform_of(url)
        except SourceError:
            found[url] = Probe(url, host_of(url), "no_address")
            continue
        asked[platform].append((url, target.key))
    for platform, channels in asked.items():
        online = await _online(platform, patience.platform_s)
        for url, key in channels:
            reached: Reached = "silent" if online is None else "open"
            found[url] = Probe(url, host_of(url), reached, online=None if online is None else online.get(key))
    return found


async def _online(platform: Platform, timeout_s: float) -> dict[str, bool] | None:
    """Which channels a platform has and whether they are there, by key and by device/channel; None: no answer."""
    try:
        async with asyncio.timeout(timeout_s):
            channels = await platform.channels()
    except (SourceError, TimeoutError):
        return None
    by_number = {f"{channel.device_id}/{channel.id}": channel.online for channel in channels}
    return by_number | {channel.key: channel.online for channel in channels}
