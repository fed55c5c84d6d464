"""Which signal becomes which alert, how grave it is, and how soon somebody must look. Pure; the table is rules.json."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

LEVELS = (1, 2, 3, 4)


class BadRules(ValueError):
    """The table of rules says something impossible."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a signal of one kind becomes. `level` 1 to 4 is 红 橙 黄 蓝; `category` is suggested, not decided.

    `hold_s` is how long the signal must have lasted before anybody is told. `alarm` has AlarmMethod, AlarmType and
    EventType of GB/T 28181 as `method`, `type` and `event`; `catalogue` is the event of its device catalogue.
    """

    kind: str
    name: str
    level: int
    category: str
    hold_s: float = 0.0
    alarm: Mapping[str, str] = field(default_factory=dict)
    catalogue: str | None = None

    def detail(self) -> dict[str, Any]:
        """What every alert of this rule carries."""
        codes = {"alarm": {**self.alarm, "catalogue": self.catalogue}} if self.alarm else {}
        return {"category": self.category, **codes}


@dataclass(frozen=True, slots=True)
class RoundRules:
    """When somebody on duty is told to leave it, or to stand still alone.

    Attributes:
        away_m, away_s: beyond this distance for so long, while he has moved away by `back_m`; coming back by `back_m`
            ends it.
        still_m, still_s: within this distance for so long.
        near_m: another person, a known place or the duty itself this near is no reason to worry.
    """

    away_m: float
    back_m: float
    away_s: float
    still_m: float
    still_s: float
    near_m: float


@dataclass(frozen=True, slots=True)
class LoneRules:
    """When somebody alone on duty is asked whether he is safe.

    Attributes:
        still_m: moving no further than that is no movement.
        ask_s: alone and without movement for so long; `post_s` where he is at his duty or a known place.
        answer_s: so long he has to answer.
    """

    still_m: float
    ask_s: float
    post_s: float
    answer_s: float


@dataclass(frozen=True, slots=True)
class GroupRule:
    """When cameras that share something went wrong together: at least so many, and at least this share of them."""

    by: str
    name: str
    least: int
    share: float

    def is_met(self, count: int, size: int) -> bool:
        return count >= max(self.least, self.share * size)


@dataclass(frozen=True, slots=True)
class NaturalRule:
    """Kinds that dusk, dawn and weather bring to a whole area: many within `together_s` are no fault.

    A camera that is still so `again_s` later, when most of the others are not, has a fault of its own.
    """

    kinds: frozenset[str]
    by: tuple[str, ...]
    together_s: float
    least: int
    share: float
    again_s: float

    def is_met(self, count: int, size: int) -> bool:
        return count >= max(self.least, self.share * size)


@dataclass(frozen=True, slots=True)
class FleetRules:
    """What makes many signals one incident: each follows the one before within `together_s`.

    From `grave_from` cameras on an incident is orange.
    """

    together_s: float
    grave_from: int
    groups: tuple[GroupRule, ...]
    natural: NaturalRule


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole table.

    Attributes:
        signals: rule by signal kind; kinds that are not here raise nothing.
        telemetry: kinds that only measure.
        duties: rule by the state of a duty of a point, `_line` behind it for one of a line.
        findings: rule by what an eye on video patrol found.
        persons: rule for what befalls one of the forces.
        rounds: when somebody leaves his duty or stands still.
        lone: when somebody alone is asked whether he is safe.
        incidents: rule for feeds `loss` and for `quality` gone wrong together.
        fleet: when that is so.
        verify_s: seconds to verify (T-VERIFY), by level.
        reasons: names of the reasons for a false alarm, by code.
        industry: the three digits of industry in the alert's code.
    """

    signals: Mapping[str, Rule]
    telemetry: frozenset[str]
    duties: Mapping[str, Rule]
    findings: Mapping[str, Rule]
    persons: Mapping[str, Rule]
    rounds: RoundRules
    lone: LoneRules
    incidents: Mapping[str, Rule]
    fleet: FleetRules
    verify_s: Mapping[int, float]
    reasons: Mapping[str, str]
    industry: str

    def verify_by(self, level: int, raised_at: datetime) -> datetime:
        """When the alert must have been verified."""
        return raised_at + timedelta(seconds=self.verify_s[level])

    def all(self) -> tuple[Rule, ...]:
        tables = (self.signals, self.duties, self.findings, self.persons, self.incidents)
        return tuple(rule for table in tables for rule in table.values())

    def name_of(self, kind: str) -> str:
        """The Chinese name of an alert kind."""
        return {rule.kind: rule.name for rule in self.all()}[kind]

    def incident_of(self, kind: str) -> Rule:
        """The rule for an incident of signals of a kind."""
        return self.incidents["loss" if kind == "signal_loss" else "quality"]


def parse_rules(body: bytes) -> Rules:
    """Read a table of rules.

    Raises:
        BadRules: a level outside 1 to 4, or a level without a time to verify.
    """
    table: dict[str, Any] = orjson.loads(body)
    rules = Rules(
        signals={kind: Rule(**rule) for kind, rule in table["signals"].items()},
        telemetry=frozenset(table["telemetry"]),
        duties={state: Rule(**rule) for state, rule in table["duties"].items()},
        findings={finding: Rule(**rule) for finding, rule in table["findings"].items()},
        persons={kind: Rule(**rule) for kind, rule in table["persons"].items()},
        rounds=RoundRules(**table["rounds"]),
        lone=LoneRules(**table["lone"]),
        incidents={name: Rule(**rule) for name, rule in table["incidents"].items()},
        fleet=_fleet(table["fleet"]),
        verify_s={int(level): float(seconds) for level, seconds in table["verify_s"].items()},
        reasons=table["reasons"],
        industry=table["industry"],
    )
    for rule in rules.all():
        if rule.level not in LEVELS or rule.level not in rules.verify_s:
            raise BadRules(f"{rule.kind} has level {rule.level}")
    return rules


def _fleet(table: dict[str, Any]) -> FleetRules:
    natural = {**table["natural"], "kinds": frozenset(table["natural"]["kinds"]), "by": tuple(table["natural"]["by"])}
    groups = tuple(GroupRule(**group) for group in table["groups"])
    return FleetRules(table["together_s"], table["grave_from"], groups, NaturalRule(**natural))


def subject_of_signal(camera_id: str, kind: str) -> str:
    """What two signals must share to be one alert."""
    return f"camera:{camera_id}:{kind}"


def subject_of_duty(duty_id: str) -> str:
    return f"duty:{duty_id}"


def subject_of_finding(mark_id: str) -> str:
    return f"finding:{mark_id}"


def subject_of_person(person_id: str, kind: str) -> str:
    return f"person:{person_id}:{kind}"


def subject_of_group(by: str, key: str, kind: str) -> str:
    """What two incidents must share to be one alert."""
    return f"fleet:{by}:{key}:{kind}"


RULES = parse_rules((Path(__file__).parent / "rules.json").read_bytes())
