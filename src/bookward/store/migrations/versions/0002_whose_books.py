"""Runs know whose books they write to, and in which order they began."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Number, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add both; the runs there are get numbers by the time at which they began."""
    op.add_column("runs", sa.Column("organisation", Text, nullable=True))
    op.add_column("runs", sa.Column("position", Number, nullable=False, server_default="0"))
    op.execute(
        """
        UPDATE runs SET position = (
            SELECT count(*) FROM runs AS other
            WHERE (other.started_at, other.id) <= (runs.started_at, runs.id)
        )
        """
    )
    op.drop_index("runs_by_sync", "runs")
    op.create_index("runs_by_sync", "runs", ["sync", "position"])
