"""Which error kept a piece of work from being done."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Add the column; of what ended before, only the words are known."""
    op.add_column("tickets", sa.Column("error", sa.JSON()))
