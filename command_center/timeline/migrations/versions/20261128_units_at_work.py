"""units at work on cases.

Revision ID: 5e90b7c3a148
Revises: d41c8a7be905
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5e90b7c3a148"
down_revision: str | None = "d41c8a7be905"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("access_user", sa.Column("unit_id", sa.String(length=16), nullable=True))
    op.add_column("response_case", sa.Column("text", sa.String(length=4000), nullable=False, server_default=""))
    op.add_column("response_case", sa.Column("asks", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.create_table(
        "response_case_unit",
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("unit_id", sa.String(length=16), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "unit_id", name=op.f("pk_response_case_unit")),
    )
    op.create_index(op.f("ix_response_case_unit_unit_id"), "response_case_unit", ["unit_id", "waits"])


def downgrade() -> None:
    op.drop_table("response_case_unit")
    op.drop_column("response_case", "asks")
    op.drop_column("response_case", "text")
    op.drop_column("access_user", "unit_id")
