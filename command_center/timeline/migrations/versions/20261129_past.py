"""requests of other systems brought in.

Revision ID: e15c8b7a3d42
Revises: 7d41c0e92f6a
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "e15c8b7a3d42"
down_revision: str | None = "7d41c0e92f6a"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "response_past_batch",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("file", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_past_batch")),
    )
    op.create_table(
        "response_past",
        sa.Column("system", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("batch_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("system", "number", name=op.f("pk_response_past")),
        sa.UniqueConstraint("case_id", name=op.f("uq_response_past_case_id")),
    )
    op.create_index(op.f("ix_response_past_batch_id"), "response_past", ["batch_id"])


def downgrade() -> None:
    op.drop_table("response_past")
    op.drop_table("response_past_batch")
