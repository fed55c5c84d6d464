"""All detectors of one feed, fed with looks.

Every kind is followed twice: at the feed's own sensitivity, which makes signals, and at the highest, which leaves
traces of what a more sensitive setting would have told.
"""

from __future__ import annotations

from typing import Any

from video.detect.background import Background
from video.detect.catalogue import BLINDING, QUALITY, SCENE, SUSPECT
from video.detect.confirm import Confirmation, Stage
from video.detect.curiosity import Curiosity
from video.detect.episode import Episode, trace_of
from video.detect.foreground import Foreground
from video.detect.glance import Glance, Glimpse, glances
from video.detect.look import Look
from video.detect.verdict import NOTHING, Verdict, blind
from video.detect.view import Against, View
from video.model import ZONE_KINDS, FeedSignal, FeedSpec, SignalKind, Trace

HIGHEST = 1.0
_NEED_ZONES: frozenset[str] = frozenset(ZONE_KINDS)


class Eyes:
    """The state of the picture detectors of one feed: some hundred kilobytes, never more.

    Args:
        spec: the feed.
        memory: what `memory()` of an earlier life of this feed gave.
        stage: the object detector, asked before a scene signal is told when the feed wants that (`spec.confirm`).
    """

    def __init__(self, spec: FeedSpec, memory: dict[str, Any] | None = None, stage: Stage | None = None) -> None:
        self.spec = spec
        known = memory or {}
        self._quality = {
            kind: make(spec, known.get(kind))
            for kind, make in QUALITY.items()
            if spec.detectors is None or kind in spec.detectors
        }
        self._scene = {
            kind: make(spec)
            for kind, make in SCENE.items()
            if (spec.detectors is None or kind in spec.detectors) and _has_its_place(spec, kind)
        }
        self._view = View()
        self.glimpse = Glimpse(spec.zones)
        self._curious = self._granted = False
        self._curiosity = {"picture": Curiosity(), "scene": Curiosity()}
        self._background = Background(spec.zones)
        self._scene_curious = self._scene_known = False
        self.confirmation = Confirmation(stage) if stage is not None and spec.confirm else None
        kinds: list[SignalKind] = [*self._quality, *self._scene]
        self._episodes = {kind: Episode(spec.id, kind, spec.sensitivity) for kind in kinds}
        self._candidates = {kind: Episode(spec.id, kind, HIGHEST) for kind in kinds}
        self._suspect = SUSPECT.intersection(kinds)
        self._traces: list[Trace] = []
        self.blind: dict[SignalKind, str] = {}
        # Kinds of which nothing was seen for a while: most of them, most of the time.
        self._calm: set[SignalKind] = set()

    @property
    def suspicious(self) -> bool:
        """Another look within the second would tell more."""
        return self._granted or self.pressing

    @property
    def pressing(self) -> bool:
        """Something that matters was seen and waits to be confirmed."""
        # What is calm is not suspicious.
        return any(self._episodes[kind].suspicious for kind in self._suspect - self._calm)

    def memory(self) -> dict[str, Any]:
        """What the quality detectors have learned of this camera, as plain JSON values; some kilobytes at most."""
        return {kind: detector.memory() for kind, detector in self._quality.items()}

    def look(self, look: Look, glance: Glance | None = None) -> list[FeedSignal]:
        """Signals that start or end with this look; `glance` when it was worked out together with others."""
        glance = glance or glances([look], [self.glimpse])[0]
        changed: list[FeedSignal] = []
        hidden = self._check(look, glance, changed)
        # Behind a cover there is nothing to see, and nothing to learn.
        if self._scene and not hidden and not self._at_rest(look, glance):
            foreground = self._background.subtract(look)
            self._scene_known, self._scene_curious = foreground.settled, False
            self._see(look, foreground, changed)
        asked = {"picture": self._curious, "scene": self._scene_curious}
        self._granted = any(asks and self._curiosity[who].grants(look.at) for who, asks in asked.items())
        return changed

    def _at_rest(self, look: Look, glance: Glance) -> bool:
        """The scene is known and as usual in its zones, and none of its kinds that alarm is on or suspected."""
        if look.lane != "patrol" or self._scene_curious or not self._scene_known:
            return False
        if not all(kind in self._calm or self._rests(kind) for kind in self._scene):
            return False
        return self._background.empty(look, () if glance.still else self.glimpse.rects)

    def _rests(self, kind: SignalKind) -> bool:
        """Nothing of this kind is on or suspected. Motion that is on may go on: it is an activity, not an alarm."""
        episode = self._episodes[kind]
        return not episode.suspicious if kind == "motion" else episode.idle

    def _check(self, look: Look, glance: Glance, changed: list[FeedSignal]) -> str:
        """Ask the quality detectors; the first that finds the picture useless speaks for those after it."""
        against, hidden = self._view.against(look, glance), ""
        if glance.steady and look.lane == "patrol" and self._untroubled:
            self._check_stillness(look, against, changed)
            return ""
        self._curious = False
        for kind, detector in self._quality.items():
            if look.lane not in detector.lanes:
                continue
            if hidden:
                detector.interrupted()
                verdict = blind(hidden)
            else:
                verdict = detector.judge(look, against)
                # What could not be judged because the exposure was adapting is judged again at once.
                self._curious = self._curious or detector.curious or verdict.blind == "unsettled"
            if kind in BLINDING and verdict.positive(self.spec.sensitivity):
                hidden = hidden or kind
            self._follow(kind, look.at, verdict, changed)
        doubtful = bool(hidden) or self._curious
        told = any(episode.open is not None for kind, episode in self._episodes.items() if kind in BLINDING)
        if not look.hot and (not doubtful or (self._view.overdue(look.at) and not told)):
            self._view.learn(look, against)
        self._view.passed(look)
        return hidden

    @property
    def _untroubled(self) -> bool:
        """All is known of this camera's pictures, and nothing is wrong with them."""
        if self._curious:
            return False
        return all(kind in self._calm or self.blind.get(kind, "learning") != "learning" for kind in self._quality)

    def _check_stillness(self, look: Look, against: Against, changed: list[FeedSignal]) -> None:
        """What is judged from one look to the next is judged at every look."""
        freeze = self._quality.get("freeze")
        if freeze is not None:
            self._follow("freeze", look.at, freeze.judge(look, against), changed)
            self._curious = freeze.curious
        self._view.passed(look)

    def _see(self, look: Look, foreground: Foreground, changed: list[FeedSignal]) -> None:
        for kind, detector in self._scene.items():
            told: list[FeedSignal] = []
            self._follow(kind, look.at, detector.judge(look, foreground), told)
            changed += told if self.confirmation is None else self._confirmed(told, look, self.confirmation)
            self._scene_curious = self._scene_curious or detector.curious

    def _confirmed(self, told: list[FeedSignal], look: Look, confirmation: Confirmation) -> list[FeedSignal]:
        """Ends of signals, and those starts behind which the object detector sees something."""
        kept: list[FeedSignal] = []
        for signal in told:
            judged = confirmation.judged(signal, look) if signal.ended_at is None else signal
            if judged is None:
                self._episodes[signal.kind].close(look.at)
                continue
            if judged.ended_at is None:
                self._episodes[signal.kind].open = judged
            kept.append(judged)
        return kept

    def _follow(self, kind: SignalKind, at: float, verdict: Verdict, changed: list[FeedSignal]) -> None:
        if verdict is NOTHING and kind in self._calm:
            return
        if verdict.blind:
            self.blind[kind] = verdict.blind
        else:
            self.blind.pop(kind, None)
        candidate = self._candidates[kind].update(at, verdict)
        if candidate is not None and candidate.ended_at is not None:
            self._traces.append(trace_of(candidate))
        signal = self._episodes[kind].update(at, verdict)
        if signal is not None:
            changed.append(signal)
        if verdict is NOTHING and self._episodes[kind].idle and self._candidates[kind].idle:
            self._calm.add(kind)
        else:
            self._calm.discard(kind)

    def take_traces(self) -> list[Trace]:
        """Traces that were finished since the last call."""
        traces, self._traces = self._traces, []
        return traces

    def close(self, at: float) -> list[FeedSignal]:
        """End everything: the feed is lost or no longer watched."""
        candidates = (episode.close(at) for episode in self._candidates.values())
        self._traces += [trace_of(candidate) for candidate in candidates if candidate is not None]
        ended = (episode.close(at) for episode in self._episodes.values())
        self._view.interrupted()
        self.glimpse.forget()
        for detector in self._quality.values():
            detector.interrupted()
        return [signal for signal in ended if signal is not None]


def _has_its_place(spec: FeedSpec, kind: SignalKind) -> bool:
    """Whether a detector has anything to do: some work on the whole picture, others only in zones of their kind."""
    return kind not in _NEED_ZONES or any(zone.kind == kind for zone in spec.zones)
