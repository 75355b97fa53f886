"""Files, here or elsewhere, and databases that are a file."""

from __future__ import annotations

from source_facts.about import About

FILES = {
    "sample": About(
        title="The sample warehouse",
        how="real files",
        tests="tests/unit/sources/test_sample.py",
        tested="itself: a real DuckDB file",
    ),
    "files": About(
        title="CSV, Parquet, JSON and Excel files",
        extra="excel",
        how="real files",
        tests="tests/contract/sources/test_files.py",
        tested="real files, damaged ones too, and a real HTTP server",
        notes=(
            """Models are SQL as DuckDB has it, over the tables that the source names; joins between files are
possible. A query reads no other file of the machine. The extra is needed for Excel files only.""",
            """A path leads into the project's folder, or into one that whoever runs Bookward names in
`BOOKWARD_DATA`; nothing that is hidden is read. An address has to say how long its file is.""",
            """An empty field of a CSV file is null. A line with fewer or more fields than the first, a file
that was cut off, and letters in another encoding stop the read with the place. So does a file that is
changed, replaced or removed while it is read. Of a CSV file or of lines of JSON whose writer pauses in the
middle nobody can tell that more is to come: let it write under another name, and rename the file. Numbers
of JSON keep their digits; what is nested in them is JSON text. Numbers of Excel have the 15 digits that
Excel itself keeps, days are written as 2026-01-31.""",
        ),
    ),
    "s3": About(
        title="Files in Amazon S3",
        how="real server",
        tests="tests/contract/sources/test_s3.py",
        tested="a real server (SeaweedFS, which checks every signature); Amazon itself was not at hand",
        notes=(
            """The objects of the tables that a query names are fetched whole and then read as
[files](files.md) are. `**` in a path goes through folders, and parts such as `year=2026/` become columns
of Parquet files. A role is taken on with what the machine has, and its keys are renewed while files are
fetched; roles and temporary keys were tested at a stub of Amazon's STS, and open buckets not at all.""",
        ),
    ),
    "sftp": About(
        title="Files over SFTP",
        extra="sftp",
        how="real server",
        tests="tests/contract/sources/test_sftp.py",
        tested="a real server (OpenSSH 9.2); passwords on a server made of paramiko",
        notes=(
            """The files of the tables that a query names are fetched whole and then read as
[files](files.md) are. `**` in a path goes through folders; names that begin with a dot match no pattern,
and links to folders are not followed. A file that changes while it is read stops the read.""",
            """`host_key` is what the server proves itself by. Leave it out once: the error shows the one that
was seen, which whoever runs the server can confirm.""",
        ),
    ),
    "sqlite": About(
        title="SQLite files",
        how="real files",
        tests="tests/contract/sources/test_sqlite.py",
        tested="real SQLite files, damaged ones too",
        notes=(
            """A column has the type of the values that a query finds in it, and these are read for it before
the rows are: whole numbers, floats, bytes, or text. Whole and other numbers in one column are read
as exact decimals.""",
        ),
    ),
    "duckdb": About(
        title="DuckDB files",
        how="real files",
        tests="tests/contract/sources/test_battery.py",
        tested="a real DuckDB file",
    ),
}
