"""cases under a profile, and clocks that are acted on.

Revision ID: 3f8a2c6d91b7
Revises: 7c1f0a52d9e4
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "3f8a2c6d91b7"
down_revision: str | None = "7c1f0a52d9e4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "response_profile",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_response_profile")),
    )
    with op.batch_alter_table("response_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("profile", sa.String(length=32), nullable=False, server_default="hall"))
        batch_op.add_column(sa.Column("profile_version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("value", sa.Text(), nullable=True))
    with op.batch_alter_table("response_case", schema=None) as batch_op:
        batch_op.alter_column("profile", existing_type=sa.String(length=32), server_default=None)
        batch_op.alter_column("profile_version", existing_type=sa.Integer(), server_default=None)

    with op.batch_alter_table("response_clock", schema=None) as batch_op:
        batch_op.add_column(sa.Column("of", sa.String(length=16), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("fires", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("paused_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column("name", existing_type=sa.String(length=16), type_=sa.String(length=24))
        batch_op.alter_column("basis", existing_type=sa.String(length=40), type_=sa.String(length=80))
        batch_op.drop_constraint(op.f("uq_response_clock_case_id_name"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_response_clock_case_id_name_of"), ["case_id", "name", "of"])
    op.execute("UPDATE response_clock SET fires = (stopped_at IS NULL)")
    with op.batch_alter_table("response_clock", schema=None) as batch_op:
        batch_op.alter_column("of", existing_type=sa.String(length=16), server_default=None)
        batch_op.alter_column("fires", existing_type=sa.Boolean(), server_default=None)
        batch_op.create_index(batch_op.f("ix_response_clock_fires_due_at"), ["fires", "due_at"], unique=False)


def downgrade() -> None:
    op.execute("DELETE FROM response_clock WHERE of <> ''")
    with op.batch_alter_table("response_clock", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_response_clock_fires_due_at"))
        batch_op.drop_constraint(op.f("uq_response_clock_case_id_name_of"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_response_clock_case_id_name"), ["case_id", "name"])
        batch_op.alter_column("basis", existing_type=sa.String(length=80), type_=sa.String(length=40))
        batch_op.alter_column("name", existing_type=sa.String(length=24), type_=sa.String(length=16))
        for name in ("fired_at", "paused_since", "fires", "of"):
            batch_op.drop_column(name)
    with op.batch_alter_table("response_case", schema=None) as batch_op:
        for name in ("value", "profile_version", "profile"):
            batch_op.drop_column(name)
    op.drop_table("response_profile")
