"""What the command line offers of platforms; plain functions, wired into `yiping` by the command center."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from urllib.parse import urlsplit

from video.sources.channel import Channel
from video.sources.platform import Interface, catalogue
from video.sources.wvp import WVP_PORT


def _print(text: str) -> None:
    print(text, flush=True)


def channels(
    url: str,
    key: str = "",
    *,
    name: str = "",
    password: str = "",
    interface: Interface = "wvp",
    as_json: bool = False,
    say: Callable[[str], None] = _print,
) -> None:
    """List the channels of a GB/T 28181 platform: one JSON object per line, or a line for people.

    Args:
        url: `http://host:18080`.
        key: an API key of the platform; or `name` and `password`.
        interface: `wvp`, or `livegbs` for anything that speaks that.
        as_json: one JSON object per line: the fields of `Channel`, and `url`, at which the channel can be watched
            (without the key, which belongs between `wvp://:` and `@`).
        say: where lines go.

    Raises:
        PlatformError: the platform refused, or could not be reached after several tries.
    """
    found = catalogue(url, key, name=name, password=password, interface=interface)
    for channel in found:
        say(json.dumps(_row(channel, url, interface), ensure_ascii=False) if as_json else _line(channel))
    if not as_json:
        say(f"{len(found)} channels, {sum(channel.online for channel in found)} online")


def feed_url(channel: Channel, platform_url: str, interface: Interface = "wvp") -> str:
    """The address at which a channel of a platform can be watched, without the key."""
    parts = urlsplit(platform_url)
    scheme = "wvps" if parts.scheme == "https" else "wvp"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = parts.port or (443 if parts.scheme == "https" else 80)
    told = "" if port == WVP_PORT else f":{port}"
    return f"{scheme}://{host}{told}/{channel.key}" + ("?api=livegbs" if interface == "livegbs" else "")


def _row(channel: Channel, platform_url: str, interface: Interface) -> dict[str, object]:
    return {**asdict(channel), "url": feed_url(channel, platform_url, interface)}


def _line(channel: Channel) -> str:
    place = f"{channel.position_lonlat[0]:.5f},{channel.position_lonlat[1]:.5f}" if channel.position_lonlat else "-"
    state = "ON " if channel.online else "OFF"
    return f"{channel.id:<20} {state} {channel.civil_code:<12} {place:<21} {channel.name}"
