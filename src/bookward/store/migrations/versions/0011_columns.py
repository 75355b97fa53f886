"""The columns that a sync's model had in its last run, so that new and vanished ones can be noted once."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column; nothing is known of the runs so far."""
    op.add_column("pointers", sa.Column("columns", sa.JSON()))
