"""parties.

Revision ID: 9b52d7e0c4f8
Revises: 5e90b7c3a148
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "9b52d7e0c4f8"
down_revision: str | None = "5e90b7c3a148"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "response_party",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("came_from", sa.String(length=26), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("id_number", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("id_index", sa.String(length=64), nullable=True),
        sa.Column("sheltered", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_party")),
    )
    with op.batch_alter_table("response_party", schema=None) as batch_op:
        for column in ("case_id", "came_from", "key", "phone_index", "id_index"):
            batch_op.create_index(batch_op.f(f"ix_response_party_{column}"), [column], unique=False)


def downgrade() -> None:
    op.drop_table("response_party")
