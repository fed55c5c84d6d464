from typing import Any

import orjson
import pytest

from command_center.response.guards import GUARDS
from command_center.response.machine import ORDER_MACHINE, BadMachine, Refused, parse_machine


def test_every_guard_of_the_table_exists() -> None:
    assert {name for row in ORDER_MACHINE.rows.values() for name in row.guards} <= set(GUARDS)


def test_every_state_has_an_action_or_is_an_end() -> None:
    for state in ORDER_MACHINE.names:
        assert (state in ORDER_MACHINE.ends) == (ORDER_MACHINE.allowed(state) == [])


def test_what_is_not_in_the_table_is_refused_with_what_is() -> None:
    with pytest.raises(Refused) as refused:
        ORDER_MACHINE.step("sent", "done")
    assert refused.value.allowed == ["accept", "decline"]
    assert ORDER_MACHINE.allowed("sent", lambda verb: verb == "case.resolve") == []


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"from": ["A"], "action": "go", "to": "C"}, "unknown name"),
        ({"from": ["A"], "action": "fly", "to": "B"}, "unknown name"),
        ({"from": ["A"], "action": "go", "to": "B"}, "two rows"),
    ],
)
def test_a_table_with_a_slip_is_refused(row: dict[str, object], problem: str) -> None:
    with pytest.raises(BadMachine, match=problem):
        parse_machine(_table(row))


def test_a_table_with_a_dead_end_is_refused() -> None:
    table = _table()
    table["states"]["D"] = "死路"
    with pytest.raises(BadMachine, match="D cannot be reached"):
        parse_machine(table)
    table["transitions"].append({"from": ["A"], "action": "turn", "to": "D", "verb": "v"})
    with pytest.raises(BadMachine, match="nobody can do anything in D"):
        parse_machine(table)
    table["transitions"].append({"from": ["D"], "action": "turn", "to": "D", "verb": "v"})
    with pytest.raises(BadMachine, match="no end can be reached from D"):
        parse_machine(table)


def _table(*rows: dict[str, object]) -> Any:
    table = {
        "start": "A",
        "ends": ["B"],
        "states": {"A": "甲", "B": "乙"},
        "actions": {"go": "走", "turn": "转"},
        "transitions": [{"from": ["A"], "action": "go", "to": "B", "verb": "v"}, *rows],
    }
    return orjson.loads(orjson.dumps(table))
