"""Syncs know which process works on them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the epochs; the first run of each sync takes the first."""
    op.create_table(
        "epochs",
        sa.Column("sync", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sync"),
    )
