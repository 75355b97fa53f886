"""Rows know why and how often they were refused, and when they are tried again."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add what is known of a refusal; rows rejected before are tried again by the next run."""
    op.add_column("run_rows", sa.Column("digest", Text, nullable=False, server_default=""))
    op.add_column("outcomes", sa.Column("retry", Text, nullable=True))
    for name in ("code", "message", "remedy", "field", "digest"):
        op.add_column("rows", sa.Column(name, Text, nullable=True))
    op.add_column("rows", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("rows", sa.Column("next_try", sa.DateTime(timezone=True), nullable=True))
    op.create_index("rows_by_state", "rows", ["sync", "state"])
