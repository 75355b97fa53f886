"""Work that waits for its turn, and how far each schedule was seen to."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment, Number, Text

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "tickets",
        sa.Column("number", Number, primary_key=True, autoincrement=True),
        sa.Column("id", Text, nullable=False, unique=True),
        sa.Column("sync", Text, nullable=False),
        sa.Column("work", Text, nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("asked_by", Text),
        sa.Column("asked_at", Moment(timezone=True), nullable=False),
        sa.Column("not_before", Moment(timezone=True), nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("holder", Text),
        sa.Column("run", Text),
        sa.Column("said", Text),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("progress", sa.JSON()),
        sa.Column("ended_at", Moment(timezone=True)),
    )
    op.create_index("tickets_by_state", "tickets", ["state", "sync"])
    op.create_index("tickets_by_sync", "tickets", ["sync", "number"])
    op.create_table(
        "schedules",
        sa.Column("sync", Text, primary_key=True),
        sa.Column("said", Text, nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
    )
