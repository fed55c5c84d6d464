"""Detectors on the labelled clips: what was found and when, what was told without reason, and what a look costs.

Run as `python -m bench.detectors [--json]`. The clips are looked at five times a second, the two hours of a room
(one at night, one at dusk) twice a second; every clip is played once.
"""

import sys
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

import cv2
import orjson
from rich.console import Console
from rich.table import Table

from bench.change_detection import figures as change_figures
from bench.change_detection import mog2
from bench.clips import WHOLE, clip_names, frames, labelled_events, times, watch
from bench.report import Figure, Report, machine
from bench.zone_kinds import figures as zone_figures
from video.decode import planes_of
from video.detect.background import Background
from video.detect.catalogue import SCENE
from video.detect.look import Look, small_luma
from video.model import FeedSignal, FeedSpec, SignalKind, Zone

BODIES = {"person_present", "car", "bicycle", "person walking"}
NOTHING = {"illumination_change_no_person", "illumination_change_no_motion", "black_frames"}
EXPECTED: dict[str, frozenset[SignalKind]] = {
    **{event: frozenset[SignalKind]({"intrusion"}) for event in BODIES},
    "vehicle_pass": frozenset({"wrong_way"}),
    "hand_in_front_of_camera": frozenset({"covered", "intrusion"}),
    "fire": frozenset({"fire"}),
}
# What a clip is allowed to tell without being wrong: activity is telemetry, and what is labelled is there.
TELEMETRY: frozenset[SignalKind] = frozenset({"motion"})
ALLOWED = {
    "fire/furg_house6.mp4": {"fire", "smoke"},
    "misc/tree_hand.avi": {"covered"},
    "cdnet/traffic_jitter.mp4": {"shake"},
}
# A label was set by hand, half a second early or late.
TOLERANCE_S = 1.0
LONG = "upcam/"
LONG_LOOKS_PER_S = 2.0
# Streets and rooms in which something moves now and then, as most cameras see them.
ORDINARY = (
    "upcam/day00_hour03.mp4",
    "upcam/day00_hour18.mp4",
    "pets2009_s2l1/vtest.avi",
    "intel/one-by-one-person-detection.mp4",
    "frigate/test_motion_video-1.mp4",
    "frigate/test_motion_video-2.mp4",
)


@dataclass(frozen=True)
class Row:
    """One labelled event and what became of it."""

    clip: str
    event: str
    frames: tuple[int, int]
    found_by: str
    delay_s: float | None
    why: str

    @property
    def right(self) -> bool:
        return bool(self.found_by)


@dataclass(frozen=True, slots=True)
class DetectorReport(Report):
    """The figures, the labelled events behind them, and every false alarm."""

    events: tuple[Row, ...] = ()
    false_alarms: tuple[str, ...] = ()

    def json(self) -> str:
        body: dict[str, Any] = {"bench": self.bench, "machine": machine()}
        body |= {"figures": [asdict(figure) for figure in self.figures], "events": [asdict(row) for row in self.events]}
        return orjson.dumps({**body, "false_alarms": self.false_alarms}, option=orjson.OPT_INDENT_2).decode()

    def show(self, *, as_json: bool = False) -> None:
        if not as_json:
            Console(width=None if sys.stdout.isatty() else 180).print(_table(self.events), *self.false_alarms, sep="\n")
        # slots leave no cell for super() without arguments.
        Report.show(self, as_json=as_json)


def _table(rows: tuple[Row, ...]) -> Table:
    table = Table(title="labelled events")
    for name in ("clip", "event", "frames", "found by", "after s", "if not, why"):
        table.add_column(name)
    for row in rows:
        delay = f"{row.delay_s:.1f}" if row.delay_s is not None else ""
        table.add_row(row.clip, row.event, "{}-{}".format(*row.frames), row.found_by, delay, row.why)
    return table


def run() -> Report:
    """All of it; takes some minutes.

    Raises:
        NoClips: the labelled clips are not on this machine.
    """
    cv2.setNumThreads(1)
    rows = tuple(_judged_events())
    false = tuple(_false_alarms())
    wanted = [row for row in rows if row.event not in NOTHING]
    calm = [row for row in rows if row.event in NOTHING]
    figures = [
        Figure("labelled events found", sum(row.right for row in wanted), f"of {len(wanted)}", len(wanted), "higher"),
        Figure("labelled changes of light that raised nothing", sum(row.right for row in calm), f"of {len(calm)}",
               len(calm), "higher"),
        Figure("false alarms in all footage, each clip once", len(false), "", 0),
        *zone_figures(),
        *change_figures(),
        *_costs(),
    ]  # fmt: skip
    return DetectorReport("detectors", figures, rows, false)


