"""来源: by which doors matters come in, and under which way of working each is handled. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

# Setting by which a center says how it works: a channel, "*" for the others, "P0" for what cannot wait.
WAYS = "response.ways"
DEFAULT_WAYS: Mapping[str, str] = {"P0": "emergency", "hotline": "hotline", "petition": "petition", "*": "gn"}


@dataclass(frozen=True, slots=True)
class Channel:
    """A door.

    Attributes:
        word: how the profiles name it.
        track: 线下, 线上 or 热线, as volumes are counted.
        contact: whether there is somebody who can be called back.
    """

    code: str
    word: str
    track: str
    contact: bool = True


CHANNELS: Mapping[str, Channel] = {
    one.code: one
    for one in (
        Channel("window", "窗口", "线下"),
        Channel("phone", "电话", "线下"),
        Channel("hotline", "12345", "热线"),
        Channel("police", "110", "线下"),
        Channel("petition", "信访", "线下"),
        Channel("citizen", "公众", "线上"),
        Channel("grid", "网格", "线下"),
        Channel("superior", "上级交办", "线上", contact=False),
        Channel("town", "乡镇上报", "线上", contact=False),
        Channel("media", "媒体", "线上", contact=False),
    )
}


def way_of(channel: str, priority: str, ways: Mapping[str, str]) -> str:
    """Id of the profile for a new case: P0 before the channel, the channel before "*"."""
    for key in ((priority,) if priority == "P0" else ()) + (channel, "*"):
        if key in ways:
            return ways[key]
    return DEFAULT_WAYS["*"]
