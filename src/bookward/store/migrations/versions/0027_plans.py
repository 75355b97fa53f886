"""Plans that wait for somebody, and what became of them; a run says who made the plan that it executed."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment, Text

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Add the table and the column; of what was made before, nothing is known."""
    op.create_table(
        "plans",
        sa.Column("id", Text, primary_key=True),
        sa.Column("sync", Text, nullable=False),
        sa.Column("made_at", Moment(timezone=True), nullable=False),
        sa.Column("made_by", Text),
        sa.Column("expires", Moment(timezone=True), nullable=False),
        sa.Column("base_snapshot", Text),
        sa.Column("settings", Text, nullable=False),
        sa.Column("tripped", sa.Boolean, nullable=False),
        sa.Column("sends", sa.Integer, nullable=False),
        sa.Column("left_out", sa.Integer, nullable=False),
        sa.Column("run", Text),
        sa.Column("discarded_at", Moment(timezone=True)),
        sa.Column("discarded_by", Text),
        sa.Column("discarded_why", Text),
    )
    op.create_index("plans_by_sync", "plans", ["sync", "made_at"])
    op.add_column("runs", sa.Column("plan_made_by", Text))
