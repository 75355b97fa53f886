"""The last good end of a sync is found at once; tickets and plans say more of themselves."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Add the index and the columns; of what is there already, no more is known."""
    op.create_index("runs_by_end", "runs", ["sync", "state", "finished_at"])
    op.add_column("tickets", sa.Column("put_at", Moment(timezone=True)))
    op.add_column("plans", sa.Column("grave", sa.Boolean, nullable=False, server_default=sa.false()))
