from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bookward import exactjson
from bookward.model import Preview
from tests.unit.cli.fake_app import FakeApp
from tests.unit.cli.samples import HOSTILE


def preview_of(**values: Any) -> Preview:
    return Preview(columns=tuple((name, "text") for name in values), rows=[values], seconds=0.1)


def test_columns_types_and_rows(bookward, app: FakeApp) -> None:
    result = bookward("preview", "customers", "--limit", "7")
    assert result.exit_code == 0
    for part in ("customer_id", "decimal(12,2)", "Acme Ltd", "1200.50", "null", "the first 2 rows"):
        assert part in result.stdout
    assert app.asked == [("preview", "customers", 7)]


def test_json_keeps_money_exact_and_times_zoned(bookward, app: FakeApp) -> None:
    app.previewed = preview_of(
        money=Decimal("12345678901234567890.10"),
        at=datetime(2026, 11, 2, 9, tzinfo=UTC),
        on=date(2026, 11, 2),
        raw=b"\x00\xff",
        several=[Decimal("1.10"), None],
        nested={"a": Decimal("0.30")},
    )
    text = bookward("preview", "customers", "--json").stdout
    assert "12345678901234567890.10" in text
    row = exactjson.decode(text)["rows"][0]
    assert row["money"] == Decimal("12345678901234567890.10")
    assert row["at"] == "2026-11-02T09:00:00Z"
    assert row["on"] == "2026-11-02"
    assert row["several"] == [Decimal("1.10"), None]
    assert row["nested"] == {"a": Decimal("0.30")}
    assert set(json.loads(text)) == {"model", "columns", "rows", "is_whole", "seconds"}


@pytest.mark.parametrize("type_", ["integer", "decimal(12,2)", "decimal", "float"])
def test_json_says_which_columns_hold_numbers(bookward, app: FakeApp, type_: str) -> None:
    app.previewed = Preview(columns=(("n", type_), ("all", f"list of {type_}")), rows=[], seconds=0.1)
    columns = json.loads(bookward("preview", "customers", "--json").stdout)["columns"]
    assert [each["numeric"] for each in columns] == [True, False]


def test_columns_without_room_are_named(bookward, app: FakeApp) -> None:
    app.previewed = preview_of(**{f"column_{n}": "x" * 20 for n in range(9)})
    shown = bookward("preview", "wide").stdout
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "more columns:" in shown
    assert "column_8 (text)" in " ".join(shown.split())


def test_one_column_is_shown_however_wide(bookward, app: FakeApp) -> None:
    app.previewed = preview_of(text="long " * 500)
    shown = bookward("preview", "wide").stdout
    assert "…" in shown
    assert "more column" not in shown


def test_hostile_values_and_names(bookward, app: FakeApp) -> None:
    app.previewed = preview_of(**{HOSTILE: HOSTILE})
    shown = bookward("preview", "m").stdout
    assert "[red]Ac␛[31mme" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_model_without_rows(bookward, app: FakeApp) -> None:
    app.previewed = Preview(columns=(("id", "integer"),), rows=[], seconds=0.1)
    result = bookward("preview", "m")
    assert result.exit_code == 0
    assert "No rows" in result.stdout
