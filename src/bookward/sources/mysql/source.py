"""MySQL and MariaDB, read through PyMySQL row by row as the server sends them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from bookward.errors import BookwardError, SourceFailed
from bookward.sources.arrays import Taken
from bookward.sources.base import load_driver
from bookward.sources.iam import DatabaseSignIn, rds_token, require_encryption
from bookward.sources.mysql import types
from bookward.sources.server import ServerSource, ServerSpec, dialled, trusting
from bookward.spec.source import ENCRYPTION, CaFile, SourceSpec

_FROM_SERVER = 1000  # codes below 2000, and from 3000, are the server's; between, the client's
_FROM_CLIENT = range(2000, 3000)
_GONE = {1053, 1927, 3169}  # the server goes down, or somebody has ended the session
_TOOK_TOO_LONG = {1969, 3024}
_SLOW_READER = 3600  # seconds that the server waits for us to take what it has sent


class MysqlSpec(ServerSpec):
    """A MySQL or MariaDB database."""

    first: ClassVar[tuple[str, ...]] = ("host", "port", "database", "user", "password")

    type: Literal["mysql"] = "mysql"
    """MySQL or MariaDB."""
    port: Annotated[int, Field(ge=1, le=65535)] = 3306
    """Port of the server."""
    database: str | None = None
    """The database in which tables without one are looked for."""
    sslmode: Annotated[Literal["disable", "prefer", "require", "verify-ca", "verify-full"], ENCRYPTION] = (
        "prefer"
    )
    """How the connection is encrypted; `verify-full` is the only one that proves who answers."""
    sslrootcert: CaFile = None
    """File with the certificates that are trusted, for `verify-ca` and `verify-full`."""
    iam: DatabaseSignIn | None = None
    """Sign in at RDS or Aurora by IAM, with a token for each connection, instead of a `password`."""

    @model_validator(mode="after")
    def _token_is_safe(self) -> Self:
        require_encryption(self.iam, self.password, self.sslmode)
        return self


class MysqlSource(ServerSource):
    """Reads a MySQL or MariaDB database."""

    spec_class: ClassVar[type[SourceSpec]] = MysqlSpec
    dialect: ClassVar[str] = "mysql"
    who: ClassVar[str] = "SELECT current_user() AS who, concat('MySQL protocol, ', version()) AS version"
    catalogue: ClassVar[str] = """
        SELECT c.table_schema, c.table_name, c.column_name, c.column_type, c.is_nullable = 'YES' AS nullable,
            k.seq_in_index
        FROM information_schema.columns AS c
        LEFT JOIN information_schema.statistics AS k ON k.index_name = 'PRIMARY'
            AND k.table_schema = c.table_schema AND k.table_name = c.table_name
            AND k.column_name = c.column_name
        WHERE c.table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
        ORDER BY c.table_schema, c.table_name, c.ordinal_position
    """

    _spec: MysqlSpec

    def __init__(self, name: str, spec: MysqlSpec) -> None:
        super().__init__(name, f"{spec.host}:{spec.port}/{spec.database or ''}".rstrip("/"))
        self._spec = spec
        self._called = (spec.host, spec.port)  # wherever it is dialled

    @contextmanager
    def session(self) -> Iterator[Any]:
        driver = _driver()
        connection = self._connect(driver)
        try:
            with self._translated("refused the session's settings"):
                for statement in self._settings(connection.get_server_info()):
                    connection.query(statement)
            cursor = _unbuffered(driver)(connection)
            try:
                yield cursor
            finally:
                cursor.leave()
        finally:
            with suppress(driver.MySQLError, OSError):
                connection.close()

    def columns(self, cursor: Any) -> Sequence[Taken]:
        return [types.column(field) for field in cursor.fields]

    def errors(self) -> tuple[type[Exception], ...]:
        return (_driver().MySQLError,)

    def failure(self, what: str, error: Exception) -> SourceFailed:
        code, message = _said(error)
        if code in _TOOK_TOO_LONG:
            return self.gave_up(message)
        if code < _FROM_SERVER or code in _FROM_CLIENT or code in _GONE:
            return self.lost(message)
        return self.refused(what, message)

    def _connect(self, driver: ModuleType) -> Any:
        spec = self._spec
        encryption = _encryption(spec)
        password = rds_token(spec.iam, *self._called, spec.user, self._name) if spec.iam else spec.password
        try:
            connection = driver.connect(
                host=spec.tls_host
                or spec.host,  # whom the certificate has to name; see what is dialled below
                port=spec.port,
                user=spec.user,
                password=password.get_secret_value() if password else "",
                database=spec.database,
                charset="utf8mb4",
                program_name="bookward",
                defer_connect=True,
                conv=driver.converters.encoders,  # no decoders: values stay the text they are
                **encryption,
            )
            connection.connect(dialled(spec.host, spec.port, spec.connect_timeout))
        except (driver.MySQLError, OSError) as error:
            raise self._refusal(error) from error
        return connection

    def _refusal(self, error: Exception) -> BookwardError:
        code, message = _said(error)
        in_person = code >= _FROM_SERVER and code not in _FROM_CLIENT
        return self.turned_away(message) if in_person or "SSL" in message else self.unreachable(message)

    def _settings(self, version: str) -> Iterator[str]:
        yield "SET SESSION TRANSACTION READ ONLY"
        yield "SET SESSION time_zone = '+00:00'"
        yield f"SET SESSION net_write_timeout = {_SLOW_READER}"
        seconds = self._spec.statement_timeout
        if "MariaDB" in version:
            yield f"SET SESSION max_statement_time = {seconds}"
        else:
            yield f"SET SESSION max_execution_time = {seconds * 1000}"
        yield "START TRANSACTION READ ONLY"


def _driver() -> ModuleType:
    return load_driver("MySQL", "mysql", "pymysql")


def _unbuffered(driver: ModuleType) -> type[Any]:
    base: Any = driver.cursors.SSCursor

    class Unbuffered(base):  # type: ignore[misc]
        """A cursor that shows what the server says of its columns, and can leave before the end."""

        @property
        def fields(self) -> Sequence[Any]:
            return self._result.fields if self._result else ()

        def leave(self) -> None:
            """Forget the rest; the driver would read all of it first."""
            if self._result is not None:
                self._result.unbuffered_active = False
            self.connection = None

    return Unbuffered


def _encryption(spec: MysqlSpec) -> dict[str, Any]:
    if spec.sslmode == "disable":
        return {"ssl_disabled": True}
    if spec.sslmode == "prefer":
        return {}
    context = trusting(spec.sslrootcert)
    context.check_hostname = spec.sslmode == "verify-full"
    context.verify_mode = ssl.CERT_NONE if spec.sslmode == "require" else ssl.CERT_REQUIRED
    return {"ssl": context}


def _said(error: Exception) -> tuple[int, str]:
    """Return the code of an error, 0 where it has none, and its words on one line."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    words = str(error.args[-1]) if error.args else type(error).__name__
    return code, " ".join(words.split())
