"""The index finds records by more fields, so it is filled anew; outcomes are found by their record."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Forget how far the index is filled, so that the next plan reads everything once."""
    op.execute("DELETE FROM index_marks")
    op.create_index("outcomes_by_record", "outcomes", ["run", "remote_id"])
