"""Syncs know which process works on them, and batches how long the machine had been up."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Text

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add both; a sync's next run takes its first epoch, and no uptime is known of the batches there are."""
    op.create_table(
        "epochs",
        sa.Column("sync", Text, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run", Text, nullable=False),
        sa.PrimaryKeyConstraint("sync"),
    )
    op.add_column("intents", sa.Column("boot", Text, nullable=True))
    op.add_column("intents", sa.Column("uptime", sa.Float(), nullable=True))
