"""Files as tables: CSV, Parquet, JSON and Excel, by path, pattern or address."""

from bookward.sources.files.source import FilesSource
from bookward.sources.files.spec import FilesSpec

__all__ = ["FilesSource", "FilesSpec"]
