from __future__ import annotations

import inspect

import pytest

from bookward.app import App
from tests.unit.cli.fake_app import FakeApp


@pytest.mark.parametrize(
    "name", [name for name in vars(FakeApp) if not name.startswith("_") and name != "closed"]
)
def test_the_fake_is_called_like_the_real_app(name: str) -> None:
    real, fake = inspect.signature(getattr(App, name)), inspect.signature(getattr(FakeApp, name))
    assert [(each.name, each.kind) for each in fake.parameters.values()] == [
        (each.name, each.kind) for each in real.parameters.values()
    ]
