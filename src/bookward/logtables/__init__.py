"""Runs as tables: what was planned and done about every row, for those who look at it with SQL."""

from bookward.logtables.making import Tables, tables_of
from bookward.logtables.writing import open_writer

__all__ = ["Tables", "open_writer", "tables_of"]
