"""A paused run knows when it can go on."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the moment; of the runs there are it is not known."""
    op.add_column("runs", sa.Column("resume_at", sa.DateTime(timezone=True), nullable=True))
