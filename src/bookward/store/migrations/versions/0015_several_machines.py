"""Who holds what among machines that share a state, and what keeps its snapshots and plans."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment, Text

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add both tables; nothing is held while the state is migrated."""
    op.create_table(
        "leases",
        sa.Column("name", Text, primary_key=True),
        sa.Column("holder", Text, nullable=False),
        sa.Column("home", Text, nullable=False),
        sa.Column("machine", Text, nullable=False),
        sa.Column("expires", Moment(timezone=True), nullable=False),
    )
    op.create_index("leases_by_holder", "leases", ["holder"])
    op.create_table(
        "keepers",
        sa.Column("what", Text, primary_key=True),
        sa.Column("id", Text, nullable=False),
        sa.Column("place", Text, nullable=False),
    )
