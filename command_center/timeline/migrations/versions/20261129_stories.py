"""incidents of the police that were handed over.

Revision ID: 5b7e1f4c08da
Revises: e15c8b7a3d42
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5b7e1f4c08da"
down_revision: str | None = "e15c8b7a3d42"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "response_handover",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=True),
        sa.Column("station", sa.String(length=64), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("dealt", sa.String(length=2000), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_response_handover")),
        sa.UniqueConstraint("case_id", name=op.f("uq_response_handover_case_id")),
    )
    op.create_index(op.f("ix_response_handover_unit_id"), "response_handover", ["unit_id"])
    op.create_index(op.f("ix_response_handover_given_at"), "response_handover", ["given_at"])


def downgrade() -> None:
    op.drop_table("response_handover")
