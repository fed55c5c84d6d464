"""What is wrong with a description, as an answer that names every fault at its place."""

from collections.abc import Iterable
from typing import Any

from typing_extensions import TypedDict

from command_center.errors import BadInput
from command_center.response.engine.words import Problem


class ProblemView(TypedDict):
    """`where`: a key of the description with dots, a state or an action."""

    code: str
    where: str
    text: str


def problem_views(problems: Iterable[Problem], language: str) -> list[ProblemView]:
    """Faults in the reader's language, in the order in which they were found, each once."""
    seen: dict[tuple[str, str, str], ProblemView] = {}
    for one in problems:
        text = one.text(language)
        seen.setdefault((one.key, one.where, text), {"code": one.key, "where": one.where, "text": text})
    return list(seen.values())


class Faulty(BadInput):
    """A description that could not be worked by; `problems` of the answer lists all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("way_faulty", count=len(self.problems))

    def text(self, language: str) -> str:
        listed = "；" if language == "zh" else "; "
        return super().text(language) + listed.join(one["text"] for one in problem_views(self.problems, language))

    def more(self, language: str) -> dict[str, Any]:
        return {"problems": problem_views(self.problems, language)}
