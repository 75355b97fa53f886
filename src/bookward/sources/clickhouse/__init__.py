"""ClickHouse."""

from bookward.sources.clickhouse.source import ClickhouseSource, ClickhouseSpec

__all__ = ["ClickhouseSource", "ClickhouseSpec"]
