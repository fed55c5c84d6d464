"""The state machine of orders to persons. Pure: which action leads where is data, in machine.json."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson


class BadMachine(ValueError):
    """The table is not a machine that can be finished."""


class Refused(Exception):
    """The state does not allow the action."""

    def __init__(self, machine: "Machine", state: str, action: str) -> None:
        super().__init__(f"{action} in {state}")
        self.machine = machine
        self.state = state
        self.action = action
        self.allowed = machine.allowed(state)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. Without a `verb` only the hall itself does it, as an effect of something else."""

    source: str
    action: str
    target: str
    verb: str | None
    guards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """States, actions, and the rows between them.

    Attributes:
        names: Chinese name of each state.
        action_names: Chinese name of each action.
        rows: transition by (state, action); what is not here is refused.
    """

    start: str
    ends: frozenset[str]
    names: Mapping[str, str]
    action_names: Mapping[str, str]
    rows: Mapping[tuple[str, str], Transition]

    def step(self, state: str, action: str) -> Transition:
        """The row for an action.

        Raises:
            Refused: the state does not allow it.
        """
        row = self.rows.get((state, action))
        if row is None:
            raise Refused(self, state, action)
        return row

    def allowed(self, state: str, may: Callable[[str], bool] | None = None) -> list[str]:
        """Actions that somebody (or somebody with `may`) can take in a state, in the order of the table."""
        rows = [row for row in self.rows.values() if row.source == state and row.verb is not None]
        return [row.action for row in rows if may is None or (row.verb is not None and may(row.verb))]

    def reachable(self, start: str, *, without: frozenset[str] = frozenset()) -> frozenset[str]:
        """States that can follow `start` without entering `without`."""
        seen, edge = {start}, [start]
        while edge:
            state = edge.pop()
            for row in self.rows.values():
                if row.source == state and row.target not in seen and row.target not in without:
                    seen.add(row.target)
                    edge.append(row.target)
        return frozenset(seen)

    def check(self) -> None:
        """Refuse a table with a dead end.

        Raises:
            BadMachine: a state cannot be reached, cannot be left, or has no action for anybody.
        """
        reached = self.reachable(self.start)
        for state in self.names:
            if state not in reached:
                raise BadMachine(f"{state} cannot be reached")
            if state not in self.ends and not self.allowed(state):
                raise BadMachine(f"nobody can do anything in {state}")
            if not self.ends & self.reachable(state):
                raise BadMachine(f"no end can be reached from {state}")


def parse_machine(table: Mapping[str, Any]) -> Machine:
    """Build and check one machine of the file.

    Raises:
        BadMachine: see `Machine.check`; or a row names a state or an action that has no name.
    """
    rows: dict[tuple[str, str], Transition] = {}
    for row in table["transitions"]:
        for source in row["from"]:
            made = Transition(source, row["action"], row["to"] or source, row.get("verb"), tuple(row.get("guards", ())))
            if {source, made.target} - set(table["states"]) or made.action not in table["actions"]:
                raise BadMachine(f"unknown name in {made}")
            if (source, made.action) in rows:
                raise BadMachine(f"two rows for {made.action} in {source}")
            rows[source, made.action] = made
    machine = Machine(table["start"], frozenset(table["ends"]), table["states"], table["actions"], rows)
    machine.check()
    return machine


_TABLES = orjson.loads((Path(__file__).parent / "machine.json").read_bytes())
ORDER_MACHINE = parse_machine(_TABLES["order"])
