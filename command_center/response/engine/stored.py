"""A case as JSON and back, for the row it lies in. Pure."""

from typing import Any

from pydantic import TypeAdapter

from command_center.response.engine.case import Case

_CASE = TypeAdapter(Case)


def to_json(case: Case) -> dict[str, Any]:
    """A case as plain JSON values, sets sorted."""
    stored: dict[str, Any] = _sorted(_CASE.dump_python(case, mode="json"), case)
    return stored


def from_json(stored: Any) -> Case:
    """The case that was stored; instants in UTC.

    Raises:
        ValueError: it is not what `to_json` gives.
    """
    return _CASE.validate_python(stored)


def _sorted(stored: dict[str, Any], case: Case) -> dict[str, Any]:
    return {key: sorted(value) if isinstance(getattr(case, key), frozenset) else value for key, value in stored.items()}
