"""The last good end of a sync is found at once; tickets say when they were put into the line."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Add the index and the column; what waits already waits for its time."""
    op.create_index("runs_by_end", "runs", ["sync", "state", "finished_at"])
    op.add_column("tickets", sa.Column("put_at", Moment(timezone=True)))
