"""The mode of a center as its screens get it."""

from typing_extensions import TypedDict


class ModeView(TypedDict):
    """`since`, `by`: None as long as nobody ever changed it."""

    war: bool
    reason: str
    since: str | None
    by: str | None
