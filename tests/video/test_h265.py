"""Parameter sets of H.265 against what libx265 was told and FFmpeg reads."""

from __future__ import annotations

import base64

import pytest

from bench.corpus import h265_pieces, parameters_of
from video.sources.h264 import split_annexb
from video.sources.h265 import codec_name, is_irap, nal_kind, read_sequence
from video.sources.sdp import video_track
from video.sources.unit import BadVideo


@pytest.mark.parametrize("size_px", [(352, 288), (640, 360), (1280, 720), (250, 130)])
def test_picture_size_is_what_the_encoder_was_told_cropping_included(size_px: tuple[int, int]) -> None:
    assert parameters_of(h265_pieces(*size_px, count=1)[0]).size_px == size_px


def test_facts_and_name_of_a_main_profile_stream() -> None:
    parameters = parameters_of(h265_pieces()[0])
    facts = parameters.facts
    assert (facts.chroma, facts.depth_bits, facts.layers) == (1, (8, 8), 1)
    name = parameters.codec.split(".")
    assert name[:3] == ["hvc1", "1", "6"] and name[3] == f"L{facts.profile[11]}"
    assert parameters.family == "h265" and parameters.annexb.count(b"\x00\x00\x00\x01") == 3


def test_names_are_written_as_the_standards_examples() -> None:
    # ISO/IEC 14496-15 annex E.3: hvc1.1.6.L93.B0; a high tier one with a profile space: hvc1.A4.41.H120.B0.23
    assert codec_name(bytes([0x01, 0x60, 0, 0, 0, 0xB0, 0, 0, 0, 0, 0, 93])) == "hvc1.1.6.L93.B0"
    assert codec_name(bytes([0x64, 0x82, 0, 0, 0, 0xB0, 0x23, 0, 0, 0, 0, 120])) == "hvc1.A4.41.H120.B0.23"


def test_key_pictures_are_told_by_their_kind() -> None:
    kinds = [{nal_kind(nal[0]) for nal in split_annexb(piece)} for piece in h265_pieces()]
    assert [any(is_irap(kind) for kind in found) for found in kinds] == [index % 4 == 0 for index in range(12)]


@pytest.mark.parametrize(
    "sps", [b"", b"\x42\x01", b"\x40\x01" + bytes(40), b"\x42\x01" + b"\xff" * 60, b"\x42\x01" + b"\x55" * 5_000_000]
)
def test_what_is_no_sequence_parameter_set_is_refused(sps: bytes) -> None:
    with pytest.raises(BadVideo):
        read_sequence(sps)


def test_a_description_names_its_h265_track_and_parameter_sets() -> None:
    parameters = parameters_of(h265_pieces()[0])
    named = zip(("vps", "sps", "pps"), (parameters.vps, parameters.sps, parameters.pps), strict=True)
    sets = "; ".join(f"sprop-{name}={base64.b64encode(nal).decode()}" for name, nal in named)
    lines = ["v=0", "m=audio 0 RTP/AVP 0", "m=video 0 RTP/AVP 98", "a=rtpmap:98 H265/90000"]
    track = video_track("\r\n".join([*lines, "a=control:track2", f"a=fmtp:98 {sets}", ""]))
    assert (track.encoding, track.payload_type, track.control) == ("H265", 98, "track2")
    assert track.parameters == parameters
    broken = video_track("\r\n".join([*lines, "a=fmtp:98 sprop-vps=!!; sprop-sps=AAAA"]))
    assert broken.encoding == "H265" and broken.parameters is None


def test_a_description_names_its_jpeg_track_with_or_without_a_map() -> None:
    bare = video_track("v=0\r\nm=video 0 RTP/AVP 26\r\na=control:t\r\na=x-dimensions:2592,1944\r\n")
    assert (bare.encoding, bare.payload_type, bare.size_px) == ("JPEG", 26, (2592, 1944))
    mapped = video_track("v=0\nm=video 0 RTP/AVP 97\na=rtpmap:97 JPEG/90000\na=framesize:97 3072-2048\n")
    assert (mapped.encoding, mapped.payload_type, mapped.size_px) == ("JPEG", 97, (3072, 2048))
