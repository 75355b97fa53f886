"""Firebolt, an account's engine or Firebolt Core, read as lines of JSON through the vendor's SDK."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain, islice
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal, Self

import httpx
from pydantic import Field, SecretStr, model_validator

from bookward import __version__
from bookward.errors import SourceFailed
from bookward.sources.arrays import Taken
from bookward.sources.base import load_driver
from bookward.sources.firebolt import types
from bookward.sources.server import ServerSource
from bookward.spec.source import SourceSpec

_WHO_ASKS = {"user_clients": [("bookward", __version__)]}  # in the client's User-Agent


class FireboltSpec(SourceSpec):
    """An engine of a Firebolt account, or Firebolt Core."""

    first: ClassVar[tuple[str, ...]] = ("account", "client_id", "client_secret", "engine", "database")
    instead: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("client_id", "client_secret", "account", "engine"),
        ("url",),
    )

    type: Literal["firebolt"] = "firebolt"
    """Firebolt."""
    client_id: str | None = None
    """Id of the service account that signs in; one who may only read is enough, and best."""
    client_secret: SecretStr | None = None
    """Its secret, as `${NAME}`."""
    account: str | None = None
    """Name of the account."""
    engine: str | None = None
    """Name of the engine that runs the queries."""
    database: str | None = None
    """The database in which tables are looked for."""
    url: str | None = None
    """Where Firebolt Core answers, instead of an account: `http://localhost:3473`."""
    api_endpoint: str = "https://api.app.firebolt.io"
    """Where accounts are asked for."""
    statement_timeout: Annotated[int, Field(ge=0)] = 3600
    """Seconds after which a query is given up; 0 for never."""

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        account = (self.client_id, self.client_secret, self.account, self.engine)
        if not (self.url and not any(account)) and (self.url or not all(account)):
            raise ValueError(
                "name client_id, client_secret, account and engine, or the url of Firebolt Core alone"
            )
        return self


class FireboltSource(ServerSource):
    """Reads a database of Firebolt."""

    spec_class: ClassVar[type[SourceSpec]] = FireboltSpec
    dialect: ClassVar[str] = "postgres"
    who: ClassVar[str] = "SELECT session_user() AS who, 'Firebolt ' || version() AS version"
    catalogue: ClassVar[str] = """
        SELECT table_schema, table_name, column_name, data_type, is_nullable = 'YES' AS nullable,
            CAST(NULL AS INTEGER) AS place
        FROM information_schema.columns
        WHERE table_schema <> 'information_schema'
        ORDER BY table_schema, table_name, ordinal_position
    """

    def __init__(self, name: str, spec: FireboltSpec) -> None:
        super().__init__(name, spec.url or f"{spec.account}/{spec.engine}")
        self._spec = spec

    @contextmanager
    def session(self) -> Iterator[Any]:
        driver = _driver()
        with self._signing_in():
            connection = self._connect(driver)
        with closing(connection):
            if self._spec.url is not None:  # where nobody has been asked for anything so far
                with self._signing_in(), closing(connection.cursor()) as cursor:
                    cursor.execute_stream("SELECT 1", skip_parsing=True)
            connection.cursor_type = _lines_of(driver)
            with closing(_Answer(connection.cursor(), self._spec.statement_timeout)) as answer:
                yield answer

    def columns(self, cursor: Any) -> Sequence[Taken]:
        return [types.column(each.name, each.type) for each in cursor.description]

    def errors(self) -> tuple[type[Exception], ...]:
        return (_driver().utils.exception.FireboltError, httpx.HTTPError)

    def failure(self, what: str, error: Exception) -> SourceFailed:
        message = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, (TimeoutError, httpx.TimeoutException)):
            return self.gave_up(f"there was no end after {self._spec.statement_timeout} seconds.")
        broken = isinstance(error, (OSError, httpx.HTTPError))
        return self.lost(message) if broken else self.refused(what, message)

    def _connect(self, driver: ModuleType) -> Any:
        spec, auth = self._spec, driver.client.auth
        if spec.url is not None:
            nobody = auth.FireboltCore()
            nobody.requires_response_body = (
                False  # or it has each answer read whole before it lets it through
            )
            return driver.db.connect(
                auth=nobody, url=spec.url, database=spec.database, additional_parameters=_WHO_ASKS
            )
        secret = spec.client_secret.get_secret_value() if spec.client_secret else ""
        return driver.db.connect(
            auth=auth.ClientCredentials(spec.client_id, secret, use_token_cache=False),
            account_name=spec.account,
            engine_name=spec.engine,
            database=spec.database,
            api_endpoint=spec.api_endpoint,
            disable_cache=True,
            additional_parameters=_WHO_ASKS,
        )

    @contextmanager
    def _signing_in(self) -> Iterator[None]:
        try:
            yield
        except (httpx.TransportError, OSError) as error:
            personal = "CERTIFICATE" in str(error)
            raise (self.turned_away if personal else self.unreachable)(str(error)) from error
        except self.errors() as error:
            raise self.turned_away(" ".join(str(error).split())) from error


class _Answer:
    """A query's answer, taken line by line; in DB-API's words, a cursor."""

    def __init__(self, cursor: Any, seconds: int) -> None:
        self._cursor = cursor
        self._seconds = seconds
        self._end = time.monotonic() + (seconds or float("inf"))
        self._rows: Iterator[Any] = iter(())
        self.description: Sequence[Any] = ()

    def execute(self, query: str) -> None:
        """Run a query within another one, where Firebolt takes nothing but a SELECT.

        Raises:
            ConnectionError: the answer has no beginning.
        """
        within = f"SELECT * FROM (\n{query}\n) AS model"
        self._cursor.begin(within, self._seconds or None)
        records = self._records()
        self.description = next(records).result_columns
        self._rows = chain.from_iterable(record.data for record in records)

    def fetchmany(self, size: int) -> Sequence[Any]:
        if time.monotonic() > self._end:
            raise TimeoutError
        return list(islice(self._rows, size))

    def close(self) -> None:
        """Leave; Firebolt gives a query up whose connection is closed."""
        if self._cursor.response is not None:
            self._cursor.response.close()
        self._cursor.close()

    def _records(self) -> Iterator[Any]:
        """Yield what an answer's lines say, up to the one that says that it is whole."""
        for line in _lines(self._cursor.response.iter_bytes()):
            record = self._cursor.parsed(line)
            kind = type(record).__name__
            if kind == "SuccessRecord":
                return
            if kind == "ErrorRecord":
                raise self._cursor.failed({"errors": record.errors})
            yield record
        raise ConnectionError("the answer has no end")


def _lines(pieces: Iterator[bytes]) -> Iterator[Any]:
    """Yield the JSON of each line; httpx would end one at U+2028, too, which JSON may hold as it is."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (json.loads(line, parse_float=str) for line in lines if line)
    if rest.strip():
        raise ConnectionError("the answer breaks off within a line")


def _lines_of(driver: ModuleType) -> type[Any]:
    """Return the driver's cursor, but that it gives an answer as it is: its own drops a part of the types."""
    base: Any = driver.db.cursor.CursorV2

    class Lines(base):  # type: ignore[misc]
        response: Any = None
        parsed = staticmethod(driver.common.row_set.json_lines.parse_json_lines_record)
        failed = driver.utils.exception.FireboltStructuredError

        def begin(self, query: str, seconds: float | None) -> None:
            self._do_execute(query, [], skip_parsing=True, timeout=seconds, streaming=True)

        def _append_row_set_from_response(self, response: Any) -> None:
            self.response = response

    return Lines


def _driver() -> ModuleType:
    parts = ("client.auth", "common.row_set.json_lines", "db.cursor")
    return load_driver(
        "Firebolt", "firebolt", "firebolt", *(f"firebolt.{part}" for part in parts), quiet=True
    )
