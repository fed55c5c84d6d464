from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.video.footage import units, variants
from video.sources.h264 import (
    ParameterSets,
    high_profile_samples,
    length_prefixed,
    nal_units,
    picture_size_px,
    split_annexb,
)
from video.sources.unit import BadVideo, decodable


def test_a_parameter_set_of_the_encoder_tells_its_picture_size_and_codec() -> None:
    parameters = variants()[0].parameters
    assert parameters.size_px == (384, 288)
    assert parameters.codec.startswith("avc1.42c0")


def test_a_high_profile_picture_with_cropping_is_measured_after_the_crop() -> None:
    # x264, high profile, 1920x1080 (1088 coded lines, 8 cropped).
    sps = bytes.fromhex("67640028acd940780227e5c044000003000400000300c83c60c658")
    assert picture_size_px(sps) == (1920, 1080)
    assert high_profile_samples(sps) == (1, 8, 8)
    assert high_profile_samples(variants()[0].parameters.sps) is None


@given(st.binary(max_size=80))
def test_any_bytes_as_a_parameter_set_are_read_or_refused(data: bytes) -> None:
    try:
        width, height = picture_size_px(b"\x67\x64\x00\x28" + data)
    except BadVideo:
        return
    assert width > 0 and height > 0


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6))
def test_nal_units_survive_being_put_in_a_row(nals: list[bytes]) -> None:
    assert list(nal_units(length_prefixed(nals))) == nals


@given(st.binary(max_size=200))
def test_lengths_that_do_not_fit_end_the_row_quietly(data: bytes) -> None:
    assert sum(len(nal) + 4 for nal in nal_units(data)) <= len(data)


def test_a_key_frame_for_the_decoder_starts_with_its_parameter_sets() -> None:
    key = units(groups=1)[0]
    nals = split_annexb(decodable(key))
    assert isinstance(key.parameters, ParameterSets)
    assert nals[:2] == [key.parameters.sps, key.parameters.pps]
    assert nals[2:] == list(nal_units(key.data))


def test_a_truncated_parameter_set_is_refused_by_name() -> None:
    with pytest.raises(BadVideo):
        _ = ParameterSets(b"\x67\x42\x00", b"\x68").size_px
