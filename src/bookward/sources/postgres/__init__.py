"""PostgreSQL: reading it, and comparing rows in it."""

from bookward.sources.postgres.address import PostgresSpec
from bookward.sources.postgres.source import PostgresSource

__all__ = ["PostgresSource", "PostgresSpec"]
