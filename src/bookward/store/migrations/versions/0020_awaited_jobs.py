"""Jobs elsewhere that schedules wait for."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment, Text

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "awaited_jobs",
        sa.Column("job", Text, primary_key=True),
        sa.Column("next_at", Moment(timezone=True), nullable=False),
        sa.Column("ended", sa.JSON(), nullable=False),
        sa.Column("problem", Text),
        sa.Column("failures", sa.Integer(), nullable=False),
    )
