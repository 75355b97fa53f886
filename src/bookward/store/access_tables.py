"""The tables of who may do what, and of who did it.

Whatever lets somebody in is kept as a hash of it: who reads the state cannot sign in by what it says.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, LargeBinary, Table

from bookward.store.tables import Moment, Number, Text, metadata

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("subject", Text),  # who it is at the provider of sign-ins
    Index("people_by_subject", "subject", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("person", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Index("sessions_by_person", "person"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("person", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index("api_tokens_by_person", "person"),
)

links = Table(
    "links",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("email", Text),
    Column("role", Text, nullable=False),
    Column("person", Text),
    Column("made_by", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("email", Text, nullable=False),
    Column("address", Text, nullable=False),
    Index("sign_in_tries_by_email", "email", "at"),
    Index("sign_in_tries_by_address", "address", "at"),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("person", Text),
    Column("who", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("outcome", Text, nullable=False),
    Index("audit_entries_by_target", "target", "number"),
)

answers = Table(
    "answers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("request", Text, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("sealed", LargeBinary),
    Index("answers_by_time", "begun_at"),
)

departures = Table(
    "departures",
    metadata,
    Column("state", Text, primary_key=True),  # a hash of it, as of the browser's secret
    Column("browser", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
