"""PostgreSQL, read through ADBC: COPY in binary form, straight into Arrow, in constant memory.

No query is sent with bind parameters: the driver would then leave COPY and hold the whole result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.heavy import pa
from bookward.ports import Rows, SqlPushdown
from bookward.records import CheckStep, ListedTable
from bookward.sources import catalogue, select, tunnel
from bookward.sources.base import failed, guarded
from bookward.sources.iam import rds_token
from bookward.sources.postgres import types
from bookward.sources.postgres.address import PostgresSpec, address, server
from bookward.sources.postgres.driver import Database, driver
from bookward.sources.postgres.pushdown import PostgresPushdown
from bookward.sources.postgres.session import Server
from bookward.sources.postgres.words import literal
from bookward.sources.shape import Shape
from bookward.spec.source import SourceSpec

_BATCH_BYTES = 2 * 1024 * 1024
_BATCH_OPTION = {"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)}
_SESSION = {"TimeZone": "UTC", "DateStyle": "ISO", "IntervalStyle": "iso_8601", "extra_float_digits": "1"}
_SERVER_SPOKE = re.compile(r"\b(?:FATAL|ERROR|PANIC):\s+(?P<message>.*)")
_SIGN_IN = re.compile(r"\b(?:FATAL:|fe_sendauth|authentication|SCRAM|SSL|certificate)")
_TIMEOUT = "57014"
_CATALOGUE = """
SELECT n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
    NOT a.attnotnull, array_position(k.indkey::int2[], a.attnum)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_index AS k ON k.indrelid = c.oid AND k.indisprimary
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', {own}) AND n.nspname !~ '^pg_(toast|temp)'
    AND has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY n.nspname, c.relname, a.attnum
