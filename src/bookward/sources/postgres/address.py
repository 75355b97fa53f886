"""Where a PostgreSQL database is and how to sign in there: its specification, and what libpq makes of it."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlencode

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from bookward.errors import SourceUnreachable
from bookward.sources.iam import DatabaseSignIn, require_encryption
from bookward.sources.ssh import SshSpec
from bookward.spec.source import ENCRYPTION, CaFile, SourceSpec

# A server that vanished without a word is noticed within a minute.
_KEEPALIVE = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}
# One "@", which ends the password: a URL that libpq would cut elsewhere ends up in its messages.
_URL = re.compile(r"postgres(?:ql)?://(?:[^@/?#]*@)?(?P<server>[^@/?#]*(?:/[^@?#]*)?)(?P<options>\?[^@#]*)?")


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class PostgresSpec(SourceSpec):
    """A PostgreSQL database, or one that speaks its protocol."""

    first: ClassVar[tuple[str, ...]] = ("host", "port", "database", "user", "password")
    instead: ClassVar[tuple[tuple[str, ...], ...]] = (("host", "database"), ("url",))

    type: Literal["postgres"] = "postgres"
    """PostgreSQL."""
    url: SecretStr | None = None
    """The whole address, `postgresql://user:password@host:port/database`, instead of the parts below."""
    host: str | None = None
    """Name or address of the server, or the folder of its socket."""
    hostaddr: Annotated[str | None, Field(title="Address to dial")] = None
    """Address to dial, where it is not the one of `host`; certificates have to name `host` all the same."""
    port: Annotated[int, Field(ge=1, le=65535)] = 5432
    """Port of the server."""
    database: str | None = None
    """Name of the database."""
    user: str | None = None
    """Who signs in; a role that may only read is enough, and best."""
    password: SecretStr | None = None
    """Its password, as `${NAME}`."""
    sslmode: Annotated[
        Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] | None, ENCRYPTION
    ] = None
    """How the connection is encrypted; `verify-full` is the only one that proves who answers."""
    sslrootcert: CaFile = None
    """File with the certificates that are trusted, for `verify-ca` and `verify-full`."""
    search_path: Annotated[list[str], BeforeValidator(_as_list), Field(default_factory=list)]
    """Schemas in which tables without a schema are looked for, in this order."""
    statement_timeout: Annotated[int, Field(ge=0)] = 3600
    """Seconds after which the server gives a query up; 0 for never."""
    connect_timeout: Annotated[int, Field(ge=2)] = 10
    """Seconds to wait for a connection."""
    bookward_schema: Annotated[str, Field(min_length=1, max_length=63)] = "bookward"
    """Schema that Bookward's own tables are kept in, for syncs with `diff: warehouse`."""
    application_name: str = "bookward"
    """Under which name the server lists the connection."""
    sslcert: Annotated[str | None, Field(title="Client certificate")] = None
    """File with the certificate that Bookward shows, where the server asks for one."""
    sslkey: Annotated[str | None, Field(title="Client key")] = None
    """File with the key to it, which nobody else may read."""
    iam: DatabaseSignIn | None = None
    """Sign in at RDS or Aurora by IAM, with a token for each connection, instead of a `password`."""
    ssh: SshSpec | None = None
    """An SSH server through which this one is reached, as `host` and `port` are known there."""

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        parts: list[object] = [self.host, self.hostaddr, self.database, self.user, self.password]
        parts += [self.sslmode, self.sslrootcert, self.sslcert, self.sslkey, self.iam]
        if self.url is not None and any(part is not None for part in parts):
            raise ValueError("the address is either `url` or the parts (host, database, user ...), not both")
        if self.url is None and (self.host is None or self.database is None):
            raise ValueError("`host` and `database` are needed, or `url` instead")
        if self.ssh is not None and (self.host is None or self.host.startswith("/")):
            raise ValueError("with `ssh`, give the server's `host`, neither `url` nor a socket")
        if self.iam is not None and self.user is None:
            raise ValueError("with `iam`, give the `user` that it lets in")
        require_encryption(self.iam, self.password, self.sslmode)
        return self


def server(spec: PostgresSpec) -> str:
    """Return the address as people may see it: host:port/database."""
    if spec.url is None:
        return f"{spec.host}:{spec.port}/{spec.database}"
    found = _URL.fullmatch(spec.url.get_secret_value())
    return found["server"] if found else "the url given"


def address(spec: PostgresSpec) -> str:
    """Return what libpq connects with.

    Raises:
        SourceUnreachable: the url is none.
    """
    extras = {
        "application_name": spec.application_name,
        "connect_timeout": str(spec.connect_timeout),
        "client_encoding": "UTF8",
        **_KEEPALIVE,
    }
    if spec.url is not None:
        return _completed_url(spec.url.get_secret_value(), extras)
    parts = {
        "host": spec.host,
        "hostaddr": spec.hostaddr,
        "port": str(spec.port),
        "dbname": spec.database,
        "user": spec.user,
        "password": spec.password.get_secret_value() if spec.password else None,
        "sslmode": spec.sslmode,
        "sslrootcert": spec.sslrootcert,
        "sslcert": spec.sslcert,
        "sslkey": spec.sslkey,
        **extras,
    }
    return " ".join(f"{name}={_conninfo(value)}" for name, value in parts.items() if value is not None)


def _completed_url(url: str, extras: dict[str, str]) -> str:
    found = _URL.fullmatch(url)
    if not found:
        raise SourceUnreachable(
            "The source's url is not a PostgreSQL address.",
            remedy="Write postgresql://user:password@host:port/database with special characters in the "
            "password percent-encoded, or give host, user and password one by one.",
        )
    given = found["options"] or ""
    missing = {name: value for name, value in extras.items() if f"{name}=" not in given}
    return f"{url}{'&' if given else '?'}{urlencode(missing)}"


def _conninfo(value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"
