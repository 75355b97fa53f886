"""Rows that left their model, came back and were refused are found without looking at all that left."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Add the index."""
    came_back = sa.text("state = 'removed' AND code IS NOT NULL")
    op.create_index(
        "rows_that_came_back", "rows", ["sync", "state"], sqlite_where=came_back, postgresql_where=came_back
    )
