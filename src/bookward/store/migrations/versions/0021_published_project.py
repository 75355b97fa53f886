"""The project's files, for workers that have no folder of it."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment, Text

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "published_project",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("digest", Text, nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
    )
