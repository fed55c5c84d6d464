"""questions to who is alone on duty.

Revision ID: 3e8a6d15c0f7
Revises: 3f8a2c6d91b7
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "3e8a6d15c0f7"
down_revision: str | None = "3f8a2c6d91b7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "prewarning_safety",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("on_duty", sa.String(length=80), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("still_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prewarning_safety")),
    )
    with op.batch_alter_table("prewarning_safety", schema=None) as batch_op:
        batch_op.create_index("ix_prewarning_safety_person", ["person_id", "state"], unique=False)


def downgrade() -> None:
    op.drop_table("prewarning_safety")
