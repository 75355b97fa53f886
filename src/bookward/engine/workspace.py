"""DuckDB, kept within bounds: how the engine opens it and how it reads Parquet files with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bookward.disk import disk_errors
from bookward.errors import ColumnMissing, StoreFailed
from bookward.heavy import duckdb, pa, pq

ROW = "file_row_number"
"""DuckDB's own column: the place of a row in its file, from 0."""

_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}  # as DuckDB tells a limit
_AMPLE = 256  # bytes for each row of a sort with which two threads come through


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """What the engine may use up: a folder for what does not fit into memory, and how much memory."""

    folder: Path
    memory_limit: str = "1GB"  #: as DuckDB reads it; overshot by some 5 % in practice

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield an empty database that spills into the folder and touches neither network nor home.

        Raises:
            StoreFailed: DuckDB could not do its work, for want of disk or memory or for a damaged file.
        """
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(
            config={
                "memory_limit": self.memory_limit,
                "temp_directory": str(self.folder),
                "autoinstall_known_extensions": "false",
                "preserve_insertion_order": "false",
            }
        )
        try:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET enable_progress_bar = false")
            yield connection
        except duckdb.OutOfMemoryException as error:
            raise self._out_of_memory(error) from error
        except duckdb.Error as error:
            raise StoreFailed(f"DuckDB could not finish in {self.folder}: {error}") from error
        except OSError as error:  # what Arrow makes of DuckDB's errors while rows are taken
            if "Out of Memory" not in str(error):
                raise
            raise self._out_of_memory(error) from error
        finally:
            connection.close()

    def _out_of_memory(self, error: Exception) -> StoreFailed:
        return StoreFailed(
            f"Comparing needs more memory than {self.memory_limit}, or more room to spill to than there "
            f"is in {self.folder}: {str(error).partition(chr(10))[0]}",
            remedy="Raise BOOKWARD_MEMORY_LIMIT (256MB are enough for a million changed rows), or let "
            "BOOKWARD_WORK name a folder with more room.",
        )


class Scan:
    """A Parquet file as a table of DuckDB, its columns addressed by place.

    By place, because DuckDB takes "Id" and "id" for the same name and Bookward does not.
    """

    def __init__(self, path: Path, alias: str) -> None:
        self.path = path
        self.alias = alias

    @cached_property
    def schema(self) -> pa.Schema:
        return pq.read_schema(self.path)

    @cached_property
    def rows(self) -> int:
        return int(pq.read_metadata(self.path).num_rows)

    def field(self, name: str) -> pa.Field[Any]:
        """Return the field of a column.

        Raises:
            ColumnMissing: there is no such column.
        """
        index = self.schema.get_field_index(name)
        if index < 0:
            there = ", ".join(repr(known) for known in self.schema.names)
            raise ColumnMissing(f"The rows have no column {name!r}; there is {there}.")
        return self.schema.field(index)

    def column(self, name: str) -> str:
        """Return the SQL of a column."""
        self.field(name)
        return f"{self.alias}.c{self.schema.get_field_index(name)}"

    @property
    def row(self) -> str:
        """The SQL of the place of the row in the file."""
        return f"{self.alias}.{ROW}"

    def columns(self, names: Sequence[str]) -> list[str]:
        return [self.column(name) for name in names]

    @property
    def sql(self) -> str:
        """The SQL of the file, to stand after FROM or JOIN."""
        places = ", ".join(f"c{place}" for place in range(len(self.schema)))
        return f"read_parquet({_literal(self.path)}) AS {self.alias}({places})"


def spare_memory(connection: duckdb.DuckDBPyConnection, sorted_rows: int) -> None:
    """Sort on one thread from now on if there is little memory for what is sorted.

    Each thread pins blocks of its own of every sort. It takes twice as long, and a half of the memory.
    """
    ((said,),) = connection.execute("SELECT current_setting('memory_limit')").fetchall()
    number, unit = said.split()
    if float(number) * _UNITS[unit] < sorted_rows * _AMPLE:
        connection.execute("SET threads = 1")


def _literal(path: Path) -> str:
    """Return a path as a string of SQL, with what would be a wildcard taken by its word."""
    plain = re.sub(r"([\[\]*?])", r"[\1]", str(path.resolve()))
    return "'" + plain.replace("'", "''") + "'"


def arrow_batches(
    connection: duckdb.DuckDBPyConnection, query: str, size: int = 16_384
) -> Iterator[pa.RecordBatch]:
    """Run a query and yield its rows as they come; read to the end before running the next one."""
    relation = connection.sql(query)
    # DuckDB before 1.5 knows the same thing under another name only.
    open_reader = getattr(relation, "to_arrow_reader", None) or relation.fetch_arrow_reader
    yield from open_reader(size)


def single_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    """Run a query that returns one row of numbers."""
    return tuple(int(value or 0) for value in connection.execute(query).fetchall()[0])
