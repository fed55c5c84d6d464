"""RTSP requests as text and their answers. Source: RFC 2326, RFC 8866, RFC 6184 8.2.1, RFC 7798 7.1, RFC 2435."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass

from video.simulator.camera import SimulatedCamera
from video.simulator.coding import FPS
from video.simulator.packing import PAYLOAD_TYPE
from video.simulator.packing_jpeg import JPEG_PAYLOAD_TYPE
from video.simulator.segments import Variant

MAX_REQUEST_BYTES = 64 * 1024
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 454: "Session Not Found"}
_REASONS |= {455: "Method Not Valid in This State", 461: "Unsupported Transport", 503: "Service Unavailable"}


class BadRequest(ValueError):
    """What came is longer than any request may be."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are in lower case. `method` is empty when the first line made no sense."""

    method: str
    url: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told to the client."""

    status: int
    headers: dict[str, str]
    body: str = ""

    def encoded(self, sequence: str) -> bytes:
        lines = [f"RTSP/1.0 {self.status} {_REASONS.get(self.status, 'Error')}", f"CSeq: {sequence}"]
        lines += ["Server: yiping camera simulator", *(f"{key}: {value}" for key, value in self.headers.items())]
        if self.body:
            lines.append(f"Content-Length: {len(self.body.encode())}")
        return ("\r\n".join(lines) + "\r\n\r\n" + self.body).encode()


def take_request(buffer: bytes) -> tuple[Request | None, bytes]:
    """The first whole request of what came, None when there is none yet, and what is left.

    Interleaved frames of the client (its reports) are passed over.

    Raises:
        BadRequest: no request ends within 64 KiB.
    """
    while buffer[:1] == b"$":
        length = 4 + int.from_bytes(buffer[2:4], "big")
        if len(buffer) < max(4, length):
            return None, buffer
        buffer = buffer[length:]
    head, found, rest = buffer.partition(b"\r\n\r\n")
    if not found:
        if len(buffer) > MAX_REQUEST_BYTES:
            raise BadRequest("a request without an end")
        return None, buffer
    first, *lines = head.decode("utf-8", "replace").lstrip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length_text = headers.get("content-length", "0")
    size = int(length_text) if length_text.isdecimal() and len(length_text) < 9 else 0
    if size > MAX_REQUEST_BYTES:
        raise BadRequest("a body that long")
    if len(rest) < size:
        return None, buffer
    words = first.split(" ")
    plain = len(words) == 3 and words[2].startswith("RTSP/")
    body = rest[:size].decode("utf-8", "replace")
    return Request(words[0] if plain else "", words[1] if plain else "", headers, body), rest[size:]


def describe(camera: SimulatedCamera) -> str:
    """Session description of a camera."""
    variant = camera.track.variant
    lines = [
        "v=0",
        f"o=- {int(time.time())} 1 IN IP4 127.0.0.1",
        f"s=camera {camera.index + 1:04d}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=0-",
        *_media(variant),
        f"a=framerate:{FPS // variant.coding.every}",
        "a=control:trackID=0",
    ]
    return "\r\n".join(lines) + "\r\n"


def _media(variant: Variant) -> list[str]:
    if variant.coding.family == "jpeg":
        return [f"m=video 0 RTP/AVP {JPEG_PAYLOAD_TYPE}", f"a=rtpmap:{JPEG_PAYLOAD_TYPE} JPEG/90000"]
    sets = [base64.b64encode(nal).decode() for nal in variant.sets]
    lines = [f"m=video 0 RTP/AVP {PAYLOAD_TYPE}"]
    if variant.coding.family == "h265":
        vps, sps, pps = sets
        named = f"sprop-vps={vps};sprop-sps={sps};sprop-pps={pps}"
        return [*lines, f"a=rtpmap:{PAYLOAD_TYPE} H265/90000", f"a=fmtp:{PAYLOAD_TYPE} {named}"]
    profile = variant.parameters.sps[1:4].hex().upper()
    named = f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={','.join(sets)}"
    return [*lines, f"a=rtpmap:{PAYLOAD_TYPE} H264/90000", f"a=fmtp:{PAYLOAD_TYPE} {named}"]
