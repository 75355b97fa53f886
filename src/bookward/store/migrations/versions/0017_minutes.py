"""What all processes know of the present minute of an organisation."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Text

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the column."""
    op.add_column("budgets", sa.Column("minute", Text))
