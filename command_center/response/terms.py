"""When things of a category are due: the catalogue's terms as instants."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from command_center.registry.clocks import LOCAL, due_at, parse_term
from command_center.registry.queries import WorkCalendar


class CategoryLike(Protocol):
    """A category of the catalogue; terms as `registry.clocks.parse_term` reads them."""

    @property
    def code(self) -> str: ...
    @property
    def priority(self) -> str: ...
    @property
    def accept(self) -> str: ...
    @property
    def arrive(self) -> str: ...
    @property
    def resolve(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Due:
    """Instants until which an order is to be taken, somebody is to be there, and the matter is to be resolved.

    Attributes:
        arrive: None where nobody has to be there by a time.
        basis: terms by order of the instants, and whether the year's holidays were known.
    """

    receive: datetime
    arrive: datetime | None
    resolve: datetime
    basis: str


class Terms:
    """The catalogue as response uses it; immutable."""

    def __init__(self, categories: Iterable[CategoryLike]) -> None:
        self._categories = {category.code: category for category in categories}

    def category(self, code: str) -> CategoryLike | None:
        """The category, or None if there is none with that code."""
        return self._categories.get(code)

    def due(self, code: str, start: datetime, calendar: WorkCalendar) -> Due:
        """When things of a category are due, counted from `start`.

        Raises:
            KeyError: there is no such category.
        """
        category = self._categories[code]
        receive, arrive, resolve = (
            _instant(term, start, calendar) for term in (category.accept, category.arrive, category.resolve)
        )
        if resolve is None:
            raise KeyError(f"category {code} has no term to resolve")
        known = "" if calendar.is_arranged(resolve.astimezone(LOCAL).year) else " no-calendar"
        basis = f"{category.accept}/{category.arrive}/{category.resolve}{known}"
        return Due(receive or resolve, arrive, resolve, basis)


def _instant(term: str, start: datetime, calendar: WorkCalendar) -> datetime | None:
    parsed = parse_term(term)
    return None if parsed is None else due_at(start, parsed, calendar)
