"""What can be wrong with a description of a way of working, said in the reader's language. Pure."""

from dataclasses import dataclass, field
from typing import Any

from command_center.errors import TEXTS


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `key` names its text, `where` the part of the description."""

    key: str
    where: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        return TEXTS[language][self.key].format(where=self.where, **self.params)


class BadProfile(ValueError):
    """The description cannot be worked by; `problems` says all that is wrong with it, not only the first."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        super().__init__(f"{name}: " + "; ".join(problem.text("en") for problem in problems))
        self.name = name
        self.problems = problems
