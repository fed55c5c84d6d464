"""All detectors of one feed, fed with looks."""

from __future__ import annotations

from video.detect import motion
from video.detect.background import Background
from video.detect.covered import Covered
from video.detect.episode import Episode
from video.detect.freeze import Freeze
from video.detect.intrusion import Intrusion
from video.detect.look import Look, Verdict
from video.model import KINDS, FeedSignal, FeedSpec, SignalKind

LOOKED_AT: tuple[SignalKind, ...] = ("freeze", "covered", "motion", "intrusion")


class Eyes:
    """The state of the picture detectors of one feed: some hundred kilobytes, never more."""

    def __init__(self, spec: FeedSpec) -> None:
        wanted = set(KINDS if spec.detectors is None else spec.detectors)
        self._sensitivity = spec.sensitivity
        self._freeze = Freeze()
        self._covered = Covered(spec.sensitivity)
        self._background = Background(spec.sensitivity)
        self._intrusion = Intrusion(spec.zones, spec.sensitivity)
        self._episodes = {kind: Episode(spec.id, kind) for kind in LOOKED_AT if kind in wanted}

    @property
    def suspicious(self) -> bool:
        """Another look within the second would confirm or clear something that matters."""
        return any(episode.suspicious for kind, episode in self._episodes.items() if kind in ("covered", "intrusion"))

    def look(self, look: Look) -> list[FeedSignal]:
        """Signals that start or end with this look."""
        verdicts: dict[SignalKind, Verdict] = {}
        covered = self._covered.judge(look)
        verdicts["covered"] = covered
        if not look.hot:
            # Between two key frames a picture is expected to be like the last one.
            verdicts["freeze"] = self._freeze.judge(look)
        if not covered.positive:
            # Behind a cover there is nothing to see, and nothing to learn.
            foreground = self._background.subtract(look)
            verdicts["motion"] = motion.judge(foreground, self._sensitivity)
            verdicts["intrusion"] = self._intrusion.judge(foreground)
        changed = []
        for kind, verdict in verdicts.items():
            episode = self._episodes.get(kind)
            signal = episode.update(look.at, verdict) if episode is not None else None
            if signal is not None:
                changed.append(signal)
        return changed

    def close(self, at: float) -> list[FeedSignal]:
        """End everything: the feed is lost or no longer watched."""
        ended = (episode.close(at) for episode in self._episodes.values())
        self._freeze = Freeze()
        return [signal for signal in ended if signal is not None]
