"""The 31 characters under which an alert is known outside, taken so that no two alerts share them."""

from datetime import datetime, timedelta

from command_center.prewarning.numbers import next_number
from command_center.registry.codes import alert_code
from command_center.timeline import Transaction

PER_SECOND = 10


def new_alert_code(tx: Transaction, *, area: str, industry: str, at: datetime) -> str:
    """Take the next free code. A second has ten; the eleventh alert gets the next second that has one left."""
    moment = at
    while True:
        first = alert_code(area[:6], moment, 0, industry=industry)
        number = next_number(tx, f"alert:{first}")
        if number <= PER_SECOND:
            return alert_code(area[:6], moment, number - 1, industry=industry)
        moment += timedelta(seconds=1)
