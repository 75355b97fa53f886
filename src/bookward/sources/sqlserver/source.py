"""Microsoft SQL Server, read through python-tds row by row as the server sends them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from bookward.errors import SourceFailed
from bookward.sources import entra
from bookward.sources.arrays import Taken
from bookward.sources.base import load_driver
from bookward.sources.entra import EntraSignIn
from bookward.sources.server import ServerSource, ServerSpec, dialled, trusting
from bookward.sources.sqlserver import encryption, types
from bookward.spec.source import ENCRYPTION, CaFile, SourceSpec

_RESOURCE = "https://database.windows.net/"  # as Entra knows databases
_FATAL = 20  # the severity from which on the server ends the connection


class SqlserverSpec(ServerSpec):
    """A database of Microsoft SQL Server or Azure SQL."""

    first: ClassVar[tuple[str, ...]] = ("host", "port", "database", "user", "password")

    type: Literal["sqlserver"] = "sqlserver"
    """Microsoft SQL Server."""
    port: Annotated[int, Field(ge=1, le=65535)] = 1433
    """Port of the server, or of its instance."""
    database: str | None = None
    """The database; without it, the one that is the user's own."""
    application_intent: Literal["ReadWrite", "ReadOnly"] = "ReadWrite"
    """`ReadOnly` lets an availability group send Bookward to a replica that may be read."""
    sslmode: Annotated[Literal["disable", "require", "verify-full"], ENCRYPTION] = "verify-full"
    """How the connection is encrypted; `verify-full` is the only one that proves who answers, and `require`
    trusts any certificate."""
    sslrootcert: CaFile = None
    """File with the certificates that are trusted, for `verify-full`."""
    user: str = ""
    """Who signs in; one who may only read is enough, and best. Not with `entra`."""
    entra: EntraSignIn | None = None
    """Sign in by Microsoft Entra ID, instead of `user` and `password`."""

    @model_validator(mode="after")
    def _one_sign_in(self) -> Self:
        if (self.entra is not None) == bool(self.user or self.password):
            raise ValueError("give either `user` and `password`, or `entra`")
        if self.entra is not None and self.sslmode == "disable":
            raise ValueError("with `entra` the connection has to be encrypted: who has the token signs in")
        return self


