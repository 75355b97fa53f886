"""When what came of a run's rows was final, and what a person said to be booked: digests tell it then."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment, Text

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add the columns; what is folded was told by when its run ended."""
    op.add_column("runs", sa.Column("folded_at", Moment(timezone=True)))
    op.add_column("decisions", sa.Column("kind", Text))
    op.add_column("decisions", sa.Column("booked", sa.JSON(none_as_null=True)))
    op.execute("UPDATE runs SET folded_at = finished_at WHERE folded AND plan IS NOT NULL")
