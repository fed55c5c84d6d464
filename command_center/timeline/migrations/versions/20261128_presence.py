"""presence by minute.

Revision ID: d41c8a7be905
Revises: c105ed0a7b31
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "d41c8a7be905"
down_revision: str | None = "c105ed0a7b31"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "patrol_presence",
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("minutes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "person_id", name=op.f("pk_patrol_presence")),
    )


def downgrade() -> None:
    op.drop_table("patrol_presence")
