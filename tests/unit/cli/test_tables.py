from __future__ import annotations

import json

from bookward.errors import SourceUnreachable
from tests.unit.cli.fake_app import FakeApp


def test_every_table_is_shown_with_its_columns(bookward, app: FakeApp) -> None:
    result = bookward("tables", "warehouse")
    assert result.exit_code == 0
    assert "sales.invoices" in result.stdout
    assert "id* bigint, total numeric(12,2)" in result.stdout
    assert "2 tables." in result.stdout
    assert app.asked == [("tables", "warehouse")]


def test_only_those_that_are_like_it(bookward) -> None:
    result = bookward("tables", "warehouse", "--like", "SALES.inv")
    assert "rates" not in result.stdout
    assert "1 of 2 tables." in result.stdout
    assert bookward("tables", "warehouse", "--like", "nothing").stdout.strip() == "0 of 2 tables."


def test_the_tables_as_json(bookward) -> None:
    assert json.loads(bookward("tables", "warehouse", "--like", "invoices", "--json").stdout) == {
        "tables": [
            {
                "schema": "sales",
                "name": "invoices",
                "columns": [
                    {"name": "id", "type": "bigint", "nullable": False},
                    {"name": "total", "type": "numeric(12,2)", "nullable": True},
                ],
                "primary_key": ["id"],
            }
        ]
    }


def test_a_source_that_does_not_answer_is_said(bookward, app: FakeApp) -> None:
    app.listed = SourceUnreachable("Source 'warehouse' cannot be reached at db:5432.")
    result = bookward("tables", "warehouse")
    assert result.exit_code == 1
    assert "cannot be reached" in result.stderr
