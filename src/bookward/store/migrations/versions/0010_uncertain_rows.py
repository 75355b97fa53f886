"""Uncertain rows know the records that may be theirs, and what a person said about them is kept."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Number, Text

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add both; no release before has left a row uncertain."""
    op.add_column("outcomes", sa.Column("candidates", sa.JSON(), nullable=True))
    op.add_column("rows", sa.Column("candidates", sa.JSON(), nullable=True))
    op.create_table(
        "decisions",
        sa.Column("position", Number, primary_key=True, autoincrement=True),
        sa.Column("sync", Text, nullable=False),
        sa.Column("key", Text, nullable=False),
        sa.Column("run", Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_as", Text, nullable=True),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("message", Text, nullable=False),
    )
    op.create_index("decisions_by_row", "decisions", ["sync", "key"])
