from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.alerts.catcher import Catcher


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with Catcher.running() as running:
        yield running
