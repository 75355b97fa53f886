"""Trino, read through its own client page by page as the coordinator hands them out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import islice
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from bookward.errors import SourceFailed
from bookward.sources import select
from bookward.sources.addresses import SafeUrl
from bookward.sources.arrays import Taken
from bookward.sources.base import load_driver
from bookward.sources.oauth import granted
from bookward.sources.server import ServerSource, ServerSpec, trusting
from bookward.sources.trino import types
from bookward.spec.source import ENCRYPTION, CaFile, SourceSpec

_READ_ONLY = "START TRANSACTION READ ONLY"
_STARTED = "X-Trino-Started-Transaction-Id"
_PATIENCE = 60  # seconds for one request; the coordinator answers sooner, with rows or without
_TOOK_TOO_LONG = "EXCEEDED_TIME_LIMIT"


class TrinoSpec(ServerSpec):
    """A catalog of Trino, or of Starburst."""

    first: ClassVar[tuple[str, ...]] = ("host", "port", "catalog", "user", "password")

    type: Literal["trino"] = "trino"
    """Trino."""
    port: Annotated[int, Field(ge=1, le=65535)] = 443
    """Port of the coordinator; without TLS it is usually 8080."""
    catalog: str
    """The catalog in which tables are looked for."""
    default_schema: str | None = None
    """The schema in which tables without one are looked for."""
    token: SecretStr | None = None
    """A JSON web token to sign in with instead of a password, as `${NAME}`."""
    oauth_client_id: str | None = None
    """Id of the client that gets a token by OAuth with its own credentials, instead of a password."""
    oauth_client_secret: SecretStr | None = None
    """Its secret, as `${NAME}`."""
    oauth_token_url: SafeUrl | None = None
    """Where the provider gives tokens out, `https://login.example.com/oauth2/token`."""
    oauth_scope: str | None = None
    """Scope that is asked for, where the provider wants one."""
    sslcert: Annotated[str | None, Field(title="Client certificate")] = None
    """File with the certificate to sign in with, instead of a password."""
    sslkey: Annotated[str | None, Field(title="Client key")] = None
    """File with the key of `sslcert`."""
    sslmode: Annotated[Literal["disable", "require", "verify-full"], ENCRYPTION] = "verify-full"
    """How the connection is encrypted; `verify-full` is the only one that proves who answers."""
    sslrootcert: CaFile = None
    """File with the certificates that are trusted, for `verify-full`."""
    session_properties: dict[str, str] = Field(default_factory=dict)
    """Properties of the session, such as `query_max_memory`."""
    client_tags: list[str] = Field(default_factory=list)
    """Words by which Trino's resource groups know these queries."""

    @model_validator(mode="after")
    def _no_secret_in_the_open(self) -> Self:
        if self.sslmode == "disable" and (self.password or self.token or self.oauth_client_secret):
            raise ValueError(
                "a password or token goes out over TLS only: leave it out, or set another sslmode"
            )
        return self

    @model_validator(mode="after")
    def _whole_client(self) -> Self:
        client = (self.oauth_client_id, self.oauth_client_secret, self.oauth_token_url)
        if any(client) and not all(client):
            raise ValueError("give `oauth_client_id`, `oauth_client_secret` and `oauth_token_url` together")
        return self


