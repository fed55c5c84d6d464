"""The machine as data and one profile of it: rows, timers and rungs as a center uses them. Immutable, pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from command_center.response.engine.calendar import Span

HERE = Path(__file__).parent
Name = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One way from a state by an action.

    Attributes:
        number: of the row in the domain's table of transitions.
        by: seats that may take it; `system` alone means that the hall does it.
        does: names of the changes it makes, see `changes`.
        approvers: seats that decide on it before it happens; empty if it happens at once.
        unless: name of a condition under which nobody needs to decide.
        auto: the hall takes it as soon as its guards agree.
        order: orders to persons drive it; where a profile says so nobody takes it by hand.
    """

    number: int
    source: str
    action: str
    target: str
    by: frozenset[str]
    guards: tuple[str, ...] = ()
    does: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    runs_on: tuple[str, ...] = ()
    approvers: frozenset[str] = frozenset()
    unless: str | None = None
    auto: bool = False
    order: bool = False

    @property
    def by_hand(self) -> bool:
        return bool(self.by - {"system"})


@dataclass(frozen=True, slots=True)
class TimerRule:
    """How long a clock runs and what its end leads to.

    Attributes:
        term: span by condition ("P0", "channel:12345", "kind:求助", "category", "*"), first match wins.
        once: started anew it keeps its first start.
        pauses: stands still while the case waits.
        rolls: a last day that is off moves to the next working day.
        on_expiry: words of `expiry`.
    """

    name: str
    names: Name
    term: Mapping[str, str]
    once: bool
    pauses: bool
    rolls: bool
    on_expiry: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A condition under which the ladder is climbed by itself."""

    id: str
    step: str
    share: float | None = None
    overdue_days: int | None = None
    after: str | None = None
    span: Span | None = None
    unanswered: str | None = None
    condition: str | None = None
    paper: str | None = None


@dataclass(frozen=True, slots=True)
class LadderStep:
    """提醒 to 通报: who is told, which paper goes out, until when it is to be answered."""

    id: str
    names: Name
    rank: int
    to: str
    paper: str | None
    answer: Span | None


@dataclass(frozen=True, slots=True)
class MediationLevel:
    """One level of mediation; `window` and `attempts` are None where there is no limit."""

    name: str
    window: Span | None
    attempts: int | None


@dataclass(frozen=True, slots=True)
class MediationRule:
    levels: tuple[MediationLevel, ...]
    per_level: bool
    general_limit: Span | None


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A word of the center's own procedure, and the main states it stands for."""

    name: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How often and how far a center lets things go."""

    max_returns: int
    max_pauses: int
    max_pause_days: int
    max_extensions: int
    extend_max: Span | None
    max_rounds: int
    max_tries: int


@dataclass(frozen=True, slots=True)
class Profile:
    """A center's way of working, compiled and checked.

    Attributes:
        rows: the way by (state, action); what is not here is refused.
        states: main states in the order of the machine.
        features: what is switched on: `claim`, `self_close`, `mediation`, `orders_drive`, …
        separation: seats that one person may not hold in the same case.
        approver_triage: who agrees before an order goes out; None if nobody has to.
        labels: the center's own words for actions and rungs.
        seat_names: the center's own words for seats.
        center: settings for other rooms: rhythm, score, channels, posts, …
    """

    id: str
    version: int
    names: Name
    start: str
    path: tuple[str, ...]
    states: Mapping[str, Name]
    ends: frozenset[str]
    rows: Mapping[tuple[str, str], Row]
    timers: Mapping[str, TimerRule]
    ladder: Mapping[str, LadderStep]
    rungs: tuple[Rung, ...]
    limits: Limits
    shown: tuple[ShownStep, ...]
    features: frozenset[str]
    verify_channels: frozenset[str]
    verify_required: frozenset[str]
    simple_matters: frozenset[str]
    separation: frozenset[str]
    approver_triage: str | None
    mediation: MediationRule | None
    papers: tuple[str, ...]
    labels: Mapping[str, str]
    seat_names: Mapping[str, tuple[str, ...]]
    action_names: Mapping[str, Name] = field(default_factory=dict)
    center: Mapping[str, Any] = field(default_factory=dict)

    def row(self, state: str, action: str) -> Row | None:
        return self.rows.get((state, action))

    def allowed(self, state: str, may: Callable[[Row], bool] | None = None) -> list[str]:
        """Actions that somebody (or somebody with `may`) can take by hand in a state, in the order of the table."""
        rows = [row for row in self.rows.values() if row.source == state and row.by_hand]
        return [row.action for row in rows if may is None or may(row)]

    def action_name(self, action: str, language: str = "zh") -> str:
        """The center's word for an action."""
        return self.labels.get(action) or self.action_names[action][language]

    def autos(self, state: str) -> list[Row]:
        """Rows that the hall takes by itself in a state."""
        return [row for row in self.rows.values() if row.source == state and row.auto]

    def reachable(self, start: str, *, without: Iterable[str] = ()) -> frozenset[str]:
        """States that can follow `start` without entering any of `without`."""
        shut = frozenset(without)
        seen, edge = {start}, [start]
        while edge:
            state = edge.pop()
            for row in self.rows.values():
                if row.source == state and row.target not in seen and row.target not in shut:
                    seen.add(row.target)
                    edge.append(row.target)
        return frozenset(seen)

    def shown_step(self, state: str) -> str | None:
        """The center's own word for where a case in a state is."""
        return next((step.name for step in self.shown if state in step.states), None)


@cache
def machine_table() -> Mapping[str, Any]:
    """The one machine, as the file has it."""
    table: Mapping[str, Any] = orjson.loads((HERE / "machine.json").read_bytes())
    return table
