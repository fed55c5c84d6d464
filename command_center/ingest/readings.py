"""How devices spell times, measures and yes or no; shared by the drivers. Anything else raises ValueError."""

import math
from datetime import UTC, datetime
from typing import Any

# Numbers above this are milliseconds, below it seconds: it is 1973 in milliseconds and 5138 in seconds.
MILLISECONDS_FROM = 1e11
KNOT_MPS = 1852.0 / 3600.0
YES = frozenset({"true", "1", "yes", "on"})
NO = frozenset({"false", "0", "no", "off", ""})


def moment(value: Any, *, zone: Any = None) -> datetime:
    """ISO 8601, `yyyy-MM-dd HH:mm:ss`, or seconds or milliseconds since 1970 as number or text; in UTC.

    Args:
        value: as it came.
        zone: of a text that names none; None refuses such a text.

    Raises:
        ValueError, TypeError, OverflowError, OSError: it is no time.
    """
    if isinstance(value, str):
        number = _number(value)
        if number is None:
            read = datetime.fromisoformat(value)
            if read.tzinfo is None:
                if zone is None:
                    raise ValueError("no time zone")
                read = read.replace(tzinfo=zone)
            return read.astimezone(UTC)
        value = number
    if isinstance(value, bool):
        raise ValueError("not a time")
    return datetime.fromtimestamp(value / 1000.0 if value > MILLISECONDS_FROM else value, UTC)


def at_least_0(value: Any) -> float | None:
    """A measure that may be missing, as number or text; devices write -1 for "not known"."""
    if isinstance(value, str):
        value = _number(value)
    if type(value) not in (int, float) or not math.isfinite(value) or value < 0:
        return None
    return float(value)


def heading(value: Any) -> float | None:
    """Degrees clockwise from north, below 360."""
    read = at_least_0(value)
    return None if read is None else read % 360.0


def whole(value: Any) -> int | None:
    """A count that may be missing."""
    read = at_least_0(value)
    return None if read is None or read > 1_000_000 else int(read)


def share(value: Any, *, of: float) -> float | None:
    """A part of a whole, as a number from 0 to 1; None where it is missing or more than the whole."""
    read = at_least_0(value)
    return None if read is None or read > of else read / of


def yes(value: Any) -> bool | None:
    """A flag that may be missing, however it is written."""
    if value is None or isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    return True if text in YES else False if text in NO else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
