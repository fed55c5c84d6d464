"""What other systems write into a cell: instants, states, ratings. Pure."""

import re
from datetime import UTC, datetime

from command_center.registry.clocks import LOCAL
from command_center.registry.imports.layer import BadRow

# A day with or without a time, however its parts are parted. The American order of days is told by its AM and PM
# alone: 04/05/2018 could be either.
DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]?(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})?秒?)?(?:\.\d+)?)?"
)
FORMATS = ("%Y%m%d%H%M%S", "%m/%d/%Y %I:%M:%S %p")
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
CLOSED = ("办结", "归档", "结案", "完成", "完结", "关闭", "closed", "resolved", "completed")
STILL_OPEN = ("未办结", "未完成", "未结案", "待办结", "not closed")
# The five grades, as printed on the sheets of the hotlines; what contains another comes before it.
RATINGS = (
    ("非常不满意", 1), ("很不满意", 1), ("不满意", 2), ("非常满意", 5), ("很满意", 5), ("基本满意", 3), ("一般", 3),
    ("满意", 4),
)  # fmt: skip


def instant(text: str, column: str) -> datetime | None:
    """The instant of a cell in the center's own time unless it names another; None for an empty one.

    Raises:
        BadRow: it is no date, or one before 1990.
    """
    if not text:
        return None
    found = _instant(text.strip())
    if found is None or found < EARLIEST:
        raise BadRow("bad_time", field=column, value=text[:30])
    return found


def _instant(text: str) -> datetime | None:
    try:
        found = _of_day(text) or _by_iso(text) or next((one for form in FORMATS if (one := _by_form(text, form))), None)
        return found and found.astimezone(UTC)
    except (OverflowError, ValueError):
        # A day that no month has, or the last that there is, moved to another zone.
        return None


def _of_day(text: str) -> datetime | None:
    found = DAY.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=LOCAL)


def _by_iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if "-" in text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=LOCAL)


def _by_form(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=LOCAL)
    except ValueError:
        return None


def is_closed(state: str) -> bool:
    """Whether the word for a state says that nothing is to be done any more."""
    word = state.casefold()
    return not any(one in word for one in STILL_OPEN) and any(one in word for one in CLOSED)


def rating(text: str, column: str) -> int | None:
    """好差评 in five grades, 5 the best; None where nobody was asked.

    Raises:
        BadRow: it is none of the grades.
    """
    if not text or text in ("-", "—", "无", "未评价", "未回访"):
        return None
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 5:
        return int(text)
    for word, grade in RATINGS:
        if word in text:
            return grade
    raise BadRow("bad_rating", field=column, value=text[:20])


def solved(text: str) -> bool | None:
    """Whether the caller says that it is solved; None where nothing is said."""
    if not text:
        return None
    if any(word in text for word in ("未", "否", "没", "不")) or text.casefold() in ("no", "false", "0"):
        return False
    return True
