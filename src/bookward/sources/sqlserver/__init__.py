"""Microsoft SQL Server."""

from bookward.sources.sqlserver.source import SqlserverSource, SqlserverSpec

__all__ = ["SqlserverSource", "SqlserverSpec"]