def _judged_events() -> list[Row]:
    rows = []
    heard: dict[tuple[str, str], list[FeedSignal]] = {}
    for event in labelled_events():
        clip, kind = event["file"], event["event"]
        zones = _zones(event)
        key = clip, str(zones)
        if key not in heard:
            heard[key] = watch(clip, zones)
        rows.append(_judged(event, heard[key], times(clip)))
        if kind == "vehicle_pass":
            rows[-1] = replace(rows[-1], event=f"vehicle {_direction(event)}")
    return rows


def _direction(event: dict[str, Any]) -> str:
    return "up" if "direction up" in event.get("note", "") else "down"


def _zones(event: dict[str, Any]) -> tuple[Zone, ...]:
    """The whole picture as a zone of what is asked; vehicles go against an arrow that points the other way."""
    if event["event"] == "vehicle_pass":
        return (Zone("road", "wrong_way", WHOLE, 180.0 if _direction(event) == "up" else 0.0),)
    if event["event"] in NOTHING or event["event"] in BODIES or event["event"] == "hand_in_front_of_camera":
        return (Zone("all", "intrusion", WHOLE),)
    return ()


def _judged(event: dict[str, Any], signals: list[FeedSignal], shown: list[float]) -> Row:
    start, end = shown[event["start_frame"]], shown[min(len(shown) - 1, event["end_frame"])]
    span = (event["start_frame"], event["end_frame"])
    during = [signal for signal in signals if _overlaps(signal, start - TOLERANCE_S, end + TOLERANCE_S)]
    if event["event"] in NOTHING:
        wrong = sorted({signal.kind for signal in during} - TELEMETRY)
        found = "" if wrong else "nothing, as it should"
        return Row(event["file"], event["event"], span, found, None, f"told {', '.join(wrong)}" if wrong else "")
    right = [signal for signal in during if signal.kind in EXPECTED[event["event"]]]
    if not right:
        return Row(event["file"], event["event"], span, "", None, _why(event, during, start))
    first = min(right, key=lambda signal: signal.started_at)
    delay_s = first.started_at.timestamp() - start
    kept_on = "" if delay_s > -TOLERANCE_S else "still on from the one before"
    return Row(
        event["file"], event["event"], span, first.kind, None if kept_on else round(max(0.0, delay_s), 1), kept_on
    )


def _why(event: dict[str, Any], during: list[FeedSignal], start: float) -> str:
    if start < 4.0:
        return "over before five looks had shown what the scene is"
    kinds = sorted({signal.kind for signal in during})
    return f"told {', '.join(kinds)} instead" if kinds else "too small or too much like the scene"


def _overlaps(signal: FeedSignal, start: float, end: float) -> bool:
    assert signal.ended_at is not None
    return signal.started_at.timestamp() <= end and signal.ended_at.timestamp() >= start


def _false_alarms() -> list[str]:
    """What clips told that is neither telemetry nor there, without any zone drawn."""
    found = []
    for clip in clip_names():
        looks_per_s = LONG_LOOKS_PER_S if clip.startswith(LONG) else 5.0
        for signal in watch(clip, looks_per_s=looks_per_s):
            if signal.kind not in TELEMETRY and signal.kind not in ALLOWED.get(clip, set()):
                at = signal.started_at.timestamp()
                found.append(f"false alarm: {clip} at {at:.1f} s: {signal.kind} {signal.score:.2f} {signal.detail}")
    return found


def _costs() -> list[Figure]:
    """Milliseconds of all scene detectors for one key frame, mean over ordinary footage, beside MOG2 alone."""
    spent, peer, looks = 0.0, 0.0, 0
    for clip in ORDINARY:
        seer, model = _Seer(FeedSpec(clip, "", (Zone("all", "intrusion", WHOLE),))), mog2()
        next_at = -1.0
        for frame in frames(clip, threads=False):
            at = float(frame.time or 0.0)
            if at < next_at:
                continue
            next_at = at + 2.0
            planes = planes_of(frame)
            luma = small_luma(planes.y)
            start = time.thread_time()
            seer.look(Look(luma, at, "patrol", planes))
            between = time.thread_time()
            model(luma, at)
            spent, peer = spent + between - start, peer + time.thread_time() - between
            looks += 1
    name = f"scene detectors with an intrusion zone, one patrol look (mean of {looks})"
    return [Figure(name, spent / looks * 1e3, "ms", 0.15, "lower", "OpenCV MOG2 alone", peer / looks * 1e3)]


class _Seer:
    """Background and scene detectors as a feed has them, without what judges the picture itself."""

    def __init__(self, spec: FeedSpec) -> None:
        self._background = Background(spec.zones)
        self._detectors = [SCENE[kind](spec) for kind in ("motion", "intrusion", "fire", "smoke")]

    def look(self, look: Look) -> None:
        foreground = self._background.subtract(look)
        for detector in self._detectors:
            detector.judge(look, foreground)


if __name__ == "__main__":
    run().show(as_json="--json" in sys.argv)
