"""Which calls are in flight, so that all processes together keep an organisation's limits."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Text

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the table; nothing is in flight while the state is migrated."""
    op.create_table(
        "call_places",
        sa.Column("place", Text, primary_key=True),
        sa.Column("organisation", Text, nullable=False),
        sa.Column("holder", Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("call_places_by_organisation", "call_places", ["organisation"])
