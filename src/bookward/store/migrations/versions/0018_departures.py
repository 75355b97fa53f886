"""Browsers that were sent to another site, and sign-ins whose organisation is still to be chosen."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment, Text

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "departures",
        sa.Column("state", Text, primary_key=True),
        sa.Column("browser", Text, nullable=False),
        sa.Column("purpose", Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
    )
    op.create_table(
        "choices",
        sa.Column("destination", Text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
    )
