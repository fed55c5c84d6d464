"""ways of working of the center's own.

Revision ID: a64f0d2be917
Revises: c3a7f1d26b90
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "a64f0d2be917"
down_revision: str | None = "c3a7f1d26b90"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "response_way",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("base", sa.String(length=32), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("standing", sa.Text(), nullable=True),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_way")),
    )


def downgrade() -> None:
    op.drop_table("response_way")
