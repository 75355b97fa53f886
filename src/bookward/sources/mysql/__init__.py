"""MySQL and MariaDB."""

from bookward.sources.mysql.source import MysqlSource, MysqlSpec

__all__ = ["MysqlSource", "MysqlSpec"]
