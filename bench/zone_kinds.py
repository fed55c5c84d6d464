"""Lines, stays and crowds on the labelled clips: kinds that need a zone of their own to be tried."""

from collections import Counter

import numpy as np

from bench.clips import CLIPS, WHOLE, frames, labelled_events, times, watch
from bench.report import Figure
from video.decode import planes_of
from video.detect.background import Background
from video.detect.crowd import Crowd
from video.detect.look import Look, small_luma
from video.model import FeedSignal, FeedSpec, Zone

CARS, ROOM = "intel/car-detection.mp4", "intel/one-by-one-person-detection.mp4"
LINE = ((0.0, 0.5), (1.0, 0.5))
STAY_S = 8.0
CROWD = "pets2009_s2l1/vtest.avi"
# Surer detections than this count as persons.
LEAST_CONFIDENCE = 0.5


def figures() -> list[Figure]:
    crossed, passes = _matched(CARS, Zone("line", "line_cross", LINE))
    stayed, stays = _matched(ROOM, Zone("table", "loitering", WHOLE, limit=STAY_S))
    error, mean = _crowd_error()
    return [
        Figure("vehicles over a line in the middle", crossed, f"of {passes}", passes, "higher"),
        Figure(f"stays over {STAY_S:g} s told as loitering", stayed, f"of {stays}", stays, "higher"),
        Figure(f"crowd on PETS 2009 S2L1 ({mean:.1f} persons on average), mean error", error, "persons"),
    ]


def _matched(clip: str, zone: Zone) -> tuple[int, int]:
    """How many labelled events of a clip have a signal of the zone's kind within them, and how many there are."""
    shown = times(clip)
    told = [signal for signal in watch(clip, (zone,)) if signal.kind == zone.kind]
    spans = [(shown[event["start_frame"]], shown[event["end_frame"]]) for event in labelled_events()
             if event["file"] == clip]  # fmt: skip
    return sum(any(_within(signal, start, end) for signal in told) for start, end in spans), len(spans)


def _within(signal: FeedSignal, start: float, end: float) -> bool:
    assert signal.ended_at is not None
    return signal.started_at.timestamp() <= end + 1 and signal.ended_at.timestamp() >= start


def _crowd_error() -> tuple[float, float]:
    """Mean error of the count at key frames against a detector's boxes, and the mean of those."""
    truth: Counter[int] = Counter()
    for line in (CLIPS / "pets2009_s2l1" / "det_frcnn_mot15.txt").read_text(encoding="ascii").splitlines():
        row = line.split(",")
        truth[int(row[0])] += float(row[6]) > LEAST_CONFIDENCE
    detector, background = Crowd(FeedSpec("", "", (Zone("lawn", "crowd", WHOLE, limit=1.0),))), Background()
    pairs, next_at = [], -1.0
    for number, frame in enumerate(frames(CROWD), start=1):
        at = float(frame.time or 0.0)
        if at < next_at:
            continue
        next_at = at + 2.0
        look = Look(small_luma(planes_of(frame).y), at)
        verdict = detector.judge(look, background.subtract(look))
        if verdict.detail:
            pairs.append((verdict.detail["persons"], truth[number]))
    counts = np.array(pairs, float)
    return float(np.abs(counts[:, 0] - counts[:, 1]).mean()), float(counts[:, 1].mean())
