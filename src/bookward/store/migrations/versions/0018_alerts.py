"""How everything stands that people are told of, the messages to them, and what is silenced."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Moment, Number, Text

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the tables; nobody is told of runs that have ended before."""
    op.create_table(
        "alert_states",
        sa.Column("subject", Text, primary_key=True),
        sa.Column("trigger", Text, primary_key=True),
        sa.Column("level", Text, nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        sa.Column("episode", Text, nullable=False),
        sa.Column("began", Moment(timezone=True), nullable=False),
        sa.Column("said", Text, nullable=False),
        sa.Column("remedy", Text, nullable=False),
        sa.Column("run", Text),
    )
    op.create_table(
        "alert_messages",
        sa.Column("number", Number, primary_key=True, autoincrement=True),
        sa.Column("id", Text, nullable=False, unique=True),
        sa.Column("alert", Text, nullable=False),
        sa.Column("subject", Text, nullable=False),
        sa.Column("trigger", Text, nullable=False),
        sa.Column("level", Text, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("not_before", Moment(timezone=True), nullable=False),
        sa.Column("delivery", Text),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("said", Text),
        sa.Column("sent_at", Moment(timezone=True)),
    )
    op.create_index("alert_messages_by_state", "alert_messages", ["state", "alert"])
    op.create_index("alert_messages_by_subject", "alert_messages", ["alert", "subject", "trigger", "number"])
    op.create_table(
        "alert_silences",
        sa.Column("subject", Text, primary_key=True),
        sa.Column("trigger", Text, primary_key=True),
        sa.Column("until", Moment(timezone=True)),
        sa.Column("by", Text, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
    )
    op.add_column("runs", sa.Column("watched", sa.Boolean(), nullable=False, server_default="0"))
    op.execute(sa.text("UPDATE runs SET watched = true"))
    op.create_index("runs_by_watched", "runs", ["watched"])
