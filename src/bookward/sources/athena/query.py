"""One query of Athena, and the file that its result is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from bookward.heavy import pa, pacsv
from bookward.sources.athena.spec import AthenaSpec

_AT_WORK = ("QUEUED", "RUNNING")
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 2.0  # seconds between two looks at a query
_BLOCK = 512 * 1024  # the longest line that is read


class QueryRefused(Exception):
    """Athena does not run a query."""


class QuerySlow(Exception):
    """A query took longer than it may, and was stopped."""


class Query:
    """One query and its result."""

    def __init__(self, athena: Any, s3: Any, spec: AthenaSpec) -> None:
        """Ask for nothing yet.

        Args:
            athena: boto3's client of Athena.
            s3: boto3's client of where results lie.
        """
        self._athena = athena
        self._s3 = s3
        self._spec = spec
        self._place = ""
        self.columns: list[dict[str, Any]] = []  #: the result's columns, as its metadata have them

    def execute(self, query: str) -> None:
        """Run a query until its result is there.

        Raises:
            QueryRefused, QuerySlow: see there.
        """
        spec = self._spec
        context = {"Catalog": spec.catalog, "Database": spec.database}
        given: dict[str, Any] = {
            # Nothing but a query can stand there; the comment is for people who look at Athena's history.
            "QueryString": f"/* bookward */ SELECT * FROM (\n{query}\n)",
            "QueryExecutionContext": {name: value for name, value in context.items() if value},
            "WorkGroup": spec.work_group,
        }
        if spec.output_location:
            given["ResultConfiguration"] = {"OutputLocation": spec.output_location}
        id_ = self._athena.start_query_execution(**given)["QueryExecutionId"]
        self._place = self._waited(id_)["ResultConfiguration"]["OutputLocation"]
        found = self._athena.get_query_results(QueryExecutionId=id_, MaxResults=1)
        self.columns = found["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]

    def tables(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the result's file, every value as text."""
        bucket, _, key = self._place.removeprefix("s3://").partition("/")
        body = self._s3.get_object(Bucket=bucket, Key=key)["Body"]
        names = [f"c{place}" for place in range(len(self.columns))]
        try:
            whole: Any = _Whole(body)
            yield from pacsv.open_csv(
                whole,
                # The first line has the names, of which two may be the same.
                read_options=pacsv.ReadOptions(
                    column_names=names, skip_rows_after_names=1, block_size=_BLOCK, use_threads=False
                ),
                # A null is written as nothing; in a result of one column, its whole line is empty.
                parse_options=pacsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
        finally:
            body.close()

    def _waited(self, id_: str) -> dict[str, Any]:
        end, wait = time.monotonic() + self._spec.statement_timeout, _FIRST_WAIT
        while True:
            found: dict[str, Any] = self._athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
            state = found["Status"]["State"]
            if state == "SUCCEEDED":
                return found
            if state not in _AT_WORK:
                raise QueryRefused(found["Status"].get("StateChangeReason", f"the query is {state}"))
            if time.monotonic() > end:
                self._athena.stop_query_execution(QueryExecutionId=id_)
                raise QuerySlow(f"it took more than {self._spec.statement_timeout} seconds.")
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)


class _Whole:
    """The body of an object, as Arrow reads a file; boto3 raises when it ends too early."""

    closed = False

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        found: bytes = self._body.read(None if size < 0 else size)
        return found

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True
