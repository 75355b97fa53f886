"""Snowflake."""

from bookward.sources.snowflake.source import SnowflakeSource
from bookward.sources.snowflake.spec import SnowflakeSpec

__all__ = ["SnowflakeSource", "SnowflakeSpec"]
