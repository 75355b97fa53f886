"""A stub of BigQuery's REST interface, version 2, for Google's own client; DuckDB answers the queries.

No BigQuery can be had for tests. Kept are the sign-in with a signed assertion, jobs with a trial run, which
says what kind a statement is of, errors with their reasons, rows as JSON in pages that are asked for one by
one, with every value as text, and the types' names.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import duckdb
import pyarrow as pa
import sqlglot
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr
from sqlglot.errors import SqlglotError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bookward.sources.bigquery import BigQuerySpec
from tests.integration.web.site import listening
from tests.peers.broken import CutOff
from tests.peers.duckwarehouse import Denied, DuckWarehouse

_CATALOGUE = """
CREATE SCHEMA bigquery; CREATE VIEW bigquery.columns AS SELECT table_schema, table_name, column_name,
    ordinal_position, is_nullable, replace(replace(data_type, 'INTEGER', 'INT64'), 'DECIMAL', 'NUMERIC')
    AS data_type FROM information_schema.columns;
CREATE VIEW bigquery.key_column_usage AS SELECT schema_name AS table_schema, table_name,
    unnest(constraint_column_names) AS column_name, table_name || '.pk$' AS constraint_name,
    generate_subscripts(constraint_column_names, 1) AS ordinal_position
FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'
"""
_OWN = re.compile(r"`([^`]+)`\.INFORMATION_SCHEMA\.(\w+)")
_SCALARS = (
    (pa.types.is_integer, "INTEGER"), (pa.types.is_floating, "FLOAT"), (pa.types.is_boolean, "BOOLEAN"),
    (pa.types.is_date, "DATE"), (pa.types.is_time, "TIME"), (pa.types.is_binary, "BYTES"),
    (pa.types.is_decimal128, "NUMERIC"),
)  # fmt: skip


@dataclass
class BigQueryStub:
    """One project with one service account."""

    key: rsa.RSAPrivateKey
    url: str = ""
    cut: bool = False  #: every page but the first ends in its middle
    forgets: bool = False  #: the second page says that it is the last
    data: DuckWarehouse = field(default_factory=lambda: DuckWarehouse("bigquery"))
    locations: dict[str, str] = field(default_factory=dict)  #: of datasets that are not in the EU
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    _results: dict[str, pa.Table] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def running(self) -> Iterator[BigQueryStub]:
        self.data.load(_CATALOGUE, "main")
        base = "/bigquery/v2/projects/books"
        routes = [
            Route("/token", self._grant, methods=["POST"]),
            Route(f"{base}/jobs", self._insert, methods=["POST"]),
            Route(f"{base}/jobs/{{id}}", lambda request: JSONResponse(self.jobs[request.path_params["id"]])),
            Route(f"{base}/queries/{{id}}", self._page),
            Route(f"{base}/datasets", self._datasets),
            Route(f"{base}/datasets/{{id}}", self._dataset),
        ]
        with listening(lambda _: Starlette(routes=routes)) as self.url:
            yield self

    def account(self, key: rsa.RSAPrivateKey | None = None) -> str:
        """Return the JSON of the service account's key."""
        pem = (key or self.key).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return json.dumps({
            "type": "service_account", "project_id": "books", "private_key_id": "1", "private_key": pem,
            "client_email": "bookward@books.example", "token_uri": f"{self.url}/token",
        })  # fmt: skip

    def agreed(self, refresh_token: str = "1//refresh-secret") -> str:
        """Return what Google writes for a person who has agreed."""
        return json.dumps({
            "type": "authorized_user", "client_id": "42.apps", "client_secret": "GOCSPX-secret",
            "refresh_token": refresh_token, "token_uri": f"{self.url}/token",
        })  # fmt: skip

    def federated(self, token_file: str) -> str:
        """Return what Google writes for a machine elsewhere, whose own provider vouches for it by a file."""
        return json.dumps({
            "type": "external_account", "audience": "//iam.googleapis.com/projects/1/pools/p/providers/p",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": f"{self.url}/token",
            "credential_source": {"file": token_file},
        })  # fmt: skip

    def spec(self, schema: str, **changes: Any) -> BigQuerySpec:
        given = {"service_account_key": SecretStr(self.account()), "default_dataset": schema, **changes}
        return BigQuerySpec(project="books", url=self.url, **given)

    async def _grant(self, request: Request) -> Response:
        given = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if given["grant_type"] == "refresh_token":
            right = ("42.apps", "GOCSPX-secret", "1//refresh-secret")
            if (given["client_id"], given["client_secret"], given["refresh_token"]) != right:
                said = {"error": "invalid_grant", "error_description": "Token was revoked."}
                return JSONResponse(said, 400)
            return JSONResponse({"access_token": "granted", "expires_in": 3599, "token_type": "Bearer"})
        if given["grant_type"].endswith(":token-exchange"):
            if given["subject_token"] != "vouched":
                return JSONResponse({"error": "invalid_grant", "error_description": "Bad subject."}, 400)
            issued = "urn:ietf:params:oauth:token-type:access_token"
            answer = {"access_token": "granted", "issued_token_type": issued}
            return JSONResponse(answer | {"expires_in": 3600, "token_type": "Bearer"})
        assertion = given["assertion"]
        signed, _, signature = assertion.rpartition(".")
        try:
            self.key.public_key().verify(
                base64.urlsafe_b64decode(signature + "=="),
                signed.encode(),
                padding.PKCS1v15(),
                hashes.SHA256(),
            )
        except InvalidSignature:
            said = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            return JSONResponse(said, 400)
        return JSONResponse({"access_token": "granted", "expires_in": 3600, "token_type": "Bearer"})

    async def _insert(self, request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer granted":
            return _refused(401, "authError", "Request had invalid authentication credentials.")
        asked = await request.json()
        configuration = asked["configuration"]
        sql, dry = configuration["query"]["query"], configuration.get("dryRun", False)
        try:
            kinds = [type(tree).__name__.upper() for tree in sqlglot.parse(sql, read="bigquery") if tree]
            kind = kinds[0].replace("UNION", "SELECT") if len(kinds) == 1 else "SCRIPT"
            table = self._answered(configuration) if kind == "SELECT" or not dry else pa.table({})
        except SqlglotError as error:
            return _refused(400, "invalidQuery", f"Syntax error: {error}")
        except Denied:
            said = "Access Denied: Dataset books:bookward: Permission bigquery.tables.create denied"
            return _refused(403, "accessDenied", said)
        except duckdb.InterruptException:
            return _refused(400, "stopped", "Job execution was cancelled: Job timed out after 1s")
        except duckdb.Error as error:
            return _refused(400, "invalidQuery", str(error))
        most = configuration["query"].get("maximumBytesBilled")
        if most and not dry and table.nbytes > int(most):
            said = f"Query exceeded limit for bytes billed: {most}. {table.nbytes} or higher required."
            return _refused(400, "bytesBilledLimitExceeded", said)
        reference = asked["jobReference"]
        job = {
            "jobReference": {"location": "US", **reference}, "configuration": configuration,
            "status": {"state": "DONE"},
            "statistics": {"query": {"statementType": kind, "schema": {"fields": _fields(table.schema)}}},
        }  # fmt: skip
        self.jobs[reference["jobId"]] = job
        self._results[reference["jobId"]] = table
        return JSONResponse(job)

    def _answered(self, configuration: dict[str, Any]) -> pa.Table:
        query = configuration["query"]
        sql = _OWN.sub(r"(SELECT * FROM bigquery.\2 WHERE table_schema = '\1')", query["query"])
        sql = sql.replace("SESSION_USER()", "'bookward@books.example'")
        if configuration.get("dryRun"):
            sql = f"SELECT * FROM (\n{sql}\n) LIMIT 0"
        dataset = query.get("defaultDataset", {}).get("datasetId")
        return self.data.run(sql, dataset, int(configuration.get("jobTimeoutMs", 0)) // 1000)

    def _page(self, request: Request) -> Any:
        name, asked = request.path_params["id"], request.query_params
        table = self._results[name]
        start, most = int(asked.get("pageToken", 0)), int(asked.get("maxResults", 10_000))
        part = table.slice(start, most)
        after = start + part.num_rows
        answer = {
            "jobComplete": True, "jobReference": self.jobs[name]["jobReference"],
            "totalRows": str(table.num_rows), "schema": {"fields": _fields(table.schema)},
            "rows": [{"f": [{"v": value} for value in row]} for row in _rows(part)],
        }  # fmt: skip
        if after < table.num_rows and not (self.forgets and start):
            answer["pageToken"] = str(after)
        if self.cut and start:
            return CutOff(json.dumps(answer).encode(), "application/json")
        return JSONResponse(answer)

    def _dataset(self, request: Request) -> Response:
        name = request.path_params["id"]
        query = f"SELECT 1 FROM information_schema.schemata WHERE schema_name = '{name}'"
        if not self.data.load(query, "main"):
            return _refused(404, "notFound", f"Not found: Dataset books:{name}")
        return JSONResponse({
            "datasetReference": {"projectId": "books", "datasetId": name},
            "location": self.locations.get(name, "EU"),
        })  # fmt: skip

    def _datasets(self, _request: Request) -> Response:
        names = self.data.load("SELECT schema_name FROM information_schema.schemata WHERE "
                               "schema_name LIKE 'warehouse%'", "main")  # fmt: skip
        return JSONResponse({
            "datasets": [{"datasetReference": {"projectId": "books", "datasetId": name}} for name, in names]
        })  # fmt: skip


@contextmanager
def running_bigquery() -> Iterator[BigQueryStub]:
    with BigQueryStub(rsa.generate_private_key(65537, 2048)).running() as stub:
        yield stub


def _refused(code: int, reason: str, said: str) -> Response:
    error = {"code": code, "message": said, "errors": [{"reason": reason, "message": said}]}
    return JSONResponse({"error": error}, code)


def _fields(schema: Any) -> list[dict[str, Any]]:
    return [{"name": each.name, **_field(each.type)} for each in schema]


def _field(type_: Any) -> dict[str, Any]:
    if pa.types.is_list(type_):
        return {**_field(type_.value_type), "mode": "REPEATED"}
    if pa.types.is_struct(type_):
        return {"type": "RECORD", "mode": "NULLABLE", "fields": _fields(type_)}
    if pa.types.is_timestamp(type_):
        return {"type": "TIMESTAMP" if type_.tz else "DATETIME", "mode": "NULLABLE"}
    kind = next((kind for fits, kind in _SCALARS if fits(type_)), "STRING")
    if kind == "NUMERIC":
        # As a table's columns have them; 9 places and 29 digits before them are the most that NUMERIC takes.
        kind = "NUMERIC" if type_.scale <= 9 and type_.precision - type_.scale <= 29 else "BIGNUMERIC"
        return {
            "type": kind,
            "mode": "NULLABLE",
            "precision": str(type_.precision),
            "scale": str(type_.scale),
        }
    return {"type": kind, "mode": "NULLABLE"}


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    columns = [[_value(value, column.type) for value in column.to_pylist()] for column in table.columns]
    return zip(*columns, strict=True) if columns else iter(())


def _value(value: Any, type_: Any) -> Any:
    if isinstance(value, list):
        return [{"v": _value(each, type_.value_type)} for each in value]
    if isinstance(value, dict):
        fields = zip(value.values(), type_, strict=True)
        return {"f": [{"v": _value(each, field_.type)} for each, field_ in fields]}
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime) and value.tzinfo:
        return str(
            int((value - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000 + value.microsecond
        )
    return value.isoformat() if hasattr(value, "isoformat") else f"{value}"
