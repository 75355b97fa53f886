"""A stub of Snowflake that its own client signs in to and reads from; DuckDB answers the queries.

No Snowflake can be had for tests. Kept is what its client expects: the sign-ins (password, token, key pair,
OAuth) and their errors, results as Arrow in chunks that are fetched one by one, whole numbers in each chunk
as narrow as they fit, decimals as numbers with a scale, moments as structs.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs

import duckdb
import pyarrow as pa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlglot.errors import SqlglotError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bookward.sources.snowflake import SnowflakeSpec
from tests.integration.web.site import listening
from tests.peers import snowflake_arrow
from tests.peers.broken import CutOff
from tests.peers.duckwarehouse import Denied, DuckWarehouse

_CHUNK_ROWS = 8_000
_CATALOGUE = """
CREATE SCHEMA snowflake; CREATE VIEW snowflake.columns AS SELECT table_catalog, table_schema, table_name,
    column_name, ordinal_position, is_nullable, numeric_precision, numeric_scale,
    CASE WHEN data_type SIMILAR TO '[A-Z]*INT|INTEGER|DECIMAL.*' THEN 'NUMBER'
    WHEN data_type = 'VARCHAR' THEN 'TEXT' ELSE data_type END AS data_type FROM information_schema.columns
"""
_KEYS = """
SELECT schema_name, table_name, unnest(constraint_column_names) AS column_name,
    generate_subscripts(constraint_column_names, 1) AS key_sequence
FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'
"""


@dataclass
class SnowflakeStub:
    """One account with one user; a warehouse of the name NONE is not there."""

    key: rsa.RSAPrivateKey
    password: str = field(default_factory=token_urlsafe)
    token: str = field(default_factory=token_urlsafe)
    client_secret: str = field(default_factory=token_urlsafe)
    user: str = "BOOKWARD"
    url: str = ""
    cut: bool = False  #: every chunk ends in its middle
    forgets: int = 0  #: so many chunks are not named
    data: DuckWarehouse = field(default_factory=lambda: DuckWarehouse("snowflake"))
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    signed_in: dict[str, Any] = field(default_factory=dict)  #: what the last sign-in asked for
    _results: dict[str, pa.Table] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def running(self) -> Iterator[SnowflakeStub]:
        self.data.load(_CATALOGUE, "main")
        routes = [
            Route("/session/v1/login-request", self._sign_in, methods=["POST"]),
            Route("/queries/v1/query-request", self._query, methods=["POST"]),
            Route("/chunks/{name}/{number:int}", self._chunk),
            Route("/oauth/token", self._grant, methods=["POST"]),
            Route("/{rest:path}", lambda _: JSONResponse({"success": True, "data": None}), methods=["POST"]),
        ]
        with listening(lambda _: Starlette(routes=routes)) as self.url:
            yield self

    @property
    def pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def spec(self, schema: str, **ways: Any) -> SnowflakeSpec:
        """Return the source that reads a schema; without ``ways``, its key pair signs in."""
        ways = ways or {"user": self.user, "private_key": self.pem}
        return SnowflakeSpec(
            account="books", database=self.data.name, default_schema=schema, url=self.url, **ways
        )

    async def _sign_in(self, request: Request) -> Response:
        asked = (await _body(request))["data"]
        if not self._known(asked):
            return _refused("390100", "Incorrect username or password was specified.")
        query = request.query_params
        self.signed_in = {**query, **asked.get("SESSION_PARAMETERS", {}), "LOGIN_NAME": asked["LOGIN_NAME"]}
        token = f"session-{next(self._numbers)}"
        self.sessions[token] = {**asked.get("SESSION_PARAMETERS", {}), "schema": query.get("schemaName")}
        self.sessions[token]["warehouse"] = query.get("warehouse")
        names = ("warehouseName", "databaseName", "schemaName", "roleName")
        parameters = [{"name": "TIMEZONE", "value": "UTC"}]
        return _answer(
            token=token, masterToken="master", validityInSeconds=3600, masterValidityInSeconds=14400,
            sessionId=1, serverVersion="10.1", parameters=parameters,
            sessionInfo={name: query.get(name) for name in names},
        )  # fmt: skip

    def _known(self, asked: dict[str, Any]) -> bool:
        way, token = asked.get("AUTHENTICATOR") or "SNOWFLAKE", asked.get("TOKEN") or ""
        if way == "SNOWFLAKE_JWT":
            return self._signed(token)
        expected = {"SNOWFLAKE": self.password, "PROGRAMMATIC_ACCESS_TOKEN": self.token, "OAUTH": "granted"}
        given = asked.get("PASSWORD") if way == "SNOWFLAKE" else token
        return given == expected.get(way) and (way == "OAUTH" or asked.get("LOGIN_NAME") == self.user)

    def _signed(self, jwt: str) -> bool:
        head, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in jwt.split("."))
        signed = jwt.rpartition(".")[0].encode()
        try:
            self.key.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return json.loads(claims)["sub"] == f"BOOKS.{self.user}" and b"RS256" in head

    async def _grant(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        basic = request.headers.get("authorization", "").removeprefix("Basic ")
        if f":{self.client_secret}" not in base64.b64decode(basic).decode():
            return JSONResponse({"error": "invalid_client"}, 401)
        assert form["grant_type"] == ["client_credentials"]
        return JSONResponse({"access_token": "granted", "token_type": "Bearer", "expires_in": 600})

    async def _query(self, request: Request) -> Response:
        session = self.sessions.get(request.headers.get("authorization", "")[17:-1])
        if session is None:
            return _refused("390104", "User must login again to access the service.")
        if session["warehouse"] == "NONE":
            return _refused("000606", "No active warehouse selected in the current session.", "57P03")
        sql = (await _body(request))["sqlText"]
        seconds = int(session.get("STATEMENT_TIMEOUT_IN_SECONDS", 0))
        try:
            table = self._answered(sql, session["schema"], seconds)
        except SqlglotError as error:
            return _refused("001003", f"SQL compilation error: syntax error: {error}", "42000")
        except duckdb.InterruptException:
            said = f"Statement reached its statement or warehouse timeout of {seconds} second(s) and was "
            return _refused("000630", f"{said}canceled.", "57014")
        except Denied:
            said = "SQL access control error: Insufficient privileges to operate on schema 'BOOKWARD'"
            return _refused("003001", said, "42501")
        except duckdb.ConversionException as error:
            return _refused("100038", str(error), "22018")
        except duckdb.Error as error:
            return _refused("002003", f"SQL compilation error: {error}", "42S02")
        return self._result(snowflake_arrow.encoded(table))

    def _answered(self, sql: str, schema: str, seconds: int) -> pa.Table:
        if sql.startswith("SHOW PRIMARY KEYS"):
            return self.data.answer(_KEYS)
        return self.data.run(sql.replace("information_schema.", "snowflake."), schema, seconds)

    def _result(self, table: pa.Table) -> Response:
        name = f"q{next(self._numbers)}"
        self._results[name] = table
        rows = snowflake_arrow.stream(table.slice(0, _CHUNK_ROWS))
        chunks = [
            {
                "url": f"{self.url}/chunks/{name}/{start}",
                "rowCount": min(_CHUNK_ROWS, table.num_rows - start),
                "uncompressedSize": 0,
                "compressedSize": 0,
            }
            for start in range(_CHUNK_ROWS, table.num_rows, _CHUNK_ROWS)
        ][self.forgets :]
        return _answer(
            rowtype=snowflake_arrow.described(table.schema), queryResultFormat="arrow",
            rowsetBase64=base64.b64encode(rows).decode(), total=table.num_rows, returned=table.num_rows,
            queryId=name, chunks=chunks, statementTypeId=4096, chunkHeaders={},
            parameters=[{"name": "TIMEZONE", "value": "UTC"}],
        )  # fmt: skip

    def _chunk(self, request: Request) -> Any:
        table = self._results[request.path_params["name"]]
        body = snowflake_arrow.stream(table.slice(request.path_params["number"], _CHUNK_ROWS))
        return CutOff(body) if self.cut else Response(body)


@contextmanager
def running_snowflake() -> Iterator[SnowflakeStub]:
    with SnowflakeStub(rsa.generate_private_key(65537, 2048)).running() as stub:
        yield stub


async def _body(request: Request) -> Any:
    body = await request.body()
    return json.loads(gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body)


def _answer(**data: Any) -> Response:
    return JSONResponse({"success": True, "code": None, "message": None, "data": data})


def _refused(code: str, said: str, state: str = "08001") -> Response:
    data = {"errorCode": code, "sqlState": state}
    return JSONResponse({"success": False, "code": code, "message": said, "data": data})
