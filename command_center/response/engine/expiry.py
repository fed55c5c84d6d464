"""What the end of a clock leads to, by the words machine.json and profiles use. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from command_center.response.engine import mediation
from command_center.response.engine.calendar import Calendar
from command_center.response.engine.case import SYSTEM, Case, Effect, Timer
from command_center.response.engine.description import Profile
from command_center.response.engine.ladder import climb, rank_now

Outcome = tuple[Case, tuple[Effect, ...]]


@dataclass(frozen=True, slots=True)
class Expired:
    """A timer that ran out; `what` is what follows the colon in the word that is acted on."""

    case: Case
    timer: Timer
    what: str
    now: datetime
    calendar: Calendar
    profile: Profile


def _tell(expired: Expired) -> Outcome:
    about = {"seat": expired.what, "about": expired.timer.name, "due_at": expired.timer.due_at}
    return expired.case, (Effect("tell", about),)


def _plain(kind: str) -> Callable[[Expired], Outcome]:
    return lambda expired: (expired.case, (Effect(kind, {"timer": expired.timer.name, "what": expired.what}),))


def _ladder(expired: Expired) -> Outcome:
    """The rungs have instants of their own; here it is only noted that the time is over."""
    return expired.case, (Effect("flag", {"flag": "overdue", "timer": expired.timer.name}),)


def _step(expired: Expired) -> Outcome:
    case, profile = expired.case, expired.profile
    if profile.ladder[expired.what].rank <= rank_now(case, profile):
        return case, ()
    return climb(
        case, profile, expired.what, rung=expired.timer.name, by=SYSTEM, now=expired.now, calendar=expired.calendar
    )


def _next_level(expired: Expired) -> Outcome:
    """The window counts from its own end, however late the keeper is; further windows may be over by now, too."""
    case, effects = mediation.next_level(
        expired.case, expired.profile, expired.timer.due_at, expired.calendar, window_over=True
    )
    case, more = mediation.catch_up(case, expired.profile, expired.now, expired.calendar)
    return case, effects + more


# `do` is carried out by the engine itself, as a step of the hall.
EXPIRY: Mapping[str, Callable[[Expired], Outcome]] = {
    "tell": _tell,
    "suggest_unit": _plain("suggest"),
    "next_candidate": _plain("next_candidate"),
    "second_force": _plain("second_force"),
    "closed": lambda expired: (expired.case, ()),
    "flag": lambda expired: (expired.case, (Effect("flag", {"flag": expired.what, "timer": expired.timer.name}),)),
    "ladder": _ladder,
    "step": _step,
    "next_level": _next_level,
    "do": lambda expired: (expired.case, ()),
}
