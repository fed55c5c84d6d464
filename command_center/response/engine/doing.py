"""What guards and changes look at while a step is taken. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from command_center.response.engine.calendar import Calendar
from command_center.response.engine.case import SYSTEM, Actor, Case, Event
from command_center.response.engine.description import Profile, Row


@dataclass(frozen=True, slots=True)
class Doing:
    """A step being taken.

    Attributes:
        asked_at: when it was asked for; before `now` where somebody had to decide on it first.
        asked_by: who asked, where it was decided on by somebody else.
    """

    case: Case
    event: Event
    now: datetime
    calendar: Calendar
    profile: Profile
    row: Row
    asked_at: datetime
    asked_by: str | None = None

    @property
    def actor(self) -> Actor:
        return self.event.actor

    @property
    def by_system(self) -> bool:
        return self.event.actor.id == SYSTEM

    def said(self, key: str) -> str:
        """A text that came with the event, "" if none did."""
        value = self.event.body.get(key)
        return value.strip() if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        value = self.event.body.get(key)
        return value if isinstance(value, int) else 0

    def names(self, key: str) -> tuple[str, ...]:
        """Names that came with the event, each once, in their order."""
        value = self.event.body.get(key)
        listed = value if isinstance(value, (list, tuple, set, frozenset)) else ()
        return tuple(dict.fromkeys(name for name in listed if isinstance(name, str) and name))

    def moment(self, key: str) -> datetime | None:
        """An instant that came with the event, as such or in ISO form; None if none did or it has no time zone."""
        value: Any = self.event.body.get(key)
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            return None
        return moment if isinstance(moment, datetime) and moment.tzinfo is not None else None
