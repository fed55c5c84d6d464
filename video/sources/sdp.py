"""What a camera says about its stream: its video track. Source: RFC 8866; RFC 6184, 7798 and 2435 for the codings."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Literal

from video.sources import h265
from video.sources.h264 import SPS, ParameterSets
from video.sources.h265 import H265Parameters
from video.sources.unit import Parameters

Encoding = Literal["H264", "H265", "JPEG"]
_ENCODINGS: dict[str, Encoding] = {"H264": "H264", "H265": "H265", "HEVC": "H265", "JPEG": "JPEG"}
# RFC 3551 gives JPEG a number of its own, which needs no rtpmap.
_JPEG_PAYLOAD = "26"
_SIZE = re.compile(r"(\d{2,5})[-, x](\d{2,5})\s*$")


class NoVideo(ValueError):
    """The description offers no track that we can play."""


@dataclass(frozen=True)
class VideoTrack:
    """The first playable track: where to set it up, how it is coded, what was announced about it.

    `size_px` is only announced for JPEG, whose packets cannot tell a side of 2048 pixels or more.
    """

    control: str
    payload_type: int
    parameters: Parameters | None
    encoding: Encoding = "H264"
    size_px: tuple[int, int] | None = None


def video_track(description: str) -> VideoTrack:
    """Find the first H.264, H.265 or JPEG track.

    Raises:
        NoVideo: there is none.
    """
    for section in description.replace("\r\n", "\n").split("\nm=")[1:]:
        track = _track_of(section)
        if track is not None:
            return track
    raise NoVideo("the camera offers no H.264, H.265 or JPEG track")


def _track_of(section: str) -> VideoTrack | None:
    first, *lines = section.split("\n")
    if not first.startswith("video "):
        return None
    attributes = [line[2:].partition(":") for line in lines if line.startswith("a=")]
    payload, encoding = _coding(first, attributes)
    if encoding is None:
        return None
    control = next((value.strip() for name, _, value in attributes if name == "control"), "")
    formats = [value.partition(" ") for name, _, value in attributes if name == "fmtp"]
    told = next((text for key, _, text in formats if key == payload), "")
    size_px = _announced_size(attributes) if encoding == "JPEG" else None
    return VideoTrack(control, int(payload), _announced(encoding, told), encoding, size_px)


def _coding(first: str, attributes: list[tuple[str, str, str]]) -> tuple[str, Encoding | None]:
    """Payload type (digits) and coding of the first format that we know."""
    for name, _, value in attributes:
        key, _, coding = value.partition(" ")
        known = _ENCODINGS.get(coding.strip().partition("/")[0].upper())
        if name == "rtpmap" and known is not None and _is_payload(key):
            return key, known
    if _JPEG_PAYLOAD in first.split()[3:]:
        return _JPEG_PAYLOAD, "JPEG"
    return "", None


def _is_payload(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < 128


def _announced_size(attributes: list[tuple[str, str, str]]) -> tuple[int, int] | None:
    for name, _, value in attributes:
        found = _SIZE.search(value) if name.lower() in ("x-dimensions", "framesize", "cliprect") else None
        if found:
            sides = int(found[1]), int(found[2])
            return (sides[1], sides[0]) if name.lower() == "cliprect" else sides
    return None


def _announced(encoding: Encoding, fmtp: str) -> Parameters | None:
    """The parameter sets of a format line; None when they are missing or unreadable (they also come in the stream)."""
    fields = [field.strip().partition("=") for field in fmtp.split(";")]
    told = {key.lower(): value.strip() for key, _, value in fields}
    try:
        if encoding == "H264":
            return _h264(told.get("sprop-parameter-sets", ""))
        if encoding == "H265":
            return _h265(told)
    except (binascii.Error, ValueError):
        return None
    return None


def _h264(sets: str) -> ParameterSets | None:
    nals = [base64.b64decode(part) for part in sets.split(",")]
    if len(nals) >= 2 and all(nals[:2]) and nals[0][0] & 31 == SPS and len(nals[0]) >= 4:
        return ParameterSets(nals[0], nals[1])
    return None


def _h265(told: dict[str, str]) -> H265Parameters | None:
    """Source: RFC 7798 section 7.1; of several sets of a kind the first counts."""
    named = {h265.VPS: "sprop-vps", h265.SPS: "sprop-sps", h265.PPS: "sprop-pps"}
    nals = {kind: base64.b64decode(told.get(name, "").partition(",")[0]) for kind, name in named.items()}
    if all(len(nal) > 2 and h265.nal_kind(nal[0]) == kind for kind, nal in nals.items()):
        return H265Parameters(nals[h265.VPS], nals[h265.SPS], nals[h265.PPS])
    return None


def control_url(base: str, control: str) -> str:
    """Absolute address of a track or session. Source: RFC 2326 appendix C.1.1."""
    if not control or control == "*":
        return base
    if control.lower().startswith("rtsp://"):
        return control
    return base.rstrip("/") + "/" + control.lstrip("/")