class TrinoSource(ServerSource):
    """Reads a catalog of Trino."""

    spec_class: ClassVar[type[SourceSpec]] = TrinoSpec
    dialect: ClassVar[str] = "trino"
    who: ClassVar[str] = "SELECT current_user AS who, concat('Trino ', version()) AS version"
    catalogue: ClassVar[str] = """
        SELECT table_schema, table_name, column_name, data_type, is_nullable = 'YES' AS nullable,
            CAST(NULL AS integer) AS place
        FROM information_schema.columns
        WHERE table_schema <> 'information_schema'
        ORDER BY table_schema, table_name, ordinal_position
    """

    def __init__(self, name: str, spec: TrinoSpec) -> None:
        super().__init__(name, f"{spec.host}:{spec.port}/{spec.catalog}")
        self._spec = spec

    @contextmanager
    def session(self) -> Iterator[Any]:
        driver = _driver()
        with closing(self._http(driver)) as http:
            session = _Session(driver, self._request(driver, http))
            self._begin(driver, session)
            try:
                yield session
            finally:
                with suppress(*self.errors(), OSError):
                    session.end()

    def columns(self, cursor: Any) -> Sequence[Taken]:
        return [types.column(described) for described in cursor.description]

    def errors(self) -> tuple[type[Exception], ...]:
        exceptions = _driver().exceptions
        return (exceptions.Error, exceptions.HttpError)

    def failure(self, what: str, error: Exception) -> SourceFailed:
        if not isinstance(error, _driver().exceptions.TrinoQueryError):
            return self.lost(" ".join(str(error).split()))
        message = " ".join(error.message.split())
        return self.gave_up(message) if error.error_name == _TOOK_TOO_LONG else self.refused(what, message)

    def _begin(self, driver: ModuleType, session: _Session) -> None:
        exceptions = driver.exceptions
        try:
            session.begin()
        except exceptions.TrinoQueryError as error:
            raise self.turned_away(error.message) from error
        except exceptions.HttpError as error:
            refused = str(error).startswith(("error 401", "error 403"))
            raise (self.turned_away if refused else self.unreachable)(str(error)) from error
        except (exceptions.Error, OSError) as error:
            raise (self.turned_away if "SSL" in str(error) else self.unreachable)(str(error)) from error

    def _request(self, driver: ModuleType, http: Any) -> Any:
        spec = self._spec
        client_session = driver.client.ClientSession(
            user=spec.user,
            catalog=spec.catalog,
            schema=spec.default_schema,
            source="bookward",
            properties=self._properties(),
            client_tags=spec.client_tags,
            timezone="UTC",
            encoding=None,  # rows come from the coordinator, and not from storage beside it
        )
        return driver.client.TrinoRequest(
            spec.host,
            spec.port,
            client_session,
            http,
            http_scheme="http" if spec.sslmode == "disable" else "https",
            auth=self._sign_in(driver),
            request_timeout=(spec.connect_timeout, _PATIENCE),
        )

    def _properties(self) -> Mapping[str, str]:
        seconds = self._spec.statement_timeout
        limit = {"query_max_run_time": f"{seconds}s"} if seconds else {}
        return {**limit, **self._spec.session_properties}

    def _sign_in(self, driver: ModuleType) -> Any:
        spec, auth = self._spec, driver.auth
        if spec.oauth_client_secret is not None:
            asked = (spec.oauth_token_url, spec.oauth_client_id, spec.oauth_client_secret, spec.oauth_scope)
            return auth.JWTAuthentication(granted(*asked, self._name).get_secret_value())
        if spec.token is not None:
            return auth.JWTAuthentication(spec.token.get_secret_value())
        if spec.password is not None:
            return auth.BasicAuthentication(spec.user, spec.password.get_secret_value())
        return auth.CertificateAuthentication(spec.sslcert, spec.sslkey) if spec.sslcert else None

    def _http(self, driver: ModuleType) -> Any:
        spec, requests = self._spec, driver.client.TrinoRequest.http
        trusting(spec.sslrootcert)
        http = requests.Session()
        if spec.tls_host is not None:
            http.mount("https://", _adapter(requests, spec.tls_host))
        if spec.sslmode == "verify-full" and spec.sslrootcert is None:
            return http
        # REQUESTS_CA_BUNDLE would go before what the source's file says.
        http.trust_env = False
        http.proxies = requests.utils.get_environ_proxies(f"https://{spec.host}")
        http.verify = spec.sslmode == "verify-full" and spec.sslrootcert
        if not http.verify:  # which says that nobody has to prove anything
            warnings.simplefilter("ignore", requests.packages.urllib3.exceptions.InsecureRequestWarning)
        return http


class _Session:
    """Queries in one transaction that may only read; in DB-API's words, a cursor."""

    def __init__(self, driver: ModuleType, request: Any) -> None:
        self._driver = driver
        self._request = request
        self._query: Any = None
        self._rows: Iterator[Any] = iter(())

    @property
    def description(self) -> Sequence[Mapping[str, Any]]:
        return self._query.columns or ()

    def begin(self) -> None:
        """Start the transaction; the client's own way has no word for one that only reads."""
        response, transaction = self._request.post(_READ_ONLY), None
        while True:
            transaction = response.headers.get(_STARTED, transaction)
            status = self._request.process(response)
            if status.next_uri is None:
                break
            response = self._request.get(status.next_uri)
        self._request.transaction_id = transaction

    def execute(self, query: str) -> None:
        """Run a query, the moments of whose columns come in UTC: names of zones leave an hour a year open."""
        zoned = self._zoned(query)
        names = [described["name"] for described in self.description]
        self._run(select.recast(query, names, dict.fromkeys(zoned, "at_timezone({}, 'UTC')"), "trino"))

    def fetchmany(self, size: int) -> Sequence[Any]:
        return list(islice(self._rows, size))

    def end(self) -> None:
        """Leave a query that still runs, and end the transaction."""
        if self._query is not None and not self._query.finished:
            self._query.cancel()
        if self._request.transaction_id:
            self._run("ROLLBACK")

    def _zoned(self, query: str) -> Sequence[int]:
        """Return the places of moments among a query's columns, for which it is not run."""
        try:
            self._run(select.limited(query, 0, "trino"))
        except self._driver.exceptions.TrinoUserError as error:
            if error.error_name == "SYNTAX_ERROR":
                self._run(query)  # fails, too, and with the place in the query as it stands
            raise
        signatures = [described["typeSignature"] for described in self.description]
        return [place for place, signature in enumerate(signatures) if signature["rawType"] == types.ZONED]

    def _run(self, query: str) -> None:
        self._query = self._driver.client.TrinoQuery(self._request, query, legacy_primitive_types=True)
        self._rows = iter(self._query.execute())


def _adapter(requests: Any, name: str) -> Any:
    """Return what dials as ever, and wants the certificate of ``name``."""

    class Adapter(requests.adapters.HTTPAdapter):  # type: ignore[misc]
        def init_poolmanager(self, *sizes: Any, **more: Any) -> None:
            super().init_poolmanager(*sizes, server_hostname=name, assert_hostname=name, **more)

    return Adapter()


def _driver() -> ModuleType:
    return load_driver("Trino", "trino", "trino", quiet=True)
