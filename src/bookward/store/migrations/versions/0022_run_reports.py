"""What a run's report tells long after its plan is gone: who asked for it, and what it booked."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Text

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("runs", sa.Column("asked_by", Text))
    op.add_column("runs", sa.Column("reason", Text))
    op.add_column("runs", sa.Column("booked", sa.JSON(none_as_null=True)))
    op.add_column("runs", sa.Column("logged", sa.Boolean(), nullable=False, server_default="0"))
