"""The tables of what people are told: how everything stands, the messages, and what is silenced."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, Table

from bookward.store.tables import Moment, Number, Text, metadata

alert_states = Table(
    "alert_states",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("trigger", Text, primary_key=True),
    Column("level", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("episode", Text, nullable=False),
    Column("began", Moment, nullable=False),
    Column("said", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("run", Text),
)

alert_messages = Table(
    "alert_messages",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("alert", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("body", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("delivery", Text),
    Column("attempts", Integer, nullable=False),
    Column("said", Text),
    Column("sent_at", Moment),
    Index("alert_messages_by_state", "state", "alert"),
    Index("alert_messages_by_subject", "alert", "subject", "trigger", "number"),
)

alert_silences = Table(
    "alert_silences",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("trigger", Text, primary_key=True),
    Column("until", Moment),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

digests = Table(
    "digests",
    metadata,
    Column("alert", Text, primary_key=True),
    Column("said", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
)
