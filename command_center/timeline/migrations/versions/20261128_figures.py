"""figures.

Revision ID: 7d41c0e92f6a
Revises: a64f0d2be917
"""

from collections.abc import Sequence

from alembic import op

revision: str = "7d41c0e92f6a"
down_revision: str | None = "a64f0d2be917"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("response_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_case_resolved_at"), ["resolved_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("response_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_response_case_resolved_at"))
