"""ClickHouse, read in Arrow over HTTP through the vendor's client."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from bookward.errors import BookwardError, SourceFailed
from bookward.ports import Rows
from bookward.sources.base import load_driver
from bookward.sources.clickhouse import types
from bookward.sources.clickhouse.stream import Answer, AnswerBroken
from bookward.sources.server import RemoteSource, ServerSpec, trusting
from bookward.spec.source import ENCRYPTION, CaFile, SourceSpec

_READ_ONLY = "readonly"
_TOOK_TOO_LONG = 159
_NO_SYNTAX = 62
_GRACE = 60  # seconds; the server gives a query up before we give the server up
_BLOCK_ROWS = 16_384
_WORDS = re.compile(r"DB::Exception: (.+)", re.DOTALL)


class ClickhouseSpec(ServerSpec):
    """A ClickHouse server, or ClickHouse Cloud."""

    first: ClassVar[tuple[str, ...]] = ("host", "port", "database", "user", "password")

    type: Literal["clickhouse"] = "clickhouse"
    """ClickHouse."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8443
    """Port of its HTTP interface; without TLS it is usually 8123."""
    database: str | None = None
    """The database in which tables without one are looked for."""
    sslmode: Annotated[Literal["disable", "require", "verify-full"], ENCRYPTION] = "verify-full"
    """How the connection is encrypted; `verify-full` is the only one that proves who answers."""
    sslrootcert: CaFile = None
    """File with the certificates that are trusted, for `verify-full`."""


class ClickhouseSource(RemoteSource):
    """Reads ClickHouse."""

    spec_class: ClassVar[type[SourceSpec]] = ClickhouseSpec
    dialect: ClassVar[str] = "clickhouse"
    who: ClassVar[str] = "SELECT currentUser() AS who, concat('ClickHouse ', version()) AS version"
    catalogue: ClassVar[str] = """
        SELECT c.database, c.table, c.name, c.type,
            c.type LIKE 'Nullable(%' OR c.type LIKE 'LowCardinality(Nullable(%' AS nullable,
            nullIf(position(concat(', ', replace(t.primary_key, '`', ''), ', '),
                concat(', ', c.name, ', ')), 0) AS place
        FROM system.columns AS c
        JOIN system.tables AS t ON t.database = c.database AND t.name = c.table
        WHERE c.database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA')
            AND t.is_temporary = 0 AND NOT startsWith(c.table, '.inner')
        ORDER BY c.database, c.table, c.position
    """

    def __init__(self, name: str, spec: ClickhouseSpec) -> None:
        super().__init__(name, f"{spec.host}:{spec.port}/{spec.database or ''}".rstrip("/"))
        self._spec = spec

    @contextmanager
    def session(self) -> Iterator[Any]:
        with closing(self._connect(_driver())) as client, ExitStack() as opened:
            yield client, opened

    def answer(self, session: tuple[Any, ExitStack], query: str) -> Rows:
        client, opened = session
        columns = _described(client, query)
        readable = types.readable(query, columns, self.dialect)
        response = client.raw_stream(readable, fmt="ArrowStream")
        answer = opened.enter_context(closing(Answer(response, self.errors())))
        reader = answer.reader()
        shape = types.shape(reader.schema, [declared for _, declared in columns])
        return Rows(shape.schema, map(shape.apply, answer.batches(reader)))

    def errors(self) -> tuple[type[Exception], ...]:
        return (_driver().driver.exceptions.ClickHouseError, _http().HTTPError, AnswerBroken)

    def failure(self, what: str, error: Exception) -> SourceFailed:
        code, message = getattr(error, "code", None), _said(error)
        if code == _TOOK_TOO_LONG:
            return self.gave_up(message)
        return self.lost(message) if code is None else self.refused(what, message)

    def _connect(self, driver: ModuleType) -> Any:
        spec, expected = self._spec, self.errors()
        trusting(spec.sslrootcert)
        if spec.sslmode == "require":  # which says that nobody has to prove anything
            warnings.simplefilter("ignore", _http().InsecureRequestWarning)
        try:
            client = driver.get_client(
                host=spec.host,
                port=spec.port,
                interface="http" if spec.sslmode == "disable" else "https",
                username=spec.user,
                password=spec.password.get_secret_value() if spec.password else "",
                database=spec.database or "__default__",
                verify=spec.sslmode == "verify-full",
                ca_cert=spec.sslrootcert,
                server_host_name=spec.tls_host,
                compress=False,  # Arrow's own compression is there
                connect_timeout=spec.connect_timeout,
                send_receive_timeout=spec.statement_timeout + _GRACE if spec.statement_timeout else None,
                show_clickhouse_errors="scrub",
                autogenerate_session_id=False,
                client_name="bookward",
                dedicated_pool=True,
            )
        except OSError as error:
            raise self.unreachable(_said(error)) from error
        except expected as error:
            raise self._refusal(driver, error) from error
        self._set(client)
        return client

    def _set(self, client: Any) -> None:
        """Ask for what the server lets this user ask for, who may be one that can only read."""
        for name, value in self._settings():
            known = client.server_settings.get(name)
            if known is not None and not known.readonly:
                client.set_client_setting(name, value)
            elif name == _READ_ONLY and (known is None or known.value == "0"):
                client.close()
                raise SourceFailed(
                    f"Source {self._name!r} ({self._server}) does not let its user give up writing.",
                    remedy="Give the user a profile with readonly = 2 or 1.",
                )

    def _refusal(self, driver: ModuleType, error: Exception) -> BookwardError:
        message = _said(error)
        silent = isinstance(error, driver.driver.exceptions.OperationalError)
        return self.unreachable(message) if silent and "SSL" not in message else self.turned_away(message)

    def _settings(self) -> Iterator[tuple[str, Any]]:
        yield _READ_ONLY, 2  # which lets a query have settings, but not this one
        yield "max_execution_time", self._spec.statement_timeout
        yield "cancel_http_readonly_queries_on_client_close", 1
        yield "output_format_decimal_trailing_zeros", 0
        yield "max_block_size", _BLOCK_ROWS


def _described(client: Any, query: str) -> Sequence[tuple[str, str]]:
    """Return the name and the declared type of each column, in which the query is not run."""
    try:
        described = client.raw_query(f"DESCRIBE TABLE (\n{query}\n)", fmt="JSONCompact")
    except _driver().driver.exceptions.DatabaseError as error:
        if error.code == _NO_SYNTAX:
            client.command(query)  # fails, too, and with the place in the query as it stands
        raise
    return [(name, declared) for name, declared, *_ in json.loads(described)["data"]]


def _driver() -> ModuleType:
    return load_driver("ClickHouse", "clickhouse", "clickhouse_connect", quiet=True)


def _http() -> ModuleType:
    from urllib3 import exceptions  # comes with the driver

    module: ModuleType = exceptions
    return module


def _said(error: Exception) -> str:
    """Return the server's own sentence where there is one, on one line."""
    cause = None if isinstance(error, AnswerBroken) else error.__cause__
    text = str(cause or error)
    spoken = _WORDS.search(text)
    return " ".join((spoken[1] if spoken else text).split())
