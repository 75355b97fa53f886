"""The catalogue of a source, on the command line."""

from __future__ import annotations

import json

from tests.integration.test_run_all import bookward
from tests.integration.world import World


def test_the_command_line_lists_tables_with_columns_and_keys(world: World) -> None:
    world.warehouse.execute(
        "DROP TABLE IF EXISTS ledger; CREATE TABLE ledger (id bigint PRIMARY KEY, note text)"
    )
    told = json.loads(bookward(world, "tables", "warehouse", "--json").stdout)
    assert {
        "schema": "public",
        "name": "ledger",
        "columns": [
            {"name": "id", "type": "bigint", "nullable": False},
            {"name": "note", "type": "text", "nullable": True},
        ],
        "primary_key": ["id"],
    } in told["tables"]
    shown = bookward(world, "tables", "warehouse", "--like", "NOTE").stdout
    assert "public.ledger\n  id* bigint, note text\n" in shown
    assert "customers" not in shown
    assert bookward(world, "tables", "nowhere").exit_code == 2
    world.warehouse.execute("DROP TABLE ledger")
