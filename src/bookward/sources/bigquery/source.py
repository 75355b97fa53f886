"""BigQuery, read through Google's own client as Arrow: by the Storage Read API, or page by page over REST.

BigQuery knows no read-only session. It says beforehand, at no cost, what kind of statement a text is; only a
SELECT is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from types import ModuleType
from typing import Any, ClassVar

from bookward.errors import BookwardError, SourceFailed
from bookward.heavy import pa
from bookward.ports import SqlPushdown
from bookward.records import ListedTable
from bookward.sources import arrays, arrowtables, catalogue
from bookward.sources.base import load_driver
from bookward.sources.bigquery import signin, types
from bookward.sources.bigquery.spec import BigQuerySpec
from bookward.sources.select import quoted
from bookward.sources.server import ServerSource
from bookward.sources.workshop import Workshop, literal
from bookward.sources.workshop_pushdown import WorkshopPushdown
from bookward.spec.source import SourceSpec

_PAGE_ROWS = 5_000
_ONE_AT_A_TIME = {"max_queue_size": 2, "max_stream_count": 1}  # rows are read in constant memory
_REFUSED = range(400, 500)
_FORBIDDEN = 403


class BigQuerySource(ServerSource):
    """Reads datasets in BigQuery."""

    spec_class: ClassVar[type[SourceSpec]] = BigQuerySpec
    dialect: ClassVar[str] = "bigquery"
    who: ClassVar[str] = "SELECT SESSION_USER() AS who, 'BigQuery' AS version"
    catalogue: ClassVar[str] = """
        SELECT c.table_schema, c.table_name, c.column_name, c.data_type, c.is_nullable = 'YES' AS nullable,
            k.ordinal_position AS place
        FROM {dataset}.INFORMATION_SCHEMA.COLUMNS AS c
        LEFT JOIN {dataset}.INFORMATION_SCHEMA.KEY_COLUMN_USAGE AS k ON k.table_name = c.table_name
            AND k.column_name = c.column_name AND ENDS_WITH(k.constraint_name, 'pk$')
        ORDER BY c.table_name, c.ordinal_position
    """

    def __init__(self, name: str, spec: BigQuerySpec) -> None:
        super().__init__(name, f"{spec.url or 'bigquery.googleapis.com'}/{spec.project}")
        self._spec = spec

    def tables(self) -> Iterator[ListedTable]:
        with self._client() as client, self._translated("refused to list its datasets"):
            datasets = [each.dataset_id for each in client.list_datasets(retry=_retry(self._spec))]
        for dataset in datasets:
            if dataset == self._spec.bookward_schema:
                continue
            query = self.catalogue.format(dataset=quoted(dataset, self.dialect))
            with self.read(query) as rows:
                yield from catalogue.listed(rows)

    def pushdown(self) -> SqlPushdown:
        schema = (self._spec.project, self._spec.bookward_schema)
        where = ".".join(quoted(part, self.dialect) for part in schema)
        return WorkshopPushdown(
            Workshop(
                name=self._name,
                dialect=self.dialect,
                schema=schema,
                hand=self.session,
                read=self.read,
                described=self.described,
                translated=self._translated,
                there=self._has_dataset,
                denied=lambda error: _said(error)[:2] == (_FORBIDDEN, "accessDenied"),
                who="SELECT SESSION_USER()",
                make=lambda query: f"CREATE SCHEMA {where}{_located(self._place_of_data(query))}",
                grant=lambda who: (
                    f"GRANT `roles/bigquery.dataEditor` ON SCHEMA {where} TO '{signin.principal(who)}'"
                ),
            )
        )

    def _has_dataset(self, query: _Query) -> bool:
        name, wanted = self._spec.bookward_schema, self._place_of_data(query)
        found = query.location(name)
        if found and wanted and found.casefold() != wanted.casefold():
            raise SourceFailed(
                f"Dataset {name!r} of source {self._name!r} is in {found}, and the data are in {wanted}: "
                "BigQuery writes nothing elsewhere than it reads.",
                remedy="Name another dataset as `bookward_schema` in the source's file, or drop this one: "
                "all that is in it is made anew.",
            )
        return found is not None

    def _place_of_data(self, query: _Query) -> str | None:
        """Return where the data are, None where neither a place nor a dataset is named."""
        default = self._spec.default_dataset
        found: str | None = self._spec.location or (query.location(default) if default else None)
        return found

    def described(self, query: str) -> pa.Schema:
        with self._client() as client, self._translated("refused the query"):
            session = _Query(self._name, client, self._credentials, self._spec)
            return arrays.schema([types.column(each) for each in session.tried(query).schema])

    @contextmanager
    def session(self) -> Iterator[Any]:
        with self._client() as client:
            yield _Query(self._name, client, self._credentials, self._spec)

    def columns(self, cursor: Any) -> Sequence[arrays.Taken]:
        return [types.column(each) for each in cursor.schema]

    def batches(self, cursor: Any, columns: Sequence[arrays.Taken]) -> Iterator[pa.RecordBatch]:
        return self.counted(arrowtables.batches(cursor.tables(), columns), cursor.rowcount)

    def errors(self) -> tuple[type[Exception], ...]:
        from google.api_core.exceptions import GoogleAPIError
        from google.auth.exceptions import GoogleAuthError

        return (GoogleAPIError, GoogleAuthError)

    def failure(self, what: str, error: Exception) -> BookwardError:
        from google.auth.exceptions import OAuthError, RefreshError

        code, reason, message = _said(error)
        if isinstance(error, (OAuthError, RefreshError)) or code == 401:
            return self.turned_away(message)
        if reason == "bytesBilledLimitExceeded":
            return SourceFailed(
                f"Source {self._name!r} would be billed for too many bytes: {message}",
                remedy="Narrow the model, or raise `maximum_bytes_billed` in the source's file.",
            )
        if reason in ("stopped", "timeout") or "timed out" in message:
            return self.gave_up(message)
        if code in _REFUSED:
            return self.refused(what, message)
        return self.lost(message) if what.startswith("failed") else self.unreachable(message)

    @contextmanager
    def _client(self) -> Iterator[Any]:
        driver = _driver()
        client = driver.Client(
            project=self._spec.project,
            credentials=self._credentials,
            location=self._spec.location,
            client_options={"api_endpoint": self._spec.url.rstrip("/")} if self._spec.url else None,
        )
        try:
            yield client
        finally:
            client.close()

    @cached_property
    def _credentials(self) -> Any:
        return signin.credentials(self._name, self._spec)


class _Query:
    """One query of one client."""

    def __init__(self, name: str, client: Any, credentials: Any, spec: BigQuerySpec) -> None:
        self._name = name
        self._client = client
        self._credentials = credentials
        self._spec = spec
        self._retry = _retry(spec)
        self._rows: Any = None

    def location(self, dataset: str) -> str | None:
        """Return where a dataset is, None where there is none."""
        from google.api_core.exceptions import NotFound

        try:
            found: str = self._client.get_dataset(dataset, retry=self._retry).location
        except NotFound:
            return None
        return found

    @property
    def schema(self) -> Any:
        return self._rows.schema

    @property
    def rowcount(self) -> int | None:
        found: int | None = self._rows.total_rows
        return found

    def execute(self, query: str) -> None:
        self.tried(query)
        self._job = self._begun(query)
        self._rows = self._result()

    def do(self, statement: str) -> None:
        """Run a statement of Bookward's own."""
        self._job = self._begun(statement)
        self._rows = self._result()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Return the few rows of a query of Bookward's own."""
        self.do(query)
        return [tuple(row.values()) for row in self._rows]

    def tried(self, query: str) -> Any:
        """Return what BigQuery says of a query, at no cost.

        Raises:
            SourceFailed: it is something else.
        """
        tried = self._begun(query, dry_run=True)
        if tried.statement_type != "SELECT":
            raise SourceFailed(
                f"Source {self._name!r} is read-only: it runs a SELECT, and this is {tried.statement_type}.",
                remedy="Make the model one single query.",
            )
        return tried

    def tables(self) -> Iterator[Any]:
        """Yield the rows as Arrow, by the Storage Read API where it is worth it and allowed."""
        from google.api_core.exceptions import Forbidden

        if self._spec.storage_api:
            found = self._rows.to_arrow_iterable(bqstorage_client=self.storage(), **_ONE_AT_A_TIME)
            try:
                first = next(found, None)
            except Forbidden:
                self._rows = self._result()
            else:
                yield from () if first is None else (first,)
                yield from found
                return
        yield from self._rows.to_arrow_iterable()

    def storage(self) -> Any:
        """Return the client of the Storage Read API; none at an address that is not Google's."""
        from google.cloud import bigquery_storage

        made: Any = bigquery_storage.BigQueryReadClient
        return None if self._spec.url else made(credentials=self._credentials)

    def _begun(self, query: str, *, dry_run: bool = False) -> Any:
        spec, driver = self._spec, _driver()
        default = spec.default_dataset
        asked = {
            "default_dataset": f"{spec.project}.{default}" if default else None,
            "maximum_bytes_billed": spec.maximum_bytes_billed,
            "job_timeout_ms": spec.statement_timeout * 1000 or None,
        }
        # The driver would say "None" to BigQuery where nothing is asked.
        asked = {name: value for name, value in asked.items() if value is not None}
        config = driver.QueryJobConfig(dry_run=dry_run, labels=spec.labels, **asked)
        return self._client.query(query, job_config=config, retry=self._retry, job_retry=None)

    def _result(self) -> Any:
        return self._job.result(page_size=_PAGE_ROWS, retry=self._retry, job_retry=None)


def _located(place: str | None) -> str:
    return f" OPTIONS (location = {literal(place)})" if place else ""


def _driver() -> ModuleType:
    return load_driver("BigQuery", "bigquery", "google.cloud.bigquery")


def _retry(spec: BigQuerySpec) -> Any:
    return _driver().DEFAULT_RETRY.with_timeout(spec.connect_timeout)


def _said(error: Exception) -> tuple[int, str, str]:
    """Return the code of an error, 0 where it has none, its reason, and its words on one line."""
    cause = getattr(error, "cause", None) or error  # what was tried again until the time was over
    errors = getattr(cause, "errors", None) or [{}]
    reason = errors[0].get("reason", "") if isinstance(errors[0], dict) else ""
    words = str(getattr(cause, "message", None) or cause)
    code = getattr(cause, "code", None)
    return int(code) if isinstance(code, int) else 0, reason, " ".join(words.split())
