"""Amazon Redshift, read through its own driver and a cursor that the cluster keeps."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from bookward.errors import SourceFailed
from bookward.ports import SqlPushdown
from bookward.records import ListedTable
from bookward.sources import entra
from bookward.sources.arrays import Taken
from bookward.sources.base import load_driver
from bookward.sources.entra import EntraSignIn
from bookward.sources.iam import RedshiftSignIn, redshift_user, require_encryption
from bookward.sources.redshift import types
from bookward.sources.select import quoted
from bookward.sources.server import KEEPALIVE, ServerSource, ServerSpec
from bookward.sources.workshop import Hand, Workshop, literal
from bookward.sources.workshop_pushdown import WorkshopPushdown
from bookward.spec.source import ENCRYPTION, SourceSpec

_READ_ONLY = "BEGIN READ ONLY"
_NO_SYNTAX, _TOOK_TOO_LONG, _DENIED = "42601", "57014", "42501"
_GOING_DOWN = ("57P01", "57P02", "57P03")
_SIGN_IN = ("28000", "28P01", "3D000")
_MOST_ROWS = 1_000  # that one FETCH gives of a cluster with a single node
_TEXT_PROTOCOL = 0
_BROKEN = (struct.error, LookupError, TypeError, AttributeError)


class RedshiftEntra(EntraSignIn):
    """Who signs in by a token of Microsoft Entra ID."""

    resource: Annotated[str, Field(min_length=1)]
    """What the token is for: the application id URI of what stands for Redshift in Entra, `api://...`."""


class RedshiftSpec(ServerSpec):
    """A database of an Amazon Redshift cluster or workgroup."""

    first: ClassVar[tuple[str, ...]] = ("host", "port", "database", "user", "password")

    type: Literal["redshift"] = "redshift"
    """Amazon Redshift."""
    port: Annotated[int, Field(ge=1, le=65535)] = 5439
    """Port of the cluster."""
    database: str
    """The database."""
    user: str = ""
    """Who signs in; one who may only read is enough, and best. Not for a workgroup that `iam` names."""
    iam: RedshiftSignIn | None = None
    """Sign in by IAM, with a password for each connection, instead of a `password`."""
    entra: RedshiftEntra | None = None
    """Sign in by Microsoft Entra ID, where Redshift knows it as an identity provider; without a `user`."""
    sslmode: Annotated[Literal["disable", "verify-ca", "verify-full"], ENCRYPTION] = "verify-full"
    """How the connection is encrypted; `verify-full` is the only one that proves who answers."""
    bookward_schema: Annotated[str, Field(min_length=1, max_length=127)] = "bookward"
    """Schema that Bookward's own tables are kept in, for syncs with `diff: warehouse`."""

    @model_validator(mode="after")
    def _who_signs_in(self) -> Self:
        if not self.user and not (self.entra or (self.iam and self.iam.workgroup)):
            raise ValueError("give the `user` who signs in")
        if self.entra is not None and (self.user or self.iam or self.password):
            raise ValueError("with `entra` there is no `user`, `password` or `iam`")
        if self.entra is not None and self.sslmode == "disable":
            raise ValueError("with `entra` the connection has to be encrypted: who has the token signs in")
        if (self.ssh is not None or self.tls_host is not None) and self.sslmode == "verify-full":
            # The driver holds certificates against what it dials, which is the near end of the tunnel.
            raise ValueError("with `ssh` or `tls_host`, set `sslmode: verify-ca`: names cannot be compared")
        require_encryption(self.iam, self.password, self.sslmode)
        return self


