"""What people are told of each kind of source beside its settings: above all, what it was tested against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class About:
    """A kind of source."""

    title: str
    extra: str = ""  #: of the package; "" where the driver comes along
    tested: str  #: a real server, an emulator or a stub of the protocol
    notes: tuple[str, ...] = ()  #: how its types are read, where that is not plain


ABOUT = {
    "sample": About(title="The sample warehouse", tested="itself: a real DuckDB file"),
    "files": About(
        title="CSV, Parquet, JSON and Excel files",
        extra="excel",
        tested="real files, damaged ones too, and a real HTTP server",
        notes=(
            """Models are SQL as DuckDB has it, over the tables that the source names; joins between files are
possible. A query reads no other file of the machine. The extra is needed for Excel files only.""",
            """A path leads into the project's folder, or into one that whoever runs Bookward names in
`BOOKWARD_DATA`; nothing that is hidden is read. An address has to say how long its file is.""",
            """An empty field of a CSV file is null. A line with fewer or more fields than the first, a file
that was cut off, and letters in another encoding stop the read with the place: never is a part taken for
the whole. Numbers of JSON keep their digits; what is nested in them is JSON text. Numbers of Excel
have the 15 digits that Excel itself keeps, days are written as 2026-01-31.""",
        ),
    ),
    "s3": About(
        title="Files in Amazon S3",
        tested="a real server (SeaweedFS, which checks every signature); Amazon itself was not at hand",
        notes=(
            """The objects of the tables that a query names are fetched whole and then read as
[files](files.md) are. `**` in a path goes through folders, and parts such as `year=2026/` become columns
of Parquet files. Roles and open buckets are untested.""",
        ),
    ),
    "sqlite": About(
        title="SQLite files",
        tested="real SQLite files, damaged ones too",
        notes=(
            """A column has the type of the values that a query finds in it, and these are read for it before
the rows are: whole numbers, floats, bytes, or text. Whole and other numbers in one column are read
as exact decimals.""",
        ),
    ),
    "duckdb": About(title="DuckDB files", tested="a real DuckDB file"),
    "postgres": About(title="PostgreSQL", extra="postgres", tested="a real server (PostgreSQL)"),
    "mysql": About(
        title="MySQL and MariaDB",
        extra="mysql",
        tested="a real server (MariaDB 10.11); MySQL itself was not at hand",
        notes=(
            """A `TINYINT(1)`, which is what MySQL makes of a boolean, is a small integer. A `TIME` is text:
it is a span of up to 838 hours. A `TIMESTAMP` is read in UTC, a `DATETIME` has no zone. Decimals of more
than 38 digits are exact text. The day `0000-00-00` is read as 0001-01-01.""",
            """A query within a query loses its order in MariaDB: a preview shows some rows, and not those
that an `ORDER BY` puts first.""",
        ),
    ),
}
