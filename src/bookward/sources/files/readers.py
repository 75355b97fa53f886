"""The queries by which DuckDB reads files: nothing is guessed, and what does not fit together is refused."""

from __future__ import annotations

import csv
import gzip
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from bookward.errors import SourceFailed
from bookward.heavy import pq
from bookward.sources.collected import refuse_alike
from bookward.sources.duck import literal
from bookward.sources.files.rows import RENAME
from bookward.sources.files.spec import FileTable

_WILD = re.compile(r"[\[\]*?]")
_BUFFER = 8 * 1024 * 1024  # bytes that each thread holds of a file; DuckDB's own are 32 MB


def csv_query(files: Sequence[Path], table: FileTable) -> str:
    """Return the query of CSV files that are in UTF-8 and not packed; see ``plain``.

    Raises:
        SourceFailed: they have other columns than each other, or one of them twice, capital or not.
    """
    heads = [_head(file, table) for file in files]
    for file, head in zip(files, heads, strict=True):
        if head != heads[0]:
            raise SourceFailed(
                f"{file.name} has other columns than {files[0].name}: {', '.join(head)} instead of "
                f"{', '.join(heads[0])}.",
                remedy="Let the pattern match files with the same first line only.",
            )
    twice = next((column for column in heads[0] if heads[0].count(column) > 1), None)
    if twice is not None:
        raise SourceFailed(f"{files[0].name} has two columns {twice!r}.", remedy=RENAME)
    refuse_alike(heads[0], "it", RENAME)
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in heads[0])
    return (
        f"SELECT * FROM read_csv({_list(files)}, auto_detect = false, columns = {{{columns}}}, "
        f"header = {table.header}, delim = {literal(table.separator)}, quote = '\"', escape = '\"', "
        f"buffer_size = {_BUFFER}, {_partitions(table)})"
    )


def parquet_query(files: Sequence[Path], table: FileTable) -> str:
    """Return the query of Parquet files.

    Raises:
        SourceFailed: they have other columns or types than each other; DuckDB would round, or make nulls. Or
            two columns differ in capital letters only.
    """
    schemas = [pq.read_schema(file).remove_metadata() for file in files]
    for file, schema in zip(files, schemas, strict=True):
        if schema != schemas[0]:
            raise SourceFailed(
                f"{file.name} has other columns or types than {files[0].name}.",
                remedy="Let the pattern match files of one kind only, or make two tables of them.",
            )
    refuse_alike(schemas[0].names, "it", RENAME)
    return f"SELECT * FROM read_parquet({_list(files)}, {_partitions(table)})"


def plain(file: Path, table: FileTable, target: Path) -> Path:
    """Return a CSV file in UTF-8 and not packed: itself, or a copy that Python has unpacked and decoded.

    DuckDB looks at no checksum of what is packed, and knows one of the two byte orders of UTF-16.
    """
    packed = file.suffix.lower() == ".gz"
    if not packed and table.encoding == "utf-8":
        return file
    opened = gzip.open if packed else open
    target.parent.mkdir(exist_ok=True)
    with (
        opened(file, "rt", encoding=table.encoding, newline="") as given,
        target.open("w", encoding="utf-8", newline="") as written,
    ):
        shutil.copyfileobj(given, written, 1024 * 1024)
    return target


def by_its_word(file: Path, folder: Path) -> Path:
    """Return a file under a name that is no pattern to DuckDB."""
    if not _WILD.search(str(file)):
        return file
    folder.mkdir(exist_ok=True)
    link = folder / f"{len(list(folder.iterdir()))}-{_WILD.sub('_', file.name)}"
    link.symlink_to(file)
    return link


def _head(file: Path, table: FileTable) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        first = next(csv.reader(stream, delimiter=table.separator), None)
    if not first:
        how = "is empty" if first is None else "begins with an empty line"
        raise SourceFailed(f"{file.name} {how}.", remedy="Its first line has to name the columns.")
    names = first if table.header else [""] * len(first)
    return [name or f"column{place}" for place, name in enumerate(names, 1)]


def _partitions(table: FileTable) -> str:
    return f"hive_partitioning = {table.partitions}, hive_types_autocast = false"


def _list(files: Sequence[Path]) -> str:
    return f"[{', '.join(literal(str(file)) for file in files)}]"
