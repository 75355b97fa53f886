"""The tables of Bookward's own state.

``intents``, ``settlements`` and ``outcomes`` are the append-only journal: lines are added, never changed.
A batch is open while it has an intent and no settlement; a row is pending while it has no outcome.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    TypeDecorator,
    literal_column,
)
from sqlalchemy import Text as AnyText

Text = AnyText().with_variant(AnyText(collation="C"), "postgresql")
"""Text that is ordered by its bytes everywhere, as SQLite does; paging relies on it."""

Number = BigInteger().with_variant(Integer(), "sqlite")
"""A number that goes on for as long as the state lives; SQLite's integers are as long as they need to be."""


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData()

configs = Table(
    "configs",
    metadata,
    Column("sync", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("body", Text, nullable=False),
)

pointers = Table(
    "pointers",
    metadata,
    Column("sync", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("snapshot", Text),
    Column("run", Text, nullable=False),
    Column("columns", JSON(none_as_null=True)),
)

epochs = Table(
    "epochs",
    metadata,
    Column("sync", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("run", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sync", Text, nullable=False),
    Column("plan", Text),
    Column("organisation", Text),
    Column("state", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("config", Text, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("folded", Boolean, nullable=False),
    Column("folded_at", Moment),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("error_remedy", Text),
    Column("resume_at", Moment),
    Column("organisation_name", Text),
    Column("position", Number, nullable=False, server_default="0"),
    Column("watched", Boolean, nullable=False, server_default="0"),
    Column("asked_by", Text),
    Column("reason", Text),
    Column("booked", JSON(none_as_null=True)),
    Column("logged", Boolean, nullable=False, server_default="0"),
    Column("plan_made_by", Text),
    Index("runs_by_sync", "sync", "position"),
    Index("runs_by_watched", "watched"),
    Index("runs_by_end", "sync", "state", "finished_at"),
)
Index(
    "runs_unfolded",
    runs.c.sync,
    runs.c.position,
    sqlite_where=~runs.c.folded,
    postgresql_where=~runs.c.folded,
)

run_rows = Table(
    "run_rows",
    metadata,
    Column("run", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("digest", Text, nullable=False, server_default=""),
)

intents = Table(
    "intents",
    metadata,
    Column("position", Number, primary_key=True, autoincrement=True),
    Column("batch", Text, nullable=False, unique=True),
    Column("run", Text, nullable=False),
    Column("seqs", JSON, nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("boot", Text),
    Column("uptime", Float),
    Index("intents_by_run", "run"),
)

settlements = Table(
    "settlements",
    metadata,
    Column("batch", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("run", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("status", Text, nullable=False),
    Column("remote_id", Text),
    Column("code", Text),
    Column("message", Text),
    Column("remedy", Text),
    Column("field", Text),
    Column("retry", Text),
    Column("warnings", JSON, nullable=False),
    Column("candidates", JSON(none_as_null=True)),
    Index("outcomes_by_record", "run", "remote_id"),
)

rows = Table(
    "rows",
    metadata,
    Column("sync", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("remote_id", Text),
    Column("run", Text, nullable=False),
    Column("code", Text),
    Column("message", Text),
    Column("remedy", Text),
    Column("field", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("digest", Text),
    Column("next_try", Moment),
    Column("made", Boolean, nullable=False, server_default="0"),
    Column("candidates", JSON(none_as_null=True)),
    Index("rows_by_state", "sync", "state"),
    Index("rows_by_remote_id", "remote_id", "sync"),
)
CAME_BACK = (rows.c.state == literal_column("'removed'")) & rows.c.code.is_not(None)
"""The condition that a row left its model, came back, and was refused.

The record that it had is not its own again before it is synced, so its line still says that it was removed.
Nothing in it is bound, so that each database sees that the index has these rows.
"""
Index("rows_that_came_back", rows.c.sync, rows.c.state, sqlite_where=CAME_BACK, postgresql_where=CAME_BACK)

decisions = Table(
    "decisions",
    metadata,
    Column("position", Number, primary_key=True, autoincrement=True),
    Column("sync", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("booked_as", Text),
    Column("candidates", JSON, nullable=False),
    Column("message", Text, nullable=False),
    Column("kind", Text),
    Column("booked", JSON(none_as_null=True)),
    Index("decisions_by_row", "sync", "key"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("run", Text),
    Column("destination", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("status", Integer),
    Column("duration_ms", Float, nullable=False),
    Column("request_headers", JSON, nullable=False),
    Column("request_body", LargeBinary),
    Column("response_headers", JSON, nullable=False),
    Column("response_body", LargeBinary),
    Column("error", Text),
    Column("rows", Integer, nullable=False),
    Index("calls_by_run", "run", "id"),
    Index("calls_by_time", "at"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("destination", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

choices = Table(
    "choices",
    metadata,
    Column("destination", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", Moment, nullable=False),
)

budgets = Table(
    "budgets",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("minute_left", Integer),
    Column("day_left", Integer),
    Column("seen_at", Moment),
    Column("blocked_until", Moment),
    Column("minute", Text),
)

call_places = Table(
    "call_places",
    metadata,
    Column("place", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("call_places_by_organisation", "organisation"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("machine", Text, nullable=False),
    Column("expires", Moment, nullable=False),
    Index("leases_by_holder", "holder"),
)

keepers = Table(
    "keepers",
    metadata,
    Column("what", Text, primary_key=True),
    Column("id", Text, nullable=False),
    Column("place", Text, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("sync", Text, nullable=False),
    Column("work", Text, nullable=False),
    Column("wishes", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text),
    Column("asked_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("holder", Text),
    Column("run", Text),
    Column("said", Text),
    Column("error", JSON(none_as_null=True)),
    Column("pauses", Integer, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("progress", JSON(none_as_null=True)),
    Column("ended_at", Moment),
    Column("traceparent", Text),
    Column("put_at", Moment),
    Index("tickets_by_state", "state", "sync"),
    Index("tickets_by_sync", "sync", "number"),
)

schedules = Table(
    "schedules",
    metadata,
    Column("sync", Text, primary_key=True),
    Column("said", Text, nullable=False),
    Column("since", Moment, nullable=False),
)

awaited_jobs = Table(
    "awaited_jobs",
    metadata,
    Column("job", Text, primary_key=True),
    Column("next_at", Moment, nullable=False),
    Column("ended", JSON, nullable=False),
    Column("problem", Text),
    Column("failures", Integer, nullable=False),
)

index_marks = Table(
    "index_marks",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("watermark", Text, nullable=False),
)

index_records = Table(
    "index_records",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("remote_id", Text, primary_key=True),
    Column("archived", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

index_keys = Table(
    "index_keys",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("folded", Text, primary_key=True),
    Column("remote_id", Text, primary_key=True),
    Index("index_keys_by_record", "organisation", "object", "remote_id"),
)
