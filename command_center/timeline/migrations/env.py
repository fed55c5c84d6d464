"""Alembic's entry: migrate over the connection that the caller has opened."""

from typing import Any, Literal

from alembic import context

from command_center.timeline.tables import JsonText, UtcDateTime

# A migration stays true when the code moves on: it names the plain types that lie in the database.
PLAIN = {UtcDateTime: "sa.DateTime(timezone=True)", JsonText: "sa.Text()"}


def render_plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    return PLAIN.get(type(item), False) if kind == "type" else False


attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    # Only needed to write a new migration; applying them needs no tables.
    target_metadata=attributes.get("metadata"),
    render_as_batch=attributes["connection"].dialect.name == "sqlite",
    render_item=render_plain,
)
with context.begin_transaction():
    context.run_migrations()
