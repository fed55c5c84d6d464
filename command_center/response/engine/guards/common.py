"""What all conditions of steps are made of. Pure."""

from collections.abc import Callable

from command_center.errors import BadInput, YipingError
from command_center.response.engine.doing import Doing

Guard = Callable[[Doing], YipingError | None]

URGENT = ("P0", "P1")


def needs(key: str, *names: str) -> Guard:
    """Refuse a step that came without any of these texts."""
    return lambda doing: None if any(doing.said(name) for name in names) else BadInput(key)


def listed(key: str, name: str, words: tuple[str, ...]) -> Guard:
    """Refuse a text that is not one of those known."""

    def guard(doing: Doing) -> YipingError | None:
        return None if doing.said(name) in words else BadInput(key, known="、".join(words))

    return guard
