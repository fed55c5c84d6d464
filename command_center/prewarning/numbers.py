"""Running numbers without gaps or doubles, also when several transactions ask at once."""

from sqlalchemy import text

from command_center.timeline import Transaction

_NEXT = text(
    "INSERT INTO prewarning_number (name, value) VALUES (:name, :count) "
    "ON CONFLICT (name) DO UPDATE SET value = prewarning_number.value + :count RETURNING value"
)


def next_number(tx: Transaction, name: str) -> int:
    """The next number under `name`, from 1; given back if the transaction fails, and waited for by others."""
    return next_numbers(tx, name, 1)


def next_numbers(tx: Transaction, name: str, count: int) -> int:
    """The first of so many numbers in a row, as `next_number`."""
    return int(tx.session.execute(_NEXT, {"name": name, "count": count}).scalar_one()) - count + 1
