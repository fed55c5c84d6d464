"""closures.

Revision ID: c105ed0a7b31
Revises: 3e8a6d15c0f7
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c105ed0a7b31"
down_revision: str | None = "3e8a6d15c0f7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registry_closure",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("shape", sa.String(length=8), nullable=False),
        sa.Column("corners", sa.Text(), nullable=False),
        sa.Column("profiles", sa.Text(), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("streets", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("closed_m", sa.Float(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_closure")),
    )
    with op.batch_alter_table("registry_closure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_closure_area"), ["area"], unique=False)
        batch_op.create_index(batch_op.f("ix_registry_closure_begins_at"), ["begins_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_registry_closure_state"), ["state"], unique=False)


def downgrade() -> None:
    op.drop_table("registry_closure")
