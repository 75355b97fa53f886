"""Where runs are written down as tables, for those who look at them with SQL."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, SecretStr

from bookward.spec.base import Spec, shaped


class _Logs(Spec):
    fields: bool = True
    """Whether the row as the model had it stands beside what became of it; it may be personal data."""


class DuckdbLogs(_Logs):
    """Tables in a DuckDB file."""

    type: Literal["duckdb"]
    """A DuckDB file on this machine."""
    path: Annotated[str, Field(min_length=1)]
    """The file; a path that is not absolute begins at the project's folder."""


class ParquetLogs(_Logs):
    """Parquet files, one a run and table, in a folder or an object storage."""

    type: Literal["parquet"]
    """Parquet files."""
    url: Annotated[str, shaped(r"^(s3|gs|gcs|abfs|abfss|file)://", "an address such as s3://bucket/logs")]
    """The folder: `s3://bucket/logs`, `gs://...`, `abfs://...`, `file:///...`; keys come from the environment
    or the machine's role."""


class PostgresLogs(_Logs):
    """Tables in a PostgreSQL database, such as the warehouse itself."""

    type: Literal["postgres"]
    """A PostgreSQL database."""
    url: SecretStr
    """postgresql://user:password@host/database, as `${NAME}`; the user needs the right to make the schema."""
    schema_: Annotated[str, Field(alias="schema", min_length=1)] = "bookward_audit"
    """The schema that the tables are in."""


Logs: TypeAlias = Annotated[DuckdbLogs | ParquetLogs | PostgresLogs, Field(discriminator="type")]
