from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.engine_data.ledger import Sync


@pytest.fixture
def sync(tmp_path: Path) -> Sync:
    return Sync(tmp_path)
