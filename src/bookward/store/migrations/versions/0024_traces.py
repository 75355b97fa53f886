"""To which trace the work belongs that somebody asked for."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Text

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the column."""
    op.add_column("tickets", sa.Column("traceparent", Text))
