"""Which signal becomes which alert, how grave it is, and how soon somebody must look. Pure; the table is rules.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

LEVELS = (1, 2, 3, 4)


class BadRules(ValueError):
    """The table of rules says something impossible."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a signal of one kind becomes. `level` 1 to 4 is 红 橙 黄 蓝; `category` is suggested, not decided."""

    kind: str
    name: str
    level: int
    category: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole table.

    Attributes:
        signals: rule by signal kind; kinds that are not here raise nothing.
        duties: rule by the state of a duty.
        verify_s: seconds to verify (T-VERIFY), by level.
        reasons: names of the reasons for a false alarm, by code.
        industry: the three digits of industry in the alert's code.
    """

    signals: Mapping[str, Rule]
    duties: Mapping[str, Rule]
    verify_s: Mapping[int, float]
    reasons: Mapping[str, str]
    industry: str

    def verify_by(self, level: int, raised_at: datetime) -> datetime:
        """When the alert must have been verified."""
        return raised_at + timedelta(seconds=self.verify_s[level])

    def name_of(self, kind: str) -> str:
        """The Chinese name of an alert kind."""
        names = {rule.kind: rule.name for rule in (*self.signals.values(), *self.duties.values())}
        return names[kind]


def parse_rules(body: bytes) -> Rules:
    """Read a table of rules.

    Raises:
        BadRules: a level outside 1 to 4, or a level without a time to verify.
    """
    table: dict[str, Any] = orjson.loads(body)
    rules = Rules(
        signals={kind: Rule(**rule) for kind, rule in table["signals"].items()},
        duties={state: Rule(**rule) for state, rule in table["duties"].items()},
        verify_s={int(level): float(seconds) for level, seconds in table["verify_s"].items()},
        reasons=table["reasons"],
        industry=table["industry"],
    )
    for rule in (*rules.signals.values(), *rules.duties.values()):
        if rule.level not in LEVELS or rule.level not in rules.verify_s:
            raise BadRules(f"{rule.kind} has level {rule.level}")
    return rules


def subject_of_signal(camera_id: str, kind: str) -> str:
    """What two signals must share to be one alert. Signals lost together behind one recorder would share it here."""
    return f"camera:{camera_id}:{kind}"


def subject_of_duty(duty_id: str) -> str:
    return f"duty:{duty_id}"


RULES = parse_rules((Path(__file__).parent / "rules.json").read_bytes())
