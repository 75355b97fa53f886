"""Runs that are not in their snapshot yet are found without looking at all the runs of a sync."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "runs_unfolded",
        "runs",
        ["sync", "position"],
        sqlite_where=sa.text("folded = 0"),
        postgresql_where=sa.text("NOT folded"),
    )
