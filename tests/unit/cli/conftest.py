from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from bookward.cli.main import command_line
from tests.unit.cli.fake_app import FakeApp, FakeBackend


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TZ", "UTC")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def app() -> FakeApp:
    return FakeApp()


@pytest.fixture
def backend(app: FakeApp) -> FakeBackend:
    return FakeBackend(app)


@pytest.fixture
def bookward(backend: FakeBackend) -> Callable[..., Result]:
    def invoke(*words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(command_line, words, obj=backend, input=typed, catch_exceptions=False)

    return invoke
