"""The first tables."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment, Number, Text

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first release."""
    op.create_table(
        "budgets",
        sa.Column("organisation", Text, nullable=False),
        sa.Column("minute_left", sa.Integer(), nullable=True),
        sa.Column("day_left", sa.Integer(), nullable=True),
        sa.Column("seen_at", Moment(timezone=True), nullable=True),
        sa.Column("blocked_until", Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organisation"),
    )
    op.create_table(
        "calls",
        sa.Column("id", Number, autoincrement=True, nullable=False),
        sa.Column("run", Text, nullable=True),
        sa.Column("destination", Text, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("purpose", Text, nullable=False),
        sa.Column("method", Text, nullable=False),
        sa.Column("url", Text, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.Column("request_headers", sa.JSON(), nullable=False),
        sa.Column("request_body", sa.LargeBinary(), nullable=True),
        sa.Column("response_headers", sa.JSON(), nullable=False),
        sa.Column("response_body", sa.LargeBinary(), nullable=True),
        sa.Column("error", Text, nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("calls_by_run", "calls", ["run", "id"], unique=False)
    op.create_index("calls_by_time", "calls", ["at"], unique=False)
    op.create_table(
        "configs",
        sa.Column("sync", Text, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", Text, nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.PrimaryKeyConstraint("sync", "version"),
    )
    op.create_table(
        "index_keys",
        sa.Column("organisation", Text, nullable=False),
        sa.Column("object", Text, nullable=False),
        sa.Column("field", Text, nullable=False),
        sa.Column("folded", Text, nullable=False),
        sa.Column("remote_id", Text, nullable=False),
        sa.PrimaryKeyConstraint("organisation", "object", "field", "folded", "remote_id"),
    )
    op.create_index(
        "index_keys_by_record", "index_keys", ["organisation", "object", "remote_id"], unique=False
    )
    op.create_table(
        "index_marks",
        sa.Column("organisation", Text, nullable=False),
        sa.Column("object", Text, nullable=False),
        sa.Column("watermark", Text, nullable=False),
        sa.PrimaryKeyConstraint("organisation", "object"),
    )
    op.create_table(
        "index_records",
        sa.Column("organisation", Text, nullable=False),
        sa.Column("object", Text, nullable=False),
        sa.Column("remote_id", Text, nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "object", "remote_id"),
    )
    op.create_table(
        "intents",
        sa.Column("position", Number, autoincrement=True, nullable=False),
        sa.Column("batch", Text, nullable=False),
        sa.Column("run", Text, nullable=False),
        sa.Column("seqs", sa.JSON(), nullable=False),
        sa.Column("method", Text, nullable=False),
        sa.Column("path", Text, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("idempotency_key", Text, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("batch"),
    )
    op.create_index("intents_by_run", "intents", ["run"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("run", Text, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("status", Text, nullable=False),
        sa.Column("remote_id", Text, nullable=True),
        sa.Column("code", Text, nullable=True),
        sa.Column("message", Text, nullable=True),
        sa.Column("remedy", Text, nullable=True),
        sa.Column("field", Text, nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("run", "seq"),
    )
    op.create_table(
        "pointers",
        sa.Column("sync", Text, nullable=False),
        sa.Column("organisation", Text, nullable=False),
        sa.Column("snapshot", Text, nullable=True),
        sa.Column("run", Text, nullable=False),
        sa.PrimaryKeyConstraint("sync"),
    )
    op.create_table(
        "rows",
        sa.Column("sync", Text, nullable=False),
        sa.Column("key", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("remote_id", Text, nullable=True),
        sa.Column("run", Text, nullable=False),
        sa.PrimaryKeyConstraint("sync", "key"),
    )
    op.create_index("rows_by_remote_id", "rows", ["remote_id", "sync"], unique=False)
    op.create_table(
        "run_rows",
        sa.Column("run", Text, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", Text, nullable=False),
        sa.Column("change", Text, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.PrimaryKeyConstraint("run", "seq"),
    )
    op.create_table(
        "runs",
        sa.Column("id", Text, nullable=False),
        sa.Column("sync", Text, nullable=False),
        sa.Column("plan", Text, nullable=True),
        sa.Column("state", Text, nullable=False),
        sa.Column("started_at", Moment(timezone=True), nullable=False),
        sa.Column("finished_at", Moment(timezone=True), nullable=True),
        sa.Column("config", Text, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("folded", sa.Boolean(), nullable=False),
        sa.Column("error_code", Text, nullable=True),
        sa.Column("error_message", Text, nullable=True),
        sa.Column("error_remedy", Text, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("runs_by_sync", "runs", ["sync", "started_at"], unique=False)
    op.create_table(
        "settlements",
        sa.Column("batch", Text, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("batch"),
    )
    op.create_table(
        "tokens",
        sa.Column("destination", Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("destination"),
    )
