"""What a feed knows of the pictures between key frames without decoding them."""

from __future__ import annotations

import pytest

from tests.video.footage import packed_variants
from tests.video.test_splitter import TRACK
from video.feed import Feed
from video.model import FeedSpec
from video.sources.keys import MARKS
from video.sources.rtsp import RtspSource
from video.sources.splitter import Splitter

PER_S = 15


def test_sizes_and_moments_of_the_pictures_before_a_key_frame_are_known_however_they_were_read() -> None:
    units = packed_variants()[0].segments["quiet"][0]
    for at_once in (1, 7, 30):
        feed = Feed(
            FeedSpec("1", "rtsp://a/b"),
            ring_s=10,
            deep_every_s=60,
            now=0.0,
            on_key=lambda feed, at: None,
            on_clue=lambda feed, clue: None,
        )
        source = RtspSource(feed.spec.url, feed)
        feed.source = source
        splitter = Splitter(feed, lambda sequence, reply: None)
        splitter.counts, splitter.marks = source.state.counts, MARKS["h264"]
        feed.opened(TRACK, 0)
        pictures = [bytes(unit.filled(sequence=0, rtp_time=0, source=1)) for unit in units]
        for group in range(3):
            assert len(feed.sizes) == (29 if group > 1 else 0)
            for start in range(0, 30, at_once):
                read_at = 100.0 + 2 * group + start / PER_S
                splitter.feed(b"".join(pictures[start : start + at_once]), read_at)
        assert [size for _, size in feed.sizes] == [len(picture) for picture in pictures[1:]]
        assert [at for at, _ in feed.sizes] == pytest.approx([102.0 + index / PER_S for index in range(1, 30)])
        feed.opened(TRACK, 0)
        splitter.feed(pictures[0], 106.0)
        assert feed.sizes == []
