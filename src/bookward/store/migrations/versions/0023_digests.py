"""Up to when each recipient of digests was told what was synced."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment, Text

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "digests",
        sa.Column("alert", Text, primary_key=True),
        sa.Column("said", Text, nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        sa.Column("seen", Moment(timezone=True), nullable=False),
    )
