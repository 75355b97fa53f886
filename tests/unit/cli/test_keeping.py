from __future__ import annotations

import json
from pathlib import Path

from tests.unit.cli.fake_app import FakeApp


def test_a_backup_says_where_it_is_and_how_it_is_put_back(bookward, app: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "state.tar.gz"
    shown = " ".join(bookward("backup", str(file)).stdout.split())
    assert "1,234 bytes." in shown
    assert "bookward restore" in shown
    assert json.loads(bookward("backup", str(file), "--json").stdout) == {"file": str(file), "bytes": 1234}
    assert app.asked == [("backup", file), ("backup", file)]


def test_a_restore(bookward, app: FakeApp, tmp_path: Path) -> None:
    file = tmp_path / "state.tar.gz"
    assert "Restored from" in bookward("restore", str(file)).stdout
    assert app.asked == [("restore", file)]


def test_models_are_moved_to_another_source(bookward, app: FakeApp) -> None:
    result = bookward("repoint", "old", "warehouse")
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert said.startswith("From 'warehouse' read from now on: customers, invoices.")
    assert app.asked == [("repoint", "old", "warehouse")]
    assert json.loads(bookward("repoint", "old", "warehouse", "--json").stdout) == {
        "source": "warehouse",
        "was": "old",
        "models": ["customers", "invoices"],
    }


def test_a_sync_is_renamed(bookward, app: FakeApp) -> None:
    result = bookward("rename", "contacts", "customers")
    assert (result.exit_code, result.stdout) == (0, "Sync 'contacts' is 'customers' from now on.\n")
    assert app.asked == [("rename", "contacts", "customers")]
    assert json.loads(bookward("rename", "contacts", "customers", "--json").stdout) == {
        "sync": "customers",
        "was": "contacts",
    }
