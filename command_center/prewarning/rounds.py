"""Watches people on a duty or a round: who leaves it, and who stands still alone. Proposes alerts; officers decide.

Each condition must last before it is told and must be plainly over before it is cleared, so that nothing flaps. Silence
is neither: a device that says nothing has its own cause in the ledger.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select

from command_center.ingest.plausible import approximate_m
from command_center.ingest.position import Position
from command_center.patrol.plans.under_way import PlannedRounds
from command_center.prewarning.errands import Errand, errands
from command_center.prewarning.opening import Sighting, Spot, clear, raise_or_repeat
from command_center.prewarning.rules import RULES, RoundRules, Rules, subject_of_person
from command_center.prewarning.safety.watch import Company, LoneWatch
from command_center.prewarning.tables import OPEN_STATES, AlertRow
from command_center.timeline import Timeline
from gis.metric import distances_m

# Where a person is, from his id and the place: name, area, lonlat.
SpotOf = Callable[[str, tuple[float, float]], Spot | None]
Lonlat = tuple[float, float]

FRESH = timedelta(seconds=120)
WATCHED = ("off_route", "stop_too_long")


@dataclass(slots=True)
class Leaving:
    """Whether somebody moves away from his duty. Pure: fed with distances in order of time."""

    rules: RoundRules
    closest_m: float = float("inf")
    farthest_m: float = 0.0
    since_s: float | None = None
    told: bool = False

    def feed(self, at_s: float, metres: float) -> bool:
        """Note a distance; whether it is to be told now."""
        self.closest_m = min(self.closest_m, metres)
        self.farthest_m = max(self.farthest_m, metres)
        rules = self.rules
        if self.told:
            if metres <= rules.away_m or metres <= self.farthest_m - rules.back_m:
                self.told, self.since_s, self.closest_m, self.farthest_m = False, None, metres, metres
            return self.told
        if metres > rules.away_m and metres >= self.closest_m + rules.back_m:
            self.since_s = at_s if self.since_s is None else self.since_s
            self.told = at_s - self.since_s >= rules.away_s
            # Coming back is reckoned from here on: he may have come from farther away before.
            self.farthest_m = metres
        else:
            self.since_s = None
        return self.told


@dataclass(slots=True)
class Standing:
    """Whether somebody stands still. Pure: fed with places in order of time."""

    rules: RoundRules
    anchor: Lonlat | None = None
    since_s: float = 0.0
    told: bool = False

    def feed(self, at_s: float, lon: float, lat: float, *, cared_for: bool) -> bool:
        """Note a place; whether it is to be told now. `cared_for`: others are near, or the place is a known one."""
        reach_m = self.rules.still_m * (2.0 if self.told else 1.0)
        if self.anchor is None or approximate_m(*self.anchor, lon, lat) > reach_m:
            self.anchor, self.since_s, self.told = (lon, lat), at_s, False
        elif cared_for and not self.told:
            self.since_s = at_s
        elif at_s - self.since_s >= self.rules.still_s:
            self.told = True
        return self.told


@dataclass(slots=True)
class _Person:
    leaving: dict[str, Leaving] = field(default_factory=dict)
    standing: Standing | None = None
    seen_at: datetime | None = None


class Rounds:
    """One per hall; to be stepped by a worker every few seconds.

    Args:
        timeline: of the hall.
        latest: the newest position of each person heard of, with the person's area.
        spot_of: name and area for an alert about a person.
        known: places where standing still is no trouble: bases, posts, mandatory points.
        rules: what becomes what.
    """

    def __init__(
        self,
        timeline: Timeline,
        *,
        latest: Callable[[], list[tuple[Position, str]]],
        spot_of: SpotOf,
        known: Callable[[], Iterable[Lonlat]],
        rules: Rules = RULES,
    ) -> None:
        self._timeline = timeline
        self._latest = latest
        self._spot_of = spot_of
        self._known = known
        self._rules = rules
        self._persons: dict[str, _Person] = {}
        self._told: set[tuple[str, str]] | None = None
        self._planned = PlannedRounds()
        self._lone = LoneWatch(timeline, spot_of=spot_of, rules=rules)

    def step(self) -> bool:
        """Look at everybody on an open duty once."""
        now = self._timeline.now()
        if self._told is None:
            self._told = self._told_before()
        self._lone.begin(now)
        found = self._errands(now)
        positions = {one.person_id: one for one, _ in self._latest() if now - one.at <= FRESH}
        known = np.array(list(self._known())).reshape(-1, 2) if found else np.empty((0, 2))
        for person_id in {*self._persons, *(one for one, _ in self._told)}:
            if person_id not in found:
                self._let_go(person_id, now)
        for person_id, own in found.items():
            position = positions.get(person_id)
            person = self._persons.setdefault(person_id, _Person(standing=Standing(self._rules.rounds)))
            if position is None or position.at == person.seen_at:
                continue
            person.seen_at = position.at
            company = self._company(position, positions, known, own)
            self._look(person, position, own, cared_for=company.accompanied or company.at_post)
            self._lone.look(position, own[0].duty_id, company)
        self._lone.end(now, found.keys())
        return False

    def _told_before(self) -> set[tuple[str, str]]:
        """What was told before a restart and is not over."""
        query = select(AlertRow.detail, AlertRow.kind).where(AlertRow.kind.in_(WATCHED), AlertRow.cleared_at.is_(None))
        with self._timeline.reading() as db:
            rows = db.execute(query.where(AlertRow.state.in_(OPEN_STATES))).all()
        return {(detail["person_id"], kind) for detail, kind in rows}

    def _errands(self, now: datetime) -> dict[str, list[Errand]]:
        with self._timeline.reading() as db:
            return errands(db, now, self._planned)

    def _look(self, person: _Person, position: Position, errands: list[Errand], *, cared_for: bool) -> None:
        at_s = position.at.timestamp()
        person.leaving = {one.duty_id: person.leaving.get(one.duty_id, Leaving(self._rules.rounds)) for one in errands}
        # Somebody with several duties may go from one to the other: he leaves only if he moves away from all.
        away = [person.leaving[one.duty_id].feed(at_s, one.distance_m(position.lon, position.lat)) for one in errands]
        self._tell("off_route", position, all(away), errands[0].duty_id)
        assert person.standing is not None
        stands = person.standing.feed(at_s, position.lon, position.lat, cared_for=cared_for)
        self._tell("stop_too_long", position, stands, errands[0].duty_id)

    def _company(
        self, position: Position, positions: Mapping[str, Position], known: np.ndarray, own: list[Errand]
    ) -> Company:
        near_m = self._rules.rounds.near_m
        place = (position.lon, position.lat)
        at_post = any(one.distance_m(*place) <= near_m for one in own)
        at_post = at_post or (len(known) > 0 and float(distances_m(known, place).min()) <= near_m)
        accompanied = any(
            other.person_id != position.person_id and approximate_m(*place, other.lon, other.lat) <= near_m
            for other in positions.values()
        )
        return Company(accompanied, at_post)

    def _tell(self, kind: str, position: Position, holds: bool, duty_id: str) -> None:
        person_id, lonlat = position.person_id, (position.lon, position.lat)
        key = (person_id, kind)
        assert self._told is not None
        if holds == (key in self._told):
            return
        subject = subject_of_person(person_id, kind)
        spot, rule = self._spot_of(person_id, lonlat), self._rules.persons[kind]
        with self._timeline.transaction() as tx:
            if not holds:
                clear(tx, subject, None, position.at)
            elif spot is not None:
                detail = {"person_id": person_id, "on_duty": duty_id, **rule.detail()}
                sighting = Sighting(rule, subject, spot, detail, position.at, position.received_at)
                raise_or_repeat(tx, sighting, self._rules)
        (self._told.add if holds else self._told.discard)(key)

    def _let_go(self, person_id: str, now: datetime) -> None:
        """The duty is over: what was told of it is over too."""
        self._persons.pop(person_id, None)
        assert self._told is not None
        for kind in WATCHED:
            if (person_id, kind) in self._told:
                with self._timeline.transaction() as tx:
                    clear(tx, subject_of_person(person_id, kind), None, now)
                self._told.discard((person_id, kind))
