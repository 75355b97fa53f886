"""When a sync last ended well is found without going through all of its runs."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Add the index."""
    op.create_index("runs_by_end", "runs", ["sync", "state", "finished_at"])
