"""Days, instants and numbers as requests name them: what a calendar, a time zone and a database still can hold."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, AwareDatetime, Field

# A day before and after the limits is still a day, in every time zone.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Moment = Annotated[
    AwareDatetime,
    Field(
        ge=datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC),
        le=datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, tzinfo=UTC),
    ),
]


def _kept(table: dict[str, Any]) -> dict[str, Any]:
    try:
        orjson.dumps(table)
    except TypeError as error:
        raise ValueError(f"cannot be kept as JSON: {error}") from None
    return table


# Free in its form, and yet text that can be stored: no half surrogate pairs, no numbers of more than eight bytes.
Table = Annotated[dict[str, Any], AfterValidator(_kept)]
# Of a row, as a page saw it; PostgreSQL keeps it in four bytes.
Version = Annotated[int, Field(ge=0, le=2**31 - 1)]
# Of a fact in the log; eight bytes.
Seq = Annotated[int, Field(ge=0, le=2**63 - 1)]
