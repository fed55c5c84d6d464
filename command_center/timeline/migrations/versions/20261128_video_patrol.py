"""video patrol.

Revision ID: b7d1f0a64c21
Revises: 64db8c609395
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b7d1f0a64c21"
down_revision: str | None = "64db8c609395"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "patrol_video_plan",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("cameras", sa.Text(), nullable=False),
        sa.Column("windows", sa.Text(), nullable=False),
        sa.Column("every_min", sa.Integer(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("show_s", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_video_plan")),
    )
    with op.batch_alter_table("patrol_video_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patrol_video_plan_area"), ["area"], unique=False)

    op.create_table(
        "patrol_video_round",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("plan_id", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("due_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cameras", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("watcher", sa.Text(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("blind", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["patrol_video_plan.id"], name=op.f("fk_patrol_video_round_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_video_round")),
        sa.UniqueConstraint("plan_id", "due_from", name=op.f("uq_patrol_video_round_plan_id_due_from")),
    )
    with op.batch_alter_table("patrol_video_round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patrol_video_round_due_from"), ["due_from"], unique=False)
        batch_op.create_index(batch_op.f("ix_patrol_video_round_state"), ["state"], unique=False)

    op.create_table(
        "patrol_video_mark",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("round_id", sa.String(length=26), nullable=False),
        sa.Column("camera_id", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.String(length=8), nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("looked_s", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["patrol_video_round.id"], name=op.f("fk_patrol_video_mark_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_video_mark")),
        sa.UniqueConstraint("round_id", "camera_id", name=op.f("uq_patrol_video_mark_round_id_camera_id")),
    )
    with op.batch_alter_table("patrol_video_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patrol_video_mark_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_patrol_video_mark_camera_id"), ["camera_id"], unique=False)


def downgrade() -> None:
    op.drop_table("patrol_video_mark")
    op.drop_table("patrol_video_round")
    op.drop_table("patrol_video_plan")