class RedshiftSource(ServerSource):
    """Reads a database of Amazon Redshift."""

    spec_class: ClassVar[type[SourceSpec]] = RedshiftSpec
    dialect: ClassVar[str] = "redshift"
    who: ClassVar[str] = "SELECT current_user::varchar AS who, version()::varchar AS version"
    catalogue: ClassVar[str] = """
        SELECT n.nspname::varchar AS schema_name, c.relname::varchar AS table_name,
            a.attname::varchar AS column_name, format_type(a.atttypid, a.atttypmod)::varchar AS type,
            NOT a.attnotnull AS nullable,
            CASE a.attnum WHEN k.conkey[1] THEN 1 WHEN k.conkey[2] THEN 2 WHEN k.conkey[3] THEN 3
                WHEN k.conkey[4] THEN 4 WHEN k.conkey[5] THEN 5 WHEN k.conkey[6] THEN 6 END AS place
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
        WHERE c.relkind IN ('r', 'v') AND n.nspname NOT LIKE 'pg!_%' ESCAPE '!'
            AND n.nspname NOT IN ('information_schema', 'catalog_history')
            AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
        ORDER BY 1, 2, a.attnum
    """

    def __init__(self, name: str, spec: RedshiftSpec) -> None:
        super().__init__(name, f"{spec.host}:{spec.port}/{spec.database}")
        self._spec = spec

    def tables(self) -> Iterator[ListedTable]:
        return (table for table in super().tables() if table.schema != self._spec.bookward_schema)

    def pushdown(self) -> SqlPushdown:
        schema = quoted(self._spec.bookward_schema, self.dialect)
        return WorkshopPushdown(
            Workshop(
                name=self._name,
                dialect=self.dialect,
                schema=(self._spec.bookward_schema,),
                hand=self._near,
                read=self.read,
                described=self.described,
                translated=self._translated,
                there=self._has_schema,
                denied=lambda error: _said(error)[0] == _DENIED,
                who="SELECT current_user::varchar",
                make=lambda _: f"CREATE SCHEMA {schema}",
                grant=lambda who: f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {quoted(who, self.dialect)}",
            )
        )

    @contextmanager
    def session(self) -> Iterator[Any]:
        with self._hand() as cursor:
            with self._translated("refused the session's settings"):
                cursor.run(_READ_ONLY)
            yield cursor

    @contextmanager
    def _near(self) -> Iterator[_Cursor]:
        with self._nearby() as source, source._hand() as cursor:  # noqa: SLF001 - it is ourselves
            yield cursor

    @contextmanager
    def _hand(self) -> Iterator[_Cursor]:
        """Give a session that may write; it is for Bookward's own statements."""
        driver = _driver()
        connection = self._connect(driver)
        try:
            cursor = _Cursor(connection)
            with self._translated("refused the session's settings"):
                cursor.run(f"SET statement_timeout TO {self._spec.statement_timeout * 1000}")
                cursor.run("SET timezone TO 'UTC'")
            yield cursor
        finally:
            with suppress(driver.Error, OSError, *_BROKEN):
                connection.close()

    def columns(self, cursor: Any) -> Sequence[Taken]:
        return [types.column(described) for described in cursor.description]

    def errors(self) -> tuple[type[Exception], ...]:
        return (_driver().Error,)

    def failure(self, what: str, error: Exception) -> SourceFailed:
        code, message = _said(error)
        if code == _TOOK_TOO_LONG:
            return self.gave_up(message)
        return self.lost(message) if not code or code in _GOING_DOWN else self.refused(what, message)

    def _has_schema(self, hand: Hand) -> bool:
        # Names are kept in small letters there, unless somebody has set it otherwise.
        name = literal(self._spec.bookward_schema.lower())
        return bool(hand.ask(f"SELECT 1 FROM pg_namespace WHERE LOWER(nspname) = {name}"))

    def _connect(self, driver: ModuleType) -> Any:
        spec, who = self._spec, self._who_signs_in()
        try:
            connection = driver.connect(
                host=spec.host,
                port=spec.port,
                database=spec.database,
                **who,
                ssl=spec.sslmode != "disable",
                sslmode="verify-full" if spec.sslmode == "disable" else spec.sslmode,
                timeout=spec.connect_timeout,
                tcp_keepalive_idle=KEEPALIVE["IDLE"],
                tcp_keepalive_interval=KEEPALIVE["INTVL"],
                tcp_keepalive_count=KEEPALIVE["CNT"],
                application_name="bookward",
                client_protocol_version=_TEXT_PROTOCOL,
            )
        except (driver.Error, OSError, *_BROKEN) as error:
            code, message = _said(error)
            personal = code in _SIGN_IN or "SSL" in message or "password" in message
            raise (self.turned_away if personal else self.unreachable)(message) from error
        connection._usock.settimeout(None)  # noqa: SLF001  # it was for connecting; a query may take longer
        for oid in types.LEFT_AS_TEXT:
            connection.redshift_types.pop(oid, None)
        connection.autocommit = True  # so that the transaction is ours
        return connection

    def _who_signs_in(self) -> dict[str, Any]:
        spec = self._spec
        user, password = spec.user, spec.password
        if spec.iam is not None:
            user, password = redshift_user(spec.iam, spec.database, spec.user, self._name)
        shown = {"user": user, "password": password.get_secret_value() if password else ""}
        if spec.entra is None:
            return shown
        token = entra.token(spec.entra, spec.entra.resource, self._name)
        return shown | {
            "iam": True, "credentials_provider": "BasicJwtCredentialsProvider", "web_identity_token": token,
        }  # fmt: skip


class _Cursor:
    """A query's rows, which the cluster keeps until they are fetched; the driver's own takes all at once."""

    def __init__(self, connection: Any) -> None:
        self._cursor = connection.cursor()
        self._first: Sequence[Any] = ()

    @property
    def description(self) -> Sequence[Any]:
        described: Sequence[Any] = self._cursor.ps["row_desc"]
        return described

    def do(self, statement: str) -> None:
        self.run(statement)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        self.run(query)
        return [tuple(row) for row in self._cursor.fetchall()]

    def run(self, statement: str) -> None:
        """Run a statement.

        Raises:
            ConnectionError: the server's answer has no end, of which the driver makes what it can.
        """
        try:
            self._cursor.execute(statement)
        except _BROKEN as error:
            raise ConnectionError("the answer broke off") from error

    def execute(self, query: str) -> None:
        try:
            self.run(f"DECLARE bookward CURSOR FOR\n{query}")
        except _driver().ProgrammingError as error:
            if _said(error)[0] == _NO_SYNTAX:
                self._say_what_is_wrong(query)
            raise
        self._first = self._fetched(_MOST_ROWS)

    def fetchmany(self, size: int) -> Sequence[Any]:
        first, self._first = self._first, ()
        return first or self._fetched(size)

    def _fetched(self, size: int) -> Sequence[Any]:
        self.run(f"FETCH FORWARD {min(size, _MOST_ROWS)} FROM bookward")
        rows: Sequence[Any] = self._cursor.fetchall()
        return rows

    def _say_what_is_wrong(self, query: str) -> None:
        """Run a query by itself, which fails with the place in the query as it stands."""
        self.run("ROLLBACK")
        self.run(_READ_ONLY)
        self.run(query)


def _driver() -> ModuleType:
    return load_driver("Amazon Redshift", "redshift", "redshift_connector", quiet=True)


def _said(error: Exception) -> tuple[str, str]:
    """Return the code of an error, "" where it has none, and its words on one line."""
    first = error.args[0] if error.args else None
    if isinstance(first, dict):
        return first.get("C", ""), " ".join(first.get("M", "").split())
    return "", " ".join(" ".join(map(str, error.args)).split()) or type(error).__name__
