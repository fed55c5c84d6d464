"""found.

Revision ID: c3a7f1d26b90
Revises: 9b52d7e0c4f8
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c3a7f1d26b90"
down_revision: str | None = "9b52d7e0c4f8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The states in which a case was over at this revision.
ENDED = ("ARCHIVED", "DUPLICATE", "FALSE_ALARM", "MERGED", "REJECTED", "TRANSFERRED", "WITHDRAWN")
# Positions are not kept: pairs of characters overlap, so that all of them are enough.
SQLITE = (
    "CREATE VIRTUAL TABLE response_found_words USING fts5("
    "words, content='response_found', content_rowid='number', detail='none', columnsize=0, "
    "tokenize=\"unicode61 remove_diacritics 0 tokenchars ':_-'\")",
    "CREATE TRIGGER response_found_added AFTER INSERT ON response_found BEGIN "
    "INSERT INTO response_found_words(rowid, words) VALUES (new.number, new.words); END",
    "CREATE TRIGGER response_found_gone AFTER DELETE ON response_found BEGIN "
    "INSERT INTO response_found_words(response_found_words, rowid, words) "
    "VALUES ('delete', old.number, old.words); END",
    "CREATE TRIGGER response_found_changed AFTER UPDATE ON response_found BEGIN "
    "INSERT INTO response_found_words(response_found_words, rowid, words) "
    "VALUES ('delete', old.number, old.words); "
    "INSERT INTO response_found_words(rowid, words) VALUES (new.number, new.words); END",
)
POSTGRES = (
    "ALTER TABLE response_found ADD COLUMN vector_words tsvector "
    "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED",
    "CREATE INDEX ix_response_found_words ON response_found USING gin (vector_words)",
)


def upgrade() -> None:
    op.create_table(
        "response_found",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_response_found")),
        sa.UniqueConstraint("case_id", name=op.f("uq_response_found_case_id")),
    )
    op.create_table(
        "response_kept_wish",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_kept_wish")),
    )
    with op.batch_alter_table("response_kept_wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_kept_wish_user_id"), ["user_id"], unique=False)
    op.add_column("response_case", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    over = ", ".join(f"'{state}'" for state in ENDED)
    op.execute(f"UPDATE response_case SET ended_at = COALESCE(archived_at, opened_at) WHERE state IN ({over})")
    op.create_index("ix_response_case_opened_at", "response_case", ["opened_at", "id"], unique=False)
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_response_case_open",
        "response_case",
        ["priority", "opened_at", "id"],
        unique=False,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    with op.batch_alter_table("response_clock", schema=None) as batch_op:
        batch_op.create_index("ix_response_clock_running", ["name", "stopped_at", "due_at"], unique=False)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    op.drop_index("ix_response_clock_running", table_name="response_clock")
    op.drop_index("ix_response_case_open", table_name="response_case")
    op.drop_index("ix_response_case_opened_at", table_name="response_case")
    op.drop_column("response_case", "ended_at")
    op.drop_table("response_kept_wish")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE response_found_words")
    op.drop_table("response_found")
