"""Running numbers without gaps or doubles, also when several transactions ask at once."""

from sqlalchemy import text

from command_center.timeline import Transaction

_NEXT = text(
    "INSERT INTO prewarning_number (name, value) VALUES (:name, 1) "
    "ON CONFLICT (name) DO UPDATE SET value = prewarning_number.value + 1 RETURNING value"
)


def next_number(tx: Transaction, name: str) -> int:
    """The next number under `name`, from 1; given back if the transaction fails, and waited for by others."""
    return int(tx.session.execute(_NEXT, {"name": name}).scalar_one())
