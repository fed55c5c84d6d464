"""One simulated camera: goes through its scene group by group, and into trouble when told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from video.simulator.packing import PackedUnit, pack
from video.simulator.segments import Unit, Variant
from video.sources.h264 import ParameterSets

TroubleKind = Literal["covered", "frozen", "lost", "person"]
TROUBLES: tuple[TroubleKind, ...] = get_args(TroubleKind)
PackedGroup = list[PackedUnit]


class NoSuchTrouble(ValueError):
    """The camera or the kind of trouble does not exist."""


@dataclass
class PackedVariant:
    """A scene ready to be sent, shared by all cameras that show it."""

    name: str
    parameters: ParameterSets
    zone: tuple[tuple[float, float], ...]
    segments: dict[str, list[PackedGroup]]
    still: list[PackedUnit] = field(default_factory=list)


def pack_variant(variant: Variant, still: Sequence[Unit]) -> PackedVariant:
    """Packetise everything once; `still` are the units that repeat a picture."""
    segments = {
        name: [
            [pack(unit, variant.parameters if at == 0 else None) for at, unit in enumerate(group)] for group in groups
        ]
        for name, groups in variant.segments.items()
    }
    return PackedVariant(variant.name, variant.parameters, variant.zone, segments, [pack(unit, None) for unit in still])


@dataclass(frozen=True)
class Change:
    """Something began or ended on a camera: a line of the ground truth."""

    camera: int
    kind: TroubleKind
    event: Literal["start", "end"]
    at: float


class SimulatedCamera:
    """Steps through groups of pictures; every change of what is shown happens between two groups."""

    def __init__(self, index: int, variant: PackedVariant, *, first_group: int) -> None:
        self.index = index
        self.variant = variant
        self.lost = False
        self._quiet = first_group % len(variant.segments["quiet"])
        self._place = 0
        self._group: PackedGroup = variant.segments["quiet"][self._quiet]
        self._at = 0
        self._kind: TroubleKind | None = None
        self._until = 0.0
        self._shown: TroubleKind | None = None

    def trouble(self, kind: TroubleKind, until: float) -> None:
        """Go into trouble at the next group and stay in it up to `until` (epoch seconds).

        Raises:
            NoSuchTrouble: this scene has nowhere for a person to trespass.
        """
        if kind == "person" and "person" not in self.variant.segments:
            raise NoSuchTrouble(f"camera {self.index + 1} has no zone that a person could cross")
        self._kind, self._until = kind, until

    def step(self, now: float) -> tuple[PackedUnit | None, Change | None]:
        """The next picture (None while the camera is lost), and what changed with it."""
        change = None
        if self._at == 0:
            change = self._turn(now)
        unit = None if self.lost else self._group[self._at]
        self._at = (self._at + 1) % len(self._group)
        return unit, change

    def _turn(self, now: float) -> Change | None:
        """Choose the next group; at most one change is told per turn."""
        if self._kind is not None and now >= self._until:
            self._kind = None
        before, self._shown = self._shown, self._kind
        if before is not None and before != self._shown:
            # The end of one trouble takes a quiet group of its own before another begins.
            self._shown = None
        self.lost = self._shown == "lost"
        self._group = self._choose(before)
        if before == self._shown:
            return None
        kind = self._shown or before
        assert kind is not None
        return Change(self.index, kind, "start" if self._shown else "end", now)

    def _choose(self, before: TroubleKind | None) -> PackedGroup:
        if self._shown == "frozen":
            return [self._group[0], *self.variant.still]
        if self._shown in ("covered", "person"):
            groups = self.variant.segments[self._shown]
            self._place = (self._place + 1) % len(groups) if before == self._shown else 0
            return groups[self._place]
        quiet = self.variant.segments["quiet"]
        if before == "person":
            # The walk is filmed over the start of the loop: go on where it stopped.
            self._quiet = self._place
        self._quiet = (self._quiet + 1) % len(quiet)
        return quiet[self._quiet]