"""


class PostgresSource:
    """Reads a PostgreSQL database."""

    spec_class: ClassVar[type[SourceSpec]] = PostgresSpec
    dialect: ClassVar[str] = "postgres"

    def __init__(self, name: str, spec: PostgresSpec) -> None:
        self._name = name
        self._spec = spec
        self._server = server(spec)
        self._database: Database | None = None

    def check(self) -> Iterator[CheckStep]:
        spec = self._spec
        for step in tunnel.steps(spec.ssh, str(spec.host), spec.port, self._name):
            yield step
            if not step.ok:
                return
        try:
            with self._connected():
                pass
        except SourceUnreachable as error:
            yield failed("reach", error)
            return
        except SourceFailed as error:
            yield CheckStep(name="reach", ok=True, detail=f"{self._server} answers")
            yield failed("sign in", error)
            return
        except BookwardError as error:
            yield failed("driver", error)
            return
        yield CheckStep(name="reach", ok=True, detail=f"{self._server} answers")
        try:
            with self.read("SELECT current_user AS who, version() AS version") as rows:
                who, version = next(rows.batches).to_pylist()[0].values()
        except BookwardError as error:
            yield failed("read", error)
            return
        yield CheckStep(name="sign in", ok=True, detail=f"as {who}")
        yield CheckStep(name="read", ok=True, detail=f"{version.partition(' on ')[0]}, read-only")

    def tables(self) -> Iterator[ListedTable]:
        with self.read(_CATALOGUE.format(own=literal(self._spec.bookward_schema))) as rows:
            yield from catalogue.listed(rows)

    @contextmanager
    def read(self, query: str) -> Iterator[Rows]:
        query = f"{query}\n"  # ends a comment at the end, which would swallow what COPY puts after it
        with self._cursor() as cursor:
            with self._translated("refused the query"):
                self._prepare_session(cursor)
                described = cursor.adbc_execute_schema(query)
                casts = types.casts(described)
                cursor.execute(select.recast(query, described.names, casts, self.dialect))
                reader = cursor.fetch_record_batch()
            shape = types.shape(described, reader.schema)
            yield Rows(shape.schema, self._batches(reader, shape))

    def pushdown(self) -> SqlPushdown:
        return PostgresPushdown(
            Server(
                name=self._name,
                schema=self._spec.bookward_schema,
                session=self._cursor,
                translated=self._translated,
                settings=list(self._settings()),
                batches=self._batches,
            )
        )

    def _batches(self, reader: pa.RecordBatchReader, shape: Shape) -> Iterator[pa.RecordBatch]:
        return guarded(map(shape.apply, reader), self._translated)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        with self._nearby() as spec:
            connection = self._connect(spec)
            try:
                yield connection
            finally:
                with suppress(driver().Error):
                    connection.close()

    @contextmanager
    def _nearby(self) -> Iterator[PostgresSpec]:
        """Give the address that is dialled: the server's, or of the near end of the tunnel to it."""
        spec = self._spec
        if spec.ssh is None:
            yield spec
            return
        with tunnel.tunnel(spec.ssh, str(spec.host), spec.port, self._name) as port:
            yield spec.model_copy(update={"hostaddr": tunnel.NEAR_END, "port": port})

    def _connect(self, spec: PostgresSpec) -> Any:
        where = address(self._with_token(spec))
        try:
            if self._database is None or self._database.address != where:
                self._database = Database(where)
            return self._database.connect()
        except driver().Error as error:
            message = _plain(error)
            if _SIGN_IN.search(str(error)):
                raise SourceFailed(
                    f"Source {self._name!r} ({self._server}) refused the sign-in: {message}",
                    remedy="Check user, password, database and sslmode in the source's file.",
                ) from error
            raise SourceUnreachable(
                f"Source {self._name!r} cannot be reached at {self._server}: {message}"
            ) from error

    def _with_token(self, spec: PostgresSpec) -> PostgresSpec:
        known = self._spec  # by its own name, wherever it is dialled
        if known.iam is None:
            return spec
        token = rds_token(known.iam, str(known.host), known.port, str(known.user), self._name)
        return spec.model_copy(update={"password": token})

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        with self._connected() as connection:
            cursor = connection.cursor(adbc_stmt_kwargs=_BATCH_OPTION)
            try:
                yield cursor
            finally:
                # Both fail when the server is gone, which has been said by then.
                with suppress(driver().Error):
                    cursor.adbc_cancel()
                with suppress(driver().Error):
                    cursor.close()

    def _prepare_session(self, cursor: Any) -> None:
        cursor.execute("SET TRANSACTION READ ONLY")
        for statement in self._settings():
            cursor.execute(statement)

    def _settings(self) -> Iterator[str]:
        """Yield the statements that every transaction begins with."""
        settings = {**_SESSION, "statement_timeout": f"{self._spec.statement_timeout}s"}
        for name, value in settings.items():
            yield f"SET LOCAL {name} = '{value}'"
        if self._spec.search_path:
            path = ", ".join(select.quoted(schema, self.dialect) for schema in self._spec.search_path)
            yield f"SET LOCAL search_path = {path}"

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        """Make every error of the driver ours; the reader's are bare Arrow and operating system errors."""
        try:
            yield
        except (driver().Error, pa.ArrowException, OSError) as error:
            raise self._failure(what, error) from error

    def _failure(self, what: str, error: Exception) -> SourceFailed:
        message = _plain(error)
        if getattr(error, "sqlstate", None) == _TIMEOUT or "statement timeout" in message:
            remedy = "Make the query cheaper, or raise statement_timeout in the source's file."
            return SourceFailed(f"Source {self._name!r} gave the query up: {message}", remedy=remedy)
        if nested := types.NESTED.search(message):
            name = nested["name"]
            return SourceFailed(
                f"Column {name!r} of source {self._name!r} holds arrays of arrays.",
                remedy=f"Write to_jsonb({name}) in the model, which keeps them as they are, or unnest them.",
            )
        if _SERVER_SPOKE.search(str(error)) and "FATAL:" not in str(error):
            remedy = (
                "Correct the model's query, or grant the role what it needs; `bookward preview` tries it."
            )
            return SourceFailed(f"Source {self._name!r} {what}: {message}", remedy=remedy)
        return SourceFailed(
            f"The connection to source {self._name!r} ({self._server}) was lost while reading: {message}",
            remedy="See why the server or the network went away, then run again; nothing was sent.",
        )


def _plain(error: Exception) -> str:
    """Return the server's own sentence when there is one, else libpq's, on one line."""
    details = dict(getattr(error, "details", None) or ())
    primary = details.get(b"PG_DIAG_MESSAGE_PRIMARY", details.get("PG_DIAG_MESSAGE_PRIMARY"))
    if primary:
        return primary.decode(errors="replace") if isinstance(primary, bytes) else str(primary)
    text = str(error)
    spoken = _SERVER_SPOKE.search(text)
    if spoken:
        return spoken["message"].strip()
    return " ".join(re.sub(r"^[A-Z_]+: |\[libpq\] |Failed to connect: ", "", text).split())
