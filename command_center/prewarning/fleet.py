"""What goes wrong together: which group of cameras explains many signals best. Pure: values in, values out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from command_center.prewarning.rules import FleetRules, NaturalRule

Lonlat = tuple[float, float]
# A camera of a group that still delivers speaks against the group as the cause twice as much as a lost one for it.
LIVING_WEIGHT = 2


class FleetCamera(Protocol):
    """What is known of a camera's place in the network; empty names where nobody knows."""

    @property
    def id(self) -> str: ...
    @property
    def area(self) -> str: ...
    @property
    def lonlat(self) -> Lonlat: ...
    @property
    def recorder(self) -> str: ...
    @property
    def switch(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Group:
    """Cameras that share a `recorder`, a `switch`, a `village` or the `town`; `key` says which."""

    by: str
    key: str


@dataclass(frozen=True, slots=True)
class GroupSpot:
    """A group as a place for alerts: in the middle of its cameras, in the smallest area that holds them all."""

    name: str
    area: str
    lonlat: Lonlat


@dataclass(frozen=True, slots=True)
class Trouble:
    """One open signal of one camera."""

    camera_id: str
    happened_at: datetime


class Fleet:
    """Which watched cameras belong together. Immutable; made anew when feeds change."""

    def __init__(self, cameras: Iterable[FleetCamera] = (), names: Mapping[str, str] | None = None) -> None:
        """
        Args:
            cameras: those that are watched: others can neither be lost nor speak against it.
            names: names of areas by code.
        """
        self._cameras = {camera.id: camera for camera in cameras}
        self._names = names or {}
        members: defaultdict[Group, set[str]] = defaultdict(set)
        for camera in self._cameras.values():
            for group in self.groups_of(camera.id):
                members[group].add(camera.id)
        self._members: Mapping[Group, frozenset[str]] = {group: frozenset(ids) for group, ids in members.items()}

    def groups_of(self, camera_id: str) -> list[Group]:
        """The groups of a camera, the narrowest first; none for a camera that is not watched."""
        camera = self._cameras.get(camera_id)
        if camera is None:
            return []
        found = (
            Group("recorder", camera.recorder),
            Group("switch", camera.switch),
            Group("village", camera.area[:12] if len(camera.area) >= 12 else ""),
            Group("town", camera.area[:9]),
        )
        return [group for group in found if group.key]

    def members(self, group: Group) -> frozenset[str]:
        return self._members.get(group, frozenset())

    def others(self, camera_ids: Collection[str], group: Group | None, limit: int) -> list[str]:
        """Some watched cameras that are neither among these nor in the group, spread over the list."""
        outside = self.members(group) if group is not None else frozenset()
        ids = [id for id in self._cameras if id not in outside and id not in camera_ids]
        return ids[:: max(1, len(ids) // limit)][:limit] if ids else []

    def spot(self, group: Group, rules: FleetRules) -> GroupSpot:
        """Where an incident of this group is shown."""
        cameras = [self._cameras[id] for id in sorted(self.members(group))]
        lon = sum(camera.lonlat[0] for camera in cameras) / len(cameras)
        lat = sum(camera.lonlat[1] for camera in cameras) / len(cameras)
        area = common_area([camera.area for camera in cameras])
        return GroupSpot(self._name(group, area, rules), area, (round(lon, 6), round(lat, 6)))

    def _name(self, group: Group, area: str, rules: FleetRules) -> str:
        """`一村 录像机 NVR08` for the recorder `…001-NVR08` of that village; areas by their own names."""
        word = next(rule.name for rule in rules.groups if rule.by == group.by)
        if not word:
            return self._names.get(group.key, group.key)
        device = f"{word} {group.key.removeprefix(f'{area}-')}"
        return f"{self._names[area]} {device}" if area in self._names else device


def common_area(codes: Sequence[str]) -> str:
    """The code of the smallest area that holds all of these: county 6 digits, town 9, village 12, grid 15."""
    first, last = min(codes), max(codes)
    same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: max((length for length in (6, 9, 12, 15) if length <= same), default=same)]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A group that went wrong, and the cameras of it that did so in one go."""

    group: Group
    camera_ids: frozenset[str]


def explanation(camera_id: str, troubles: Sequence[Trouble], fleet: Fleet, rules: FleetRules) -> Explanation | None:
    """The group that explains best why this camera and others went wrong, None if it looks alone.

    Args:
        camera_id: the camera in question; it is among the troubles.
        troubles: all signals of one kind that are open now.
    """
    by_rule = {rule.by: rule for rule in rules.groups}
    best: tuple[float, Explanation] | None = None
    for group in fleet.groups_of(camera_id):
        members = fleet.members(group)
        inside = [trouble for trouble in troubles if trouble.camera_id in members]
        together = chained(camera_id, inside, rules.together_s)
        if not by_rule[group.by].is_met(len(together), len(members)):
            continue
        living = len(members) - len({trouble.camera_id for trouble in inside})
        weight = len(together) - LIVING_WEIGHT * living
        if best is None or weight > best[0]:
            best = (weight, Explanation(group, frozenset(together)))
    return best[1] if best is not None else None


def chained(camera_id: str, troubles: Sequence[Trouble], together_s: float) -> set[str]:
    """Cameras that went wrong in one go with this one: each within `together_s` of the one before."""
    ordered = sorted(troubles, key=lambda trouble: trouble.happened_at)
    gap = timedelta(seconds=together_s)
    run: set[str] = set()
    before: datetime | None = None
    for trouble in ordered:
        if before is not None and trouble.happened_at - before > gap:
            if camera_id in run:
                return run
            run = set()
        run.add(trouble.camera_id)
        before = trouble.happened_at
    return run if camera_id in run else set()


def natural_cohort(trouble: Trouble, cohort: Sequence[Trouble], fleet: Fleet, rule: NaturalRule) -> frozenset[str]:
    """The cameras of an area that went the same way in the same minutes: it is the light, not a fault. Else none.

    Args:
        trouble: the camera in question.
        cohort: signals of the same kind, its own among them; to ask again later, those that are still open.
    """
    reach = timedelta(seconds=rule.together_s)
    near = {one.camera_id for one in cohort if abs(one.happened_at - trouble.happened_at) <= reach}
    for group in fleet.groups_of(trouble.camera_id):
        same = near & fleet.members(group)
        if group.by in rule.by and rule.is_met(len(same), len(fleet.members(group))):
            return frozenset(same)
    return frozenset()


def is_still_down(group: Group, open_ids: Collection[str], fleet: Fleet, rules: FleetRules) -> bool:
    """Whether so many of a group are still wrong that the next one of it belongs to the same incident."""
    rule = next(rule for rule in rules.groups if rule.by == group.by)
    members = fleet.members(group)
    return rule.is_met(len(members.intersection(open_ids)), len(members))
