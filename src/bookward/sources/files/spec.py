"""Which files are which tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from bookward.spec.base import Spec
from bookward.spec.source import SourceSpec

ADDRESSES = ("http://", "https://")

Format = Literal["csv", "parquet", "jsonl", "json", "excel"]

_ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".xlsx": "excel",
}


class FileTable(Spec):
    """Files that are one table: those of a pattern have the same columns."""

    path: Annotated[str, Field(min_length=1)]
    """A file, a pattern such as `exports/invoices-*.csv`, or an address that begins with https://. A path
    that is not absolute begins at the project's folder."""
    format: Format | None = None
    """What the files hold; by default what their ending says."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """What stands between the fields of a CSV file; by default a comma, and a tab in `.tsv` files."""
    encoding: Literal["utf-8", "latin-1", "utf-16"] = "utf-8"
    """How the letters of a CSV file are written."""
    header: bool = True
    """Whether the first line of a CSV file, or the first row of a sheet, has the names of the columns; else
    they are called column1, column2 and so on."""
    sheet: str | None = None
    """Sheet of an Excel file; by default the first."""
    partitions: bool = False
    """Whether parts of the path such as `year=2026` are columns, as text, in place of what the files say."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.format is None and self.ending not in _ENDINGS:
            known = ", ".join(_ENDINGS)
            raise ValueError(f"say the `format`: {self.path!r} ends with none of {known}")
        return self

    @property
    def ending(self) -> str:
        """The last ending of the path, but for that of a compression."""
        path = self.path.partition("?")[0] if self.path.startswith(ADDRESSES) else self.path
        return Path(path.lower().removesuffix(".gz")).suffix

    @property
    def holds(self) -> Format:
        """What the files hold."""
        return self.format or _ENDINGS[self.ending]

    @property
    def separator(self) -> str:
        """What stands between the fields of a CSV file."""
        return self.delimiter or ("\t" if self.ending == ".tsv" else ",")


def _as_table(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


Table = Annotated[FileTable, BeforeValidator(_as_table, json_schema_input_type=str | FileTable)]


class TablesSpec(SourceSpec):
    """Files as tables, wherever they lie."""

    tables: Annotated[dict[str, Table], Field(min_length=1)]
    """The name of each table in queries, and its files: a path alone, or more settings."""
    most_bytes: Annotated[int, Field(ge=1)] = 10_000_000_000
    """The most that is fetched from elsewhere for one table."""


class FilesSpec(TablesSpec):
    """CSV, Parquet, JSON or Excel files, queried with SQL.

    Every column of a CSV or Excel file, and every value of JSON, is text as it is written there: nothing is
    guessed, no zero of an account code is lost, and no amount becomes a float.
    """

    type: Literal["files"] = "files"
    """Files."""

    @property
    def local_paths(self) -> Sequence[str]:
        return [table.path for table in self.tables.values() if not table.path.startswith(ADDRESSES)]

    def located(self, root: Path) -> FilesSpec:
        tables = {
            name: table
            if table.path.startswith(ADDRESSES)
            else table.model_copy(update={"path": str(root / table.path)})
            for name, table in self.tables.items()
        }
        return self.model_copy(update={"tables": tables})
