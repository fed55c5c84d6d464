"""A case as a value: its main state, the regions beside it, and what was asked, counted and promised. Immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from command_center.response.engine.calendar import SpanUnit

ClockState = Literal["RUN", "PAUSED", "STOPPED"]
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something.

    Attributes:
        id: of the person; `system` for what the hall does by itself.
        seats: what the person may act as, in the words of the machine ("intake", "dispatcher", "reviewer", …).
        org: the unit or department acted for; for one of the forces, the person.
    """

    id: str
    seats: frozenset[str]
    org: str = ""


THE_HALL = Actor(SYSTEM, frozenset({SYSTEM}))


@dataclass(frozen=True, slots=True)
class Event:
    """Something done to a case. `body` holds what came with it: a reason, an answer, a unit, a number of papers."""

    action: str
    actor: Actor
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that follows and that the engine does not do itself: tell somebody, write a paper, send an order.

    Attributes:
        kind: `moved`, `back_filled`, `tell`, `paper`, `flag`, `order`, `void_orders`, `answer`, `absorb`, …
    """

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timer:
    """A deadline as an instant that survives every restart.

    Attributes:
        of: what it belongs to when there may be several of the name: a collaboration, a supervision, a round.
        counted_at: the first deadline, before pauses, extensions and days off moved it; never changed.
        paused, extended: ticks of `unit` that were added to it.
        fired_at: when its expiry was acted on; once and never again.
        basis: the span it was computed from, the calendar's version, and years whose days off were not known.
    """

    name: str
    started_at: datetime
    counted_at: datetime
    due_at: datetime
    unit: SpanUnit
    basis: str
    of: str = ""
    rolls: bool = False
    paused: int = 0
    extended: int = 0
    paused_since: datetime | None = None
    stopped_at: datetime | None = None
    fired_at: datetime | None = None

    @property
    def runs(self) -> bool:
        return self.stopped_at is None and self.paused_since is None

    @property
    def pending(self) -> bool:
        """Whether its expiry is still to come."""
        return self.runs and self.fired_at is None


@dataclass(frozen=True, slots=True)
class Approval:
    """A request on which somebody else decides; until then the main state stays.

    Attributes:
        kind: the action that follows a yes.
        said: what came with the request; it is looked at again when the yes comes.
        decision: None while it is open.
    """

    id: str
    kind: str
    by: str
    org: str
    said: Mapping[str, Any]
    asked_at: datetime
    decided_by: str | None = None
    decision: bool | None = None
    decided_at: datetime | None = None
    note: str = ""

    @property
    def is_open(self) -> bool:
        return self.decision is None


@dataclass(frozen=True, slots=True)
class Collaboration:
    """协办、吹哨、会办、专班、联席会议: several may run at once, each with its own clock.

    Attributes:
        required: a case cannot be closed before all units have answered.
        task: what is asked of them; "" where the kind says it all.
        answered: what each unit that answered said.
    """

    id: str
    kind: str
    units: tuple[str, ...]
    required: bool
    opened_at: datetime
    opened_by: str
    task: str = ""
    answered: Mapping[str, str] = field(default_factory=dict)
    closed_at: datetime | None = None

    @property
    def waits(self) -> bool:
        return self.required and self.closed_at is None and set(self.units) - set(self.answered) != set()


@dataclass(frozen=True, slots=True)
class Supervision:
    """One rung taken: 提醒, 催办, 督办, 重点督办, 挂牌督办, 通报."""

    id: str
    rung: str
    step: str
    round: int
    at: datetime
    by: str
    answer_due: bool = False
    answered_at: datetime | None = None
    answer: str = ""
    cleared_by: str | None = None

    @property
    def is_open(self) -> bool:
        return self.answer_due and self.answered_at is None and self.cleared_by is None


@dataclass(frozen=True, slots=True)
class LevelMove:
    """提级 or 下派, with its reason: history is kept."""

    at: datetime
    source: str
    target: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Session:
    """One attempt to mediate.

    Attributes:
        level, number: where, and the how manieth there.
        present: who of the dispute came, by part and not by name; who mediated is in `mediators`.
        lasted: how long, like 6h or 90m; "" where nobody noted it.
    """

    level: int
    number: int
    at: datetime
    kind: str
    result: str
    mediators: tuple[str, ...] = ()
    place: str = ""
    minutes: str = ""
    present: tuple[str, ...] = ()
    lasted: str = ""


@dataclass(frozen=True, slots=True)
class Mediation:
    """The mediation of a case.

    Attributes:
        level: index into the profile's levels.
        flags: what counts against a level: `too_few` where its window ended before its attempts were used.
        agreed_at: when both parties agreed; `perform_by` is the day on which they promised to perform.
        failed_round: the round in which the last level failed, or somebody ended it.
        advice: where the parties were sent then.
    """

    level: int
    level_started_at: datetime
    began_at: datetime
    sessions: tuple[Session, ...] = ()
    flags: tuple[tuple[int, str], ...] = ()
    agreed_at: datetime | None = None
    form: str = ""
    perform_by: datetime | None = None
    performed_at: datetime | None = None
    broken_at: datetime | None = None
    failed_round: int | None = None
    warned_overall: bool = False
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """情况报告: what those above are told while a grave matter goes on: 初报, any number of 续报, 终报."""

    kind: str
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Crowd:
    """People who are on the way: how many, from where, and when they are expected."""

    people: int
    origin: str = ""
    arrives_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A case between two steps.

    Attributes:
        profile, profile_version: the way of working it was opened under, and stays under.
        terms: of its category: `accept`, `arrive`, `resolve`, as the catalogue writes them.
        colour: 1 red to 4 blue, of the warning behind it; 4 where there is none.
        handlers: everybody who took it up; none of them may review or supervise it.
        supervisors: everybody who supervised it.
        evidence: how many photos, clips, records and papers hang on it.
        papers: kinds of mediation papers in its file.
        open_orders: how many persons are still under way for it.
        parties, reporters: whom it concerns, and who gets the answer and may rate.
        rounds start at 1; one more with each time it was sent back, reworked or reopened.
    """

    id: str
    profile: str
    profile_version: int
    state: str
    opened_at: datetime
    category: str = ""
    kind: str = ""
    priority: str = "P2"
    colour: int = 4
    risk: str = ""
    channel: str = ""
    place: str = ""
    text: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)
    contactable: bool = True
    numbered: bool = False
    level: str = "town"
    level_moves: tuple[LevelMove, ...] = ()
    clock: ClockState = "STOPPED"
    timers: tuple[Timer, ...] = ()
    approvals: tuple[Approval, ...] = ()
    collaborations: tuple[Collaboration, ...] = ()
    supervisions: tuple[Supervision, ...] = ()
    mediation: Mediation | None = None
    briefs: tuple[Brief, ...] = ()
    crowd: Crowd | None = None
    first_owner: str | None = None
    dispatcher: str | None = None
    lead: str | None = None
    helpers: tuple[str, ...] = ()
    handlers: frozenset[str] = frozenset()
    supervisors: frozenset[str] = frozenset()
    started: bool = False
    returns: int = 0
    pauses: int = 0
    extensions: int = 0
    round: int = 1
    rebounds: int = 0
    open_orders: int = 0
    evidence: int = 0
    papers: frozenset[str] = frozenset()
    result: str = ""
    answer: str = ""
    resolved_at: datetime | None = None
    rating: int | None = None
    solved: bool | None = None
    cause: str = ""
    tries: int = 0
    repeats: int = 0
    parties: frozenset[str] = frozenset()
    reporters: frozenset[str] = frozenset()
    linked_to: str | None = None
    archived_at: datetime | None = None
    number: int = 0

    def timer(self, name: str, of: str = "") -> Timer | None:
        """The timer of that name, whether it runs or not."""
        return next((one for one in self.timers if one.name == name and one.of == of), None)

    def open_approval(self, kind: str) -> Approval | None:
        return next((one for one in self.approvals if one.kind == kind and one.is_open), None)

    @property
    def supervision(self) -> str:
        """The S region: the step of this round that was taken last, CLEARED after 销号, else NONE."""
        taken = [one for one in self.supervisions if one.round == self.round]
        if not taken:
            return "NONE"
        return "CLEARED" if taken[-1].cleared_by is not None else taken[-1].step
