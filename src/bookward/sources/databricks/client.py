"""Databricks' Statement Execution API: one query, and its result in chunks of Arrow.

Sources: Databricks, REST API reference, Statement Execution API 2.0; Azure Databricks, "Get Microsoft Entra
ID tokens for service principals".
"""

from __future__ import annotations

import base64
import ssl
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
from pydantic import SecretStr

from bookward import __version__
from bookward.heavy import pa
from bookward.sources import entra
from bookward.sources.databricks.spec import DatabricksSpec
from bookward.sources.oauth import ClientCredentials, Obtained
from bookward.sources.service import Signed
from bookward.sources.statements import StatementRefused, StatementSlow

_RESOURCE = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"  # as Entra knows Azure Databricks, in every directory
_WHO_ASKS = {"User-Agent": f"bookward/{__version__}"}
_STATEMENTS = "/api/2.0/sql/statements"
_AT_WORK = ("PENDING", "RUNNING")
_AT_ONCE = "30s"  # how long Databricks holds the first answer back for the result
_READ_TIMEOUT = 90
_POLL = 1.0  # seconds


def opened(spec: DatabricksSpec, source: str) -> httpx.Client:
    """Return a client of the workspace that signs in by itself.

    Args:
        source: its name, for errors.
    """
    timeout = httpx.Timeout(_READ_TIMEOUT, connect=spec.connect_timeout)
    auth, host = _sign_in(spec, source), spec.host.rstrip("/")
    return httpx.Client(base_url=host, auth=auth, headers=_WHO_ASKS, timeout=timeout, verify=trusted(spec))


def _sign_in(spec: DatabricksSpec, source: str) -> httpx.Auth:
    if spec.entra is not None:
        return Obtained(partial(entra.token, spec.entra, _RESOURCE, source))
    if spec.client_id is not None and spec.client_secret is not None:
        host = spec.host.rstrip("/")
        return ClientCredentials(_grant(host, spec.client_id, spec.client_secret.get_secret_value()))
    return Signed(spec.token or SecretStr(""), "Bearer ")


def _grant(host: str, client_id: str, secret: str) -> httpx.Request:
    return httpx.Request(
        "POST",
        f"{host}/oidc/v1/token",
        data={"grant_type": "client_credentials", "scope": "all-apis"},
        headers={"Authorization": f"Basic {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"},
    )


def trusted(spec: DatabricksSpec) -> ssl.SSLContext:
    """Return the certificates that are believed."""
    return ssl.create_default_context(cafile=spec.sslrootcert)


class Statement:
    """One query and its result."""

    def __init__(
        self, client: httpx.Client, links: httpx.Client, spec: DatabricksSpec, *, wrapped: bool = True
    ) -> None:
        """Ask for nothing yet.

        Args:
            links: fetches chunks from where they are kept, which is no place to sign in at.
            wrapped: what is executed is somebody else's query, whose order does not matter.
        """
        self._wrapped = wrapped
        self._client = client
        self._links = links
        self._spec = spec
        self._answer: dict[str, Any] = {}

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The result's columns, as the manifest has them."""
        found: list[dict[str, Any]] = self._answer["manifest"]["schema"].get("columns", [])
        return found

    @property
    def rowcount(self) -> int:
        """How many rows the result has."""
        return int(self._answer["manifest"]["total_row_count"])

    def execute(self, query: str) -> None:
        """Run a query until its result is there; raises as ``do``."""
        self.do(f"SELECT * FROM (\n{query}\n)" if self._wrapped else query)  # nothing else can stand there

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Return the few rows of a query of Bookward's own; raises as ``do``."""
        self.do(query)
        return [tuple(row.values()) for table in self.tables() for row in table.to_pylist()]

    def do(self, statement: str) -> None:
        """Run a statement until its result is there.

        Raises:
            StatementRefused, StatementSlow: see there.
            httpx.HTTPError: there is no good answer.
        """
        asked = {
            "statement": statement,
            "warehouse_id": self._spec.warehouse_id,
            "catalog": self._spec.catalog,
            "schema": self._spec.default_schema,
            "disposition": "EXTERNAL_LINKS",
            "format": "ARROW_STREAM",
            "wait_timeout": _AT_ONCE if self._spec.statement_timeout >= int(_AT_ONCE[:-1]) else "0s",
        }
        end = time.monotonic() + self._spec.statement_timeout
        given = {name: value for name, value in asked.items() if value is not None}
        self._answer = self._asked("POST", _STATEMENTS, json=given)
        while self._answer["status"]["state"] in _AT_WORK:
            place = f"{_STATEMENTS}/{self._answer['statement_id']}"
            if time.monotonic() > end:
                self._asked("POST", f"{place}/cancel")
                raise StatementSlow(f"it took more than {self._spec.statement_timeout} seconds.")
            time.sleep(_POLL)
            self._answer = self._asked("GET", place)
        if self._answer["status"]["state"] != "SUCCEEDED":
            error = self._answer["status"].get("error", {})
            said = error.get("message", f"the statement is {self._answer['status']['state']}")
            raise StatementRefused(said)
        if self._answer.get("manifest", {}).get("truncated"):  # what returns no rows may have none
            raise StatementRefused("the result is larger than Databricks gives out, and was cut off.")

    def tables(self) -> Iterator[pa.Table]:
        """Yield the chunks of the result, each asked for when it is due: links to them run out."""
        result = self._answer.get("result", {})
        while links := result.get("external_links"):
            for link in links:
                answer = self._links.get(link["external_link"])
                answer.raise_for_status()
                yield pa.ipc.open_stream(answer.content).read_all()
            if links[-1].get("next_chunk_index") is None:
                return
            chunk = f"result/chunks/{links[-1]['next_chunk_index']}"
            result = self._asked("GET", f"{_STATEMENTS}/{self._answer['statement_id']}/{chunk}")

    def _asked(self, method: str, place: str, **given: Any) -> dict[str, Any]:
        answer = self._client.request(method, place, **given)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
