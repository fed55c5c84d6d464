"""Alembic's entry: migrate over the connection that the caller has opened."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    # Only needed to write a new migration; applying them needs no tables.
    target_metadata=attributes.get("metadata"),
    render_as_batch=attributes["connection"].dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
