"""Conditions that a step must meet besides the state, by the names machine.json uses. Pure.

Each returns the error to raise, or None. Rows are those of the machine's table.
"""

from collections.abc import Callable, Mapping

from command_center.response.engine.doing import Doing
from command_center.response.engine.guards.closing import CLOSING
from command_center.response.engine.guards.common import Guard
from command_center.response.engine.guards.handling import HANDLING
from command_center.response.engine.guards.intake import INTAKE
from command_center.response.engine.guards.together import TOGETHER

GUARDS: Mapping[str, Guard] = {**INTAKE, **HANDLING, **TOGETHER, **CLOSING}


def _urgent(doing: Doing) -> bool:
    """Whether nobody has to agree first, because life is in danger."""
    return doing.case.priority == "P0"


CONDITIONS: Mapping[str, Callable[[Doing], bool]] = {"urgent": _urgent}
