"""Browsers that were sent to another site, and what they come back with: sign-ins, of books and people."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment, Text

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the tables, and who a person is at the provider."""
    op.add_column("people", sa.Column("subject", Text))
    op.create_index("people_by_subject", "people", ["subject"], unique=True)
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
