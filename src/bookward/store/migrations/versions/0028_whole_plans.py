"""Whether a plan that waits is about all rows of its sync."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Add the column; what was made before counts as whole: the next plan tells better."""
    op.add_column("plans", sa.Column("whole", sa.Boolean, nullable=False, server_default=sa.true()))
