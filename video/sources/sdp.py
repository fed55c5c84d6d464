"""What a camera says about its stream: its H.264 track. Source: RFC 8866, RFC 6184 section 8.2."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from video.sources.h264 import SPS, ParameterSets


class NoVideo(ValueError):
    """The description offers no H.264 track."""


@dataclass(frozen=True)
class VideoTrack:
    """The first H.264 track: where to set it up, and its parameter sets if they were announced."""

    control: str
    payload_type: int
    parameters: ParameterSets | None


def video_track(description: str) -> VideoTrack:
    """Find the H.264 track.

    Raises:
        NoVideo: there is none.
    """
    for section in description.replace("\r\n", "\n").split("\nm=")[1:]:
        track = _track_of(section)
        if track is not None:
            return track
    raise NoVideo("the camera offers no H.264 track")


def _track_of(section: str) -> VideoTrack | None:
    first, *lines = section.split("\n")
    if not first.startswith("video "):
        return None
    attributes = [line[2:].partition(":") for line in lines if line.startswith("a=")]
    maps = {value.partition(" ")[0]: value.partition(" ")[2] for name, _, value in attributes if name == "rtpmap"}
    payload = next((key for key, value in maps.items() if value.upper().startswith("H264/")), None)
    if payload is None or not payload.isdigit():
        return None
    control = next((value.strip() for name, _, value in attributes if name == "control"), "")
    formats = [value.partition(" ") for name, _, value in attributes if name == "fmtp"]
    told = next((text for key, _, text in formats if key == payload), "")
    return VideoTrack(control, int(payload), _announced(told))


def _announced(fmtp: str) -> ParameterSets | None:
    for field in fmtp.split(";"):
        key, _, value = field.strip().partition("=")
        if key.lower() != "sprop-parameter-sets":
            continue
        try:
            nals = [base64.b64decode(part) for part in value.split(",")]
        except binascii.Error:
            return None
        if len(nals) >= 2 and all(nals[:2]) and nals[0][0] & 31 == SPS and len(nals[0]) >= 4:
            return ParameterSets(nals[0], nals[1])
    return None


def control_url(base: str, control: str) -> str:
    """Absolute address of a track or session. Source: RFC 2326 appendix C.1.1."""
    if not control or control == "*":
        return base
    if control.lower().startswith("rtsp://"):
        return control
    return base.rstrip("/") + "/" + control.lstrip("/")
