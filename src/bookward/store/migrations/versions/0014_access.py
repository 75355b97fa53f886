"""Who may do what, who did it, and the answers that are given again."""

import sqlalchemy as sa
from alembic import op

from bookward.store.tables import Number, Text

revision = "0014"
down_revision = "0013"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    _who()
    _ways_in()
    _what_was_done()


def _who() -> None:
    op.create_table(
        "people",
        sa.Column("id", Text, primary_key=True),
        sa.Column("email", Text, nullable=False, unique=True),
        sa.Column("name", Text, nullable=False),
        sa.Column("role", Text, nullable=False),
        sa.Column("password", Text, nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )


def _ways_in() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", Text, primary_key=True),
        sa.Column("hash", Text, nullable=False, unique=True),
        sa.Column("person", Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("address", Text, nullable=False),
        sa.Column("agent", Text, nullable=False),
    )
    op.create_index("sessions_by_person", "sessions", ["person"])
    op.create_table(
        "api_tokens",
        sa.Column("id", Text, primary_key=True),
        sa.Column("hash", Text, nullable=False, unique=True),
        sa.Column("person", Text, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("role", Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
    )
    op.create_index("api_tokens_by_person", "api_tokens", ["person"])
    op.create_table(
        "links",
        sa.Column("id", Text, primary_key=True),
        sa.Column("hash", Text, nullable=False, unique=True),
        sa.Column("email", Text),
        sa.Column("role", Text, nullable=False),
        sa.Column("person", Text),
        sa.Column("made_by", Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("id", Text, primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("email", Text, nullable=False),
        sa.Column("address", Text, nullable=False),
    )
    op.create_index("sign_in_tries_by_email", "sign_in_tries", ["email", "at"])
    op.create_index("sign_in_tries_by_address", "sign_in_tries", ["address", "at"])


def _what_was_done() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("number", Number, primary_key=True, autoincrement=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("person", Text),
        sa.Column("who", Text, nullable=False),
        sa.Column("via", Text, nullable=False),
        sa.Column("address", Text, nullable=False),
        sa.Column("action", Text, nullable=False),
        sa.Column("target", Text, nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
        sa.Column("outcome", Text, nullable=False),
    )
    op.create_index("audit_entries_by_target", "audit_entries", ["target", "number"])
    op.create_table(
        "answers",
        sa.Column("id", Text, primary_key=True),
        sa.Column("request", Text, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
    )
    op.create_index("answers_by_time", "answers", ["begun_at"])