class SqlserverSource(ServerSource):
    """Reads a database of SQL Server."""

    spec_class: ClassVar[type[SourceSpec]] = SqlserverSpec
    dialect: ClassVar[str] = "tsql"
    who: ClassVar[str] = """
        SELECT ORIGINAL_LOGIN() AS who,
            CONCAT('SQL Server ', CAST(SERVERPROPERTY('ProductVersion') AS VARCHAR(99))) AS version
    """
    catalogue: ClassVar[str] = """
        SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME,
            CASE WHEN c.DATA_TYPE IN ('decimal', 'numeric')
                THEN CONCAT(c.DATA_TYPE, '(', c.NUMERIC_PRECISION, ',', c.NUMERIC_SCALE, ')')
                WHEN c.CHARACTER_MAXIMUM_LENGTH = -1 THEN CONCAT(c.DATA_TYPE, '(max)')
                WHEN c.CHARACTER_MAXIMUM_LENGTH > 0
                THEN CONCAT(c.DATA_TYPE, '(', c.CHARACTER_MAXIMUM_LENGTH, ')')
                ELSE c.DATA_TYPE END AS type,
            CASE WHEN c.IS_NULLABLE = 'YES' THEN 1 ELSE 0 END AS nullable, k.ORDINAL_POSITION AS place
        FROM INFORMATION_SCHEMA.COLUMNS AS c
        LEFT JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS AS t ON t.CONSTRAINT_TYPE = 'PRIMARY KEY'
            AND t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
        LEFT JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE AS k ON k.CONSTRAINT_NAME = t.CONSTRAINT_NAME
            AND k.TABLE_SCHEMA = c.TABLE_SCHEMA AND k.TABLE_NAME = c.TABLE_NAME
            AND k.COLUMN_NAME = c.COLUMN_NAME
        WHERE c.TABLE_SCHEMA NOT IN ('sys', 'INFORMATION_SCHEMA')
        ORDER BY c.TABLE_SCHEMA, c.TABLE_NAME, c.ORDINAL_POSITION
    """

    def __init__(self, name: str, spec: SqlserverSpec) -> None:
        super().__init__(name, f"{spec.host}:{spec.port}/{spec.database or ''}".rstrip("/"))
        self._spec = spec

    @contextmanager
    def session(self) -> Iterator[Any]:
        driver = _driver()
        connection = self._connect(driver)
        try:
            yield _Timed(connection.cursor(), self._spec.statement_timeout)
        finally:
            # The server takes back what was not committed, which nothing ever is.
            with suppress(*self.errors(), OSError):
                connection.close()

    def columns(self, cursor: Any) -> Sequence[Taken]:
        if cursor.description is None:
            raise self.refused("refused the query", "it is read-only, and this returns no rows.")
        return [types.column(described) for described in cursor.description]

    def errors(self) -> tuple[type[Exception], ...]:
        return (_driver().Error, encryption.openssl().Error)

    def failure(self, what: str, error: Exception) -> SourceFailed:
        message = _said(error)
        if isinstance(error, TimeoutError):
            return self.gave_up(f"there was no end after {self._spec.statement_timeout} seconds.")
        spoken = getattr(error, "msg_no", 0) and getattr(error, "severity", 0) < _FATAL
        return self.refused(what, message) if spoken else self.lost(message)

    def _connect(self, driver: ModuleType) -> Any:
        spec, expected, trust = self._spec, self.errors(), encryption.failures()
        encrypted, who = self._encryption(), self._who_signs_in()
        try:
            # By itself the driver would try again and again, until connect_timeout is over.
            opened = dialled(spec.host, spec.port, spec.connect_timeout)
            return driver.connect(
                spec.tls_host or spec.host,  # whom the certificate has to name; the connection is there
                port=spec.port,
                sock=opened,
                **who,
                database=spec.database,
                cafile=encrypted,
                validate_host=False,  # by the context, as the driver's own way asks for the common name
                readonly=spec.application_intent == "ReadOnly",
                appname="Bookward",
                login_timeout=spec.connect_timeout,
                timeout=spec.statement_timeout or None,
                autocommit=False,
            )
        except trust as error:
            raise self.turned_away(_said(error)) from error
        except expected as error:
            spoken = getattr(error, "msg_no", 0) or "encryption" in str(error)
            raise (self.turned_away if spoken else self.unreachable)(_said(error)) from error
        except OSError as error:
            raise self.unreachable(_said(error)) from error

    def _who_signs_in(self) -> dict[str, Any]:
        spec = self._spec
        if spec.entra is not None:
            found = entra.token(spec.entra, _RESOURCE, self._name)
            return {"access_token_callable": lambda: found}
        return {"user": spec.user, "password": spec.password.get_secret_value() if spec.password else ""}

    def _encryption(self) -> Any:
        if self._spec.sslmode == "disable":
            return None
        trusting(self._spec.sslrootcert)
        verify = self._spec.sslmode == "verify-full"
        return encryption.context(verify=verify, authorities=self._spec.sslrootcert)


class _Timed:
    """A cursor that gives up after some seconds; the server itself has no such limit."""

    def __init__(self, cursor: Any, seconds: int) -> None:
        self._cursor = cursor
        self._end = time.monotonic() + (seconds or float("inf"))

    @property
    def description(self) -> Any:
        return self._cursor.description

    def execute(self, query: str) -> None:
        self._cursor.execute(query)

    def fetchmany(self, size: int) -> Any:
        if time.monotonic() > self._end:
            raise TimeoutError
        return self._cursor.fetchmany(size)


def _driver() -> ModuleType:
    return load_driver("SQL Server", "sqlserver", "pytds", quiet=True)


def _said(error: Exception) -> str:
    """Return an error's own words on one line; the driver wraps some errors in one without words."""
    first = error.args[0] if error.args else None  # all that the server said; the text has the last of it
    words = encryption.reason(error) or (first if isinstance(first, str) else str(error))
    return " ".join(words.split()) or str(error.__cause__ or type(error).__name__)
