"""devices that speak other protocols, flags of positions, states of devices.

Revision ID: 5d0c1b7e9a42
Revises: 64db8c609395
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5d0c1b7e9a42"
down_revision: str | None = "b7d1f0a64c21"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ingest_device_state",
        sa.Column("device_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=True),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("fix_ms", sa.BigInteger(), nullable=True),
        sa.Column("battery", sa.Float(), nullable=True),
        sa.Column("charging", sa.Boolean(), nullable=True),
        sa.Column("signal", sa.Integer(), nullable=True),
        sa.Column("satellites", sa.Integer(), nullable=True),
        sa.Column("suspicions", sa.Text(), nullable=False),
        sa.Column("sos_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_ingest_device_state")),
    )
    op.add_column("ingest_position", sa.Column("flags", sa.Integer(), server_default="0", nullable=False))
    op.add_column("access_device", sa.Column("kind", sa.String(length=16), server_default="http", nullable=False))
    op.add_column("access_device", sa.Column("external_id", sa.String(length=64), nullable=True))
    op.add_column("access_device", sa.Column("datum", sa.String(length=8), server_default="wgs84", nullable=False))
    op.add_column(
        "access_device", sa.Column("secret_required", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_index("ix_access_device_kind_external_id", "access_device", ["kind", "external_id"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_access_device_kind_external_id", table_name="access_device")
    for column in ("secret_required", "datum", "external_id", "kind"):
        op.drop_column("access_device", column)
    op.drop_column("ingest_position", "flags")
    op.drop_table("ingest_device_state")
