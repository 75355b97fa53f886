"""Big libraries, each imported when something of it is first used.

Together they are a third of the memory of a server that has nothing to do (``bench/api.py``), and most
commands do not read or compare a single row.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["duckdb", "exp", "pa", "pacsv", "pafs", "pc", "pq", "sqlglot"]


class _Library:
    """Stands in for a module; what was asked for once is at hand without a detour."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self._name), name)
        setattr(self, name, found)
        return found


if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pacsv
    import pyarrow.fs as pafs
    import pyarrow.parquet as pq
    import sqlglot
    from sqlglot import exp
else:
    duckdb = _Library("duckdb")
    pa = _Library("pyarrow")
    pc = _Library("pyarrow.compute")
    pacsv = _Library("pyarrow.csv")
    pafs = _Library("pyarrow.fs")
    pq = _Library("pyarrow.parquet")
    sqlglot = _Library("sqlglot")
    exp = _Library("sqlglot.expressions")
