"""Runs know the name of the organisation that they wrote to, as it was then."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the name; of the runs there are it is not known."""
    op.add_column("runs", sa.Column("organisation_name", Text, nullable=True))
