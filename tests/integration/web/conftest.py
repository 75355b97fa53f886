from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from bookward.access import passwords
from bookward.app import App
from bookward.serving import Role
from tests.fakes import FakeClock
from tests.integration.web.exchanges import keep_exchange
from tests.integration.web.site import Site, make_project
from tests.planting import SHOWN_ONCE, Outputs


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a thousandth of the time for a password; that argon2 is used as it should is tested elsewhere."""
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "PasswordHasher", cheap)


@pytest.fixture(autouse=True)
def _answers(outputs: Outputs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every answer grepped for secrets, but for those that a person is to see once."""

    def hear(response: httpx.Response) -> None:
        response.read()
        place = f"The answer to {response.request.method} {response.request.url.path}"
        outputs.add(place, response.content, SHOWN_ONCE)
        keep_exchange(response)

    monkeypatch.setattr(Site, "hear", hear)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path / "books")


@pytest.fixture
def app(root: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    monkeypatch.setenv("XERO_SECRET", "s3cret-of-the-environment")
    with closing(App(root, clock=clock)) as opened:
        yield opened


@pytest.fixture
def site(app: App) -> Iterator[Site]:
    with Site.running(app) as running:
        yield running


@pytest.fixture
def clients(site: Site) -> Iterator[Callable[[Role | None], Any]]:
    """Return what gives a client that is signed in as a role, or not at all."""
    with ExitStack() as opened:
        yield lambda role: opened.enter_context(site.client(role))
