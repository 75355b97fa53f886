"""One local Xero for all tests here, emptied before each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from xero_python.api_client.oauth2 import TokenApi

from bookward.demo.xero import DEMO_COMPANY, LocalXero, Options
from tests.contract.local_xero import verdicts
from tests.contract.local_xero.driver import NO_TLS, SCOPES, sign_in, signed_in
from tests.contract.local_xero.exchanges import recorded
from tests.contract.local_xero.sdk import Driver
from tests.fakes import FakeClock

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _judged() -> Iterator[None]:
    """Hold every answer of every test against the contract and the SDK."""
    with recorded() as exchanges:
        yield
    assert verdicts.of_answers(exchanges) == []


@pytest.fixture(scope="session")
def _server() -> Iterator[LocalXero]:
    with LocalXero.running(clock=FakeClock()) as xero:
        yield xero


@pytest.fixture
def xero(_server: LocalXero) -> LocalXero:
    _server.options = Options()
    _server.clock.set(NOON)
    _server.reset()
    return _server


@pytest.fixture
def browser(xero: LocalXero) -> Iterator[httpx.Client]:
    """A client that is not signed in."""
    with httpx.Client(base_url=xero.url, verify=NO_TLS) as client:
        yield client


@pytest.fixture
def api(xero: LocalXero) -> Iterator[httpx.Client]:
    """A client that is signed in to the demo company."""
    with signed_in(xero, DEMO_COMPANY.id) as client:
        yield client


@pytest.fixture
def sdk(xero: LocalXero, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    monkeypatch.setattr(TokenApi, "refresh_token_url", f"{xero.url}/connect/token")
    monkeypatch.setattr(TokenApi, "revoke_token_url", f"{xero.url}/connect/revocation")
    driver = Driver(xero)
    driver.tokens = sign_in(xero) | {"scope": SCOPES.split()}
    yield driver
    driver.client.rest_client.pool_manager.clear()


@pytest.fixture(scope="session")
def reference() -> str:
    """The page that tells what the local Xero keeps and where it differs."""
    return (Path(__file__).parents[3] / "docs/reference/local-xero.md").read_text()
