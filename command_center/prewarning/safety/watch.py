"""Watches who on duty stays without movement alone, asks him, and gives up when he does not answer."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from command_center.ingest.plausible import approximate_m
from command_center.ingest.position import Position
from command_center.prewarning.opening import Spot
from command_center.prewarning.rules import LoneRules, Rules
from command_center.prewarning.safety import commands
from command_center.prewarning.safety.queries import open_questions, with_page
from command_center.prewarning.safety.tables import SafetyRow
from command_center.timeline import Timeline

Lonlat = tuple[float, float]
SpotOf = Callable[[str, Lonlat], Spot | None]


@dataclass(slots=True)
class Lone:
    """Whether somebody alone has not moved for too long. Pure: fed with places in order of time."""

    rules: LoneRules
    anchor: Lonlat | None = None
    since_s: float = 0.0
    asked: bool = False

    def feed(self, at_s: float, lonlat: Lonlat, *, accompanied: bool, at_post: bool) -> Literal["ask", "moved"] | None:
        """Note a place; whether to ask now, or that one who was asked moves again."""
        reach_m = self.rules.still_m * (2.0 if self.asked else 1.0)
        if self.anchor is None or approximate_m(*self.anchor, *lonlat) > reach_m:
            moved, self.asked = self.asked, False
            self.anchor, self.since_s = lonlat, at_s
            return "moved" if moved else None
        if self.asked:
            return None
        if accompanied:
            self.since_s = at_s
        elif at_s - self.since_s >= (self.rules.post_s if at_post else self.rules.ask_s):
            self.asked = True
            return "ask"
        return None

    def answered(self, at_s: float) -> None:
        """He says that he is safe: it counts from the beginning."""
        self.asked, self.since_s = False, at_s


@dataclass(frozen=True, slots=True)
class Company:
    """Who and what is around a person: others of the forces, and his duty or a known place."""

    accompanied: bool
    at_post: bool


class LoneWatch:
    """Part of the watch over rounds; fed with each new position of somebody on duty, then stepped.

    Args:
        timeline: of the hall.
        spot_of: name and area for an alert about a person.
        rules: what becomes what.
    """

    def __init__(self, timeline: Timeline, *, spot_of: SpotOf, rules: Rules) -> None:
        self._timeline = timeline
        self._spot_of = spot_of
        self._rules = rules
        self._lone: dict[str, Lone] = {}
        self._open: dict[str, SafetyRow] = {}

    def begin(self, now: datetime) -> None:
        """See what became of the questions: answered ones, and those asked before a restart."""
        with self._timeline.reading() as session:
            rows = {row.person_id: row for row in open_questions(session)}
            session.expunge_all()
        for person_id in self._open.keys() - rows.keys():
            if person_id in self._lone:
                self._lone[person_id].answered(now.timestamp())
        for person_id, row in rows.items():
            if person_id not in self._lone:
                self._lone[person_id] = Lone(self._rules.lone, (row.lon, row.lat), row.still_since.timestamp(), True)
        self._open = rows

    def look(self, position: Position, on_duty: str, company: Company) -> None:
        """Note where somebody on duty is; ask him, or close the question where he moves again."""
        person_id, lonlat = position.person_id, (position.lon, position.lat)
        lone = self._lone.setdefault(person_id, Lone(self._rules.lone))
        at_s = position.at.timestamp()
        news = lone.feed(at_s, lonlat, accompanied=company.accompanied, at_post=company.at_post)
        if news == "ask":
            self._ask(person_id, lonlat, on_duty, lone)
        elif news == "moved" and person_id in self._open:
            self._close(self._open.pop(person_id), "moved")

    def end(self, now: datetime, on_duty: Collection[str]) -> None:
        """Give up on who did not answer, and forget who is no longer on duty."""
        for row in list(self._open.values()):
            if row.state == "asked" and row.person_id not in on_duty:
                self._close(self._open.pop(row.person_id), "ended")
            elif row.state == "asked" and now >= row.answer_by:
                self._give_up(row)
        for person_id in self._lone.keys() - on_duty - self._open.keys():
            del self._lone[person_id]

    def _ask(self, person_id: str, lonlat: Lonlat, on_duty: str, lone: Lone) -> None:
        spot = self._spot_of(person_id, lonlat)
        with self._timeline.reading() as session:
            can_answer = bool(with_page(session, [person_id]))
        if spot is None or not can_answer:
            # Nobody could answer: that he stands still is told by itself, and later.
            lone.answered(lone.since_s + self._rules.lone.ask_s)
            return
        since = datetime.fromtimestamp(lone.since_s, UTC)
        with self._timeline.transaction() as tx:
            row = commands.ask(
                tx,
                person_id=person_id,
                on_duty=on_duty,
                spot=spot,
                still_since=since,
                answer_s=self._rules.lone.answer_s,
            )
        self._open[person_id] = row

    def _give_up(self, row: SafetyRow) -> None:
        spot = self._spot_of(row.person_id, (row.lon, row.lat))
        if spot is None:
            return
        with self._timeline.transaction() as tx:
            commands.give_up(tx, id=row.id, spot=spot, rules=self._rules)

    def _close(self, row: SafetyRow, state: str) -> None:
        with self._timeline.transaction() as tx:
            commands.close(tx, id=row.id, state=state)
