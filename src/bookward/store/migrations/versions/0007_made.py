"""Rows know whether their sync has inserted their record, or found it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add it; the journal tells it of the records there are."""
    op.add_column("rows", sa.Column("made", sa.Boolean(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE rows SET made = true WHERE (sync, remote_id) IN ("
        "SELECT runs.sync, outcomes.remote_id FROM outcomes "
        "JOIN run_rows ON run_rows.run = outcomes.run AND run_rows.seq = outcomes.seq "
        "JOIN runs ON runs.id = outcomes.run "
        "WHERE outcomes.status = 'accepted' AND run_rows.kind = 'insert')"
    )
