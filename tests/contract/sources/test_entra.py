"""Microsoft Entra ID: a token from what stands for Entra, to what stands for a database or Databricks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bookward.errors import SourceFailed
from bookward.sources.databricks import DatabricksSource
from bookward.sources.entra import EntraSignIn
from bookward.sources.entra import token as entra_token
from bookward.sources.redshift import RedshiftSource, RedshiftSpec
from bookward.sources.sqlserver import SqlserverSource, SqlserverSpec
from tests.contract.sources.conftest import LEAVES_SOCKETS_OPEN
from tests.contract.sources.test_redshift import AS_THE_DRIVER_ENCRYPTS
from tests.integration.web.site import listening
from tests.peers.certificates import write_certificate
from tests.peers.databricks import DatabricksStub
from tests.peers.postgres import Postgres
from tests.peers.redshift import running_redshift
from tests.peers.sqlserver import Sqlserver, running_sqlserver

pytestmark = LEAVES_SOCKETS_OPEN

TENANT, CLIENT, SECRET = "0d1e", "5a5a", "a secret of Entra's"
DATABASE = "https://database.windows.net/"
AZURE_DATABRICKS = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"
WRONG = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1234"


@dataclass
class Entra:
    """One directory with one application, and a machine that has one identity."""

    url: str = ""
    resource: str = DATABASE  #: that tokens are for
    given: list[str] = field(default_factory=list)

    async def principal(self, request: Request) -> Response:
        asked = dict(parse_qsl((await request.body()).decode()))
        right = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
        if asked != right | {"scope": f"{self.resource.rstrip('/')}/.default"}:
            return JSONResponse({"error": "invalid_client", "error_description": WRONG}, 401)
        return self._token("principal")

    async def machine(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if request.headers.get("metadata") != "true" or asked.pop("client_id", CLIENT) != CLIENT:
            return JSONResponse({"error": "invalid_request", "error_description": "Identity not found"}, 400)
        if asked != {"api-version": "2018-02-01", "resource": self.resource}:
            return JSONResponse({"error": "invalid_resource"}, 400)
        return self._token("machine")

    def _token(self, whose: str) -> Response:
        self.given.append(f"eyJ.{whose}.{len(self.given)}")
        return JSONResponse({"access_token": self.given[-1], "token_type": "Bearer", "expires_in": 3599})


@pytest.fixture
def entra() -> Iterator[Entra]:
    found = Entra()
    routes = [
        Route(f"/{TENANT}/oauth2/v2.0/token", found.principal, methods=["POST"]),
        Route("/metadata/identity/oauth2/token", found.machine),
    ]
    with listening(lambda _: Starlette(routes=routes)) as found.url:
        yield found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sqlserver]:
    file = tmp_path / "both.pem"
    write_certificate(file)
    with running_sqlserver(file) as running:
        yield running


def source(server: Sqlserver, sign_in: dict[str, Any]) -> SqlserverSource:
    spec = SqlserverSpec(
        host="localhost", port=server.port, sslrootcert=str(server.certificate), entra=EntraSignIn(**sign_in)
    )
    return SqlserverSource("warehouse", spec)


@pytest.mark.parametrize(
    ("sign_in", "whose"),
    [
        ({"tenant": TENANT, "client_id": CLIENT, "client_secret": SECRET}, "principal"),
        ({"client_id": CLIENT}, "machine"),
        ({}, "machine"),
    ],
)
def test_a_token_of_entra_signs_in(
    server: Sqlserver, entra: Entra, sign_in: dict[str, Any], whose: str
) -> None:
    server.token = f"eyJ.{whose}.0"
    found = source(server, sign_in | {"authority": entra.url, "identity_url": entra.url})
    with found.read("SELECT 1 AS one") as rows:
        assert [row for batch in rows.batches for row in batch.to_pylist()] == [{"one": 1}]
    assert entra.given == [server.token]
    with (
        pytest.raises(SourceFailed, match="refused the sign-in: Login failed"),
        found.read("SELECT 1 AS one"),
    ):
        pass  # it has got another one, which this server does not take


@pytest.mark.parametrize(
    ("sign_in", "whose"),
    [({"tenant": TENANT, "client_id": CLIENT, "client_secret": SECRET}, "principal"), ({}, "machine")],
)
def test_databricks_in_azure_takes_a_token_of_entra_and_a_new_one_when_it_has_run_out(
    databricks: DatabricksStub, entra: Entra, sign_in: dict[str, Any], whose: str
) -> None:
    entra.resource = AZURE_DATABRICKS
    asked = EntraSignIn(**sign_in, authority=entra.url, identity_url=entra.url)
    found = DatabricksSource("warehouse", databricks.spec("main", entra=asked))
    databricks.granted = f"eyJ.{whose}.0"
    with found.read("SELECT 1 AS one") as rows:
        assert [row for batch in rows.batches for row in batch.to_pylist()] == [{"one": 1}]
    assert entra.given == [databricks.granted]
    databricks.granted = f"eyJ.{whose}.2"
    with found.read("SELECT 2 AS two") as rows:
        assert [row for batch in rows.batches for row in batch.to_pylist()] == [{"two": 2}]
    entra.resource = "another"
    with pytest.raises(SourceFailed, match="no token from Microsoft Entra ID") as failed:
        found.read("SELECT 1 AS one").__enter__()
    assert SECRET not in failed.value.message


@AS_THE_DRIVER_ENCRYPTS
def test_redshift_takes_a_token_of_its_identity_provider(
    postgres: Postgres, entra: Entra, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = tmp_path / "both.pem"
    write_certificate(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    entra.resource = "api://redshift"
    principal = {"tenant": TENANT, "client_id": CLIENT, "client_secret": SECRET, "authority": entra.url}
    with running_redshift(postgres, certificate) as front:
        asked = RedshiftSpec(
            host="localhost", port=front.port, database="postgres",
            entra=principal | {"resource": entra.resource},
        )  # fmt: skip
        found = RedshiftSource("warehouse", asked)
        front.token = "eyJ.principal.0"
        with found.read("SELECT 1 AS one, 2.50::decimal(12, 2) AS due") as rows:
            assert [row for batch in rows.batches for row in batch.to_pylist()] == [
                {"one": 1, "due": Decimal("2.50")}
            ]
        with pytest.raises(SourceFailed, match="refused the sign-in: The token is not valid"):
            found.read("SELECT 1 AS one").__enter__()  # it has got another one, which is not taken
    usual = {"host": "h", "database": "d", "entra": principal | {"resource": "api://redshift"}}
    for more, said in (({"user": "u"}, "no `user`"), ({"sslmode": "disable"}, "has to be encrypted")):
        with pytest.raises(ValidationError, match=said):
            RedshiftSpec(**usual, **more)


@pytest.mark.parametrize(
    ("sign_in", "said"),
    [
        (
            {"tenant": TENANT, "client_id": CLIENT, "client_secret": "guessed"},
            "Invalid client secret provided",
        ),
        ({"tenant": "another", "client_id": CLIENT, "client_secret": SECRET}, "."),
        ({"client_id": "another"}, "Identity not found"),
    ],
)
def test_without_a_token_nobody_dials_and_it_is_said_why(
    server: Sqlserver, entra: Entra, sign_in: dict[str, Any], said: str
) -> None:
    found = source(server, sign_in | {"authority": entra.url, "identity_url": entra.url})
    with pytest.raises(SourceFailed, match="no token from Microsoft Entra ID: .*" + said) as failed:
        found.read("SELECT 1 AS one").__enter__()
    assert "`entra`" in str(failed.value.remedy)
    assert "Trace ID" not in failed.value.message
    assert SECRET not in failed.value.message
    assert server.intents == []


@pytest.mark.parametrize(("body", "status"), [("<html>Bad gateway</html>", 502), ("[]", 200)])
def test_what_is_no_answer_of_entra_is_told_by_its_status(body: str, status: int) -> None:
    answers = Route("/{path:path}", lambda _: Response(body, status))
    with (
        listening(lambda _: Starlette(routes=[answers])) as url,
        pytest.raises(SourceFailed, match=f"no token from Microsoft Entra ID: HTTP {status}"),
    ):
        entra_token(EntraSignIn(identity_url=url), DATABASE, "warehouse")


def test_the_identity_of_the_machine_is_asked_for_past_any_proxy(
    entra: Entra, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert entra_token(EntraSignIn(identity_url=entra.url), DATABASE, "warehouse") == "eyJ.machine.0"


def test_an_address_that_is_none_is_said() -> None:
    principal = {"tenant": TENANT, "client_id": CLIENT, "client_secret": SECRET}
    unread = EntraSignIn(**principal, authority="https://login.microsoftonline.com:port")
    with pytest.raises(SourceFailed, match="Invalid port"):
        entra_token(unread, DATABASE, "warehouse")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "either `user` and `password`, or `entra`"),
        ({"user": "u", "entra": {}}, "either `user` and `password`, or `entra`"),
        ({"password": "p", "entra": {}}, "either `user` and `password`, or `entra`"),
        ({"sslmode": "disable", "entra": {}}, "has to be encrypted"),
        ({"entra": {"tenant": TENANT}}, "a service principal has"),
        ({"entra": {"tenant": TENANT, "client_secret": SECRET}}, "a service principal has"),
        ({"entra": {"authority": "http://login.example"}}, "authority"),  # the secret goes there
    ],
)
def test_what_does_not_go_together_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SqlserverSpec(type="sqlserver", host="h", **more)
