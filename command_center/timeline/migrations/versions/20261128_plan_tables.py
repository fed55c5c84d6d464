"""plan tables.

Revision ID: 5c1e9d0b7a42
Revises: 64db8c609395
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5c1e9d0b7a42"
down_revision: str | None = "15be605e7430"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "patrol_team",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("force", sa.String(length=3), nullable=False),
        sa.Column("travel", sa.String(length=8), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("shift_start", sa.String(length=8), nullable=False),
        sa.Column("shift_end", sa.String(length=8), nullable=False),
        sa.Column("rest_s", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_team")),
    )
    with op.batch_alter_table("patrol_team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patrol_team_area"), ["area"], unique=False)

    op.create_table(
        "patrol_need",
        sa.Column("point_id", sa.String(length=64), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("gap_s", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("cover_minutes", sa.Integer(), nullable=True),
        sa.Column("cover_share", sa.Float(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["patrol_point.id"], name=op.f("fk_patrol_need_point_id")),
        sa.PrimaryKeyConstraint("point_id", name=op.f("pk_patrol_need")),
    )
    op.create_table(
        "patrol_plan",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("wanted", sa.Float(), nullable=False),
        sa.Column("predictability", sa.Float(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("follows", sa.String(length=26), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_plan")),
    )
    with op.batch_alter_table("patrol_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patrol_plan_day"), ["day"], unique=False)


def downgrade() -> None:
    op.drop_table("patrol_plan")
    op.drop_table("patrol_need")
    op.drop_table("patrol_team")
