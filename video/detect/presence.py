"""Persons and vehicles in a clip, as events: from when one is seen until none has been seen for a while."""

from __future__ import annotations

from dataclasses import dataclass, replace

from video.detect.look import Planes
from video.detect.objects import OBJECT_KINDS, ObjectKind, ObjectStage, Thing

# As long as this nobody may be seen without the event being over: a network misses one picture in a few.
CALM_S = 5.0


@dataclass(frozen=True)
class Seen:
    """Something of one kind was in the picture; `surest` is it at its plainest, `most` how many there were at once."""

    kind: ObjectKind
    since: float
    last_at: float
    surest: Thing
    most: int


class Presence:
    """At most one open event of each kind."""

    def __init__(self, stage: ObjectStage) -> None:
        self._stage = stage
        self._open: dict[ObjectKind, Seen] = {}

    def look(self, planes: Planes, at: float) -> list[Seen]:
        """Events that are over."""
        things = self._stage.find(planes)
        over = []
        for kind in OBJECT_KINDS:
            found = [thing for thing in things if thing.kind == kind]
            known = self._open.get(kind)
            if found:
                self._open[kind] = _grown(known, found, at)
            elif known is not None and at - known.last_at >= CALM_S:
                over.append(self._open.pop(kind))
        return over

    def close(self) -> list[Seen]:
        """Events that still go on."""
        still, self._open = list(self._open.values()), {}
        return still


def _grown(known: Seen | None, found: list[Thing], at: float) -> Seen:
    surest = max(found, key=lambda thing: thing.score)
    if known is None:
        return Seen(surest.kind, at, at, surest, len(found))
    surest = max(known.surest, surest, key=lambda thing: thing.score)
    return replace(known, last_at=at, surest=surest, most=max(known.most, len(found)))
