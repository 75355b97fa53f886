"""`run --all`: every sync in the order of what it needs, each knowing what the one before has written."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bookward.app import App
from bookward.cli.backend import Backend
from bookward.cli.main import command_line
from tests.integration.feeds import Feed
from tests.integration.world import World

INVOICE = {
    "id": "1",
    "InvoiceNumber": "INV-1",
    "Type": "ACCREC",
    "Status": "AUTHORISED",
    "Date": "2026-10-01",
    "DueDate": "2026-10-20",
    "LineAmountTypes": "Exclusive",
    "customer": "ann@example.com",
    "what": "Work",
    "price": Decimal("100.10"),
    "account": "200",
}
LINES = [{"Description": "what", "UnitAmount": "price", "AccountCode": "account", "Quantity": {"value": 1}}]
LOOK_UP = {"Contact": {"by": "EmailAddress", "column": "customer"}}
ONE_ROW = {
    "5-accounts": (
        "'411' AS code, 'Consulting' AS name",
        "object: accounts\nmatch: {Code: code}\nfields: {Name: name, Type: {value: REVENUE}}\n",
    ),
    "3-items": (
        "'CONSULT' AS code, '411' AS account",
        "object: items\nmatch: {Code: code}\nfields: {SalesDetails: {AccountCode: account}}\n",
    ),
    "1-payments": (
        "'PAY-1' AS reference, 'INV-1' AS invoice, '090' AS bank, 10.10 AS amount, '2026-10-05' AS date",
        (
            "object: payments\nmode: insert\nmatch: {Reference: reference}\n"
            "fields: {Invoice: {InvoiceNumber: invoice}, Account: {Code: bank}, Amount: amount, Date: date}\n"
        ),
    ),
}
"""Syncs of one row each: columns and the rest of the file. Their names are in the wrong order."""


class Opened(Backend):
    """The app of a world, whatever folder is asked for."""

    def __init__(self, world: World) -> None:
        self._world = world

    def open(self, project: Path, *, followed: bool = False) -> App:
        return self._world.app()


@pytest.fixture
def invoices(world: World) -> Feed:
    """A sync that comes before `customers` by name, and after it by what it needs."""
    feed = Feed(world, "invoices", "InvoiceNumber", look_up=LOOK_UP)
    feed.mapped = {"LineItems": LINES}
    feed.rows(INVOICE)
    (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "a-first-by-name.yaml")
    return feed


def bookward(world: World, *words: str) -> Result:
    return CliRunner().invoke(
        command_line, ["-C", str(world.root), *words], obj=Opened(world), catch_exceptions=False
    )


def ended(result: Result) -> dict[str, Any]:
    """Return per sync, in the order in which they ran, what became of its rows or the error's code."""
    syncs = json.loads(result.stdout)["syncs"]
    return {
        each["sync"]: (
            {name: n for name, n in each["run"]["counts"].items() if name.startswith("rows_")}
            if each["run"]
            else each["error"]["code"]
        )
        for each in syncs
    }


def test_what_one_sync_creates_is_known_to_the_next(world: World, invoices: Feed) -> None:
    world.customers((1, "Ann", "ann@example.com"))
    assert bookward(world, "run", "a-first-by-name").exit_code == 3  # the index is filled, without Ann
    assert world.xero.records("Invoices") == []
    result = bookward(world, "run", "--all", "--json")
    assert result.exit_code == 0
    assert list(ended(result).items()) == [
        ("customers", {"rows_accepted": 1, "rows_read": 1}),
        ("a-first-by-name", {"rows_accepted": 1, "rows_read": 1}),
    ]
    (invoice,) = world.xero.records("Invoices")
    assert invoice["Contact"]["Name"] == "Ann"
    world.api_calls()
    assert bookward(world, "run", "--all").exit_code == 0
    assert world.api_calls() == []


def test_a_whole_company_in_one_go(world: World, invoices: Feed) -> None:
    world.customers((1, "Ann", "ann@example.com"))
    for name, (columns, rest) in ONE_ROW.items():
        world.write(f"models/{name}.yaml", "source: warehouse\nprimary_key: id\n")
        world.write(f"models/{name}.sql", f"SELECT 1 AS id, {columns}\n")
        world.write(f"syncs/{name}.yaml", f"model: {name}\ndestination: xero\n{rest}")
    invoices.mapped = {"LineItems": [LINES[0] | {"ItemCode": "item"}]}
    invoices.rows(INVOICE | {"account": "411", "item": "CONSULT"})
    (world.root / "syncs" / "feed.yaml").replace(world.root / "syncs" / "a-first-by-name.yaml")
    result = bookward(world, "run", "--all", "--json")
    one = {"rows_accepted": 1, "rows_read": 1}
    order = ["5-accounts", "customers", "3-items", "a-first-by-name", "1-payments"]
    assert list(ended(result).items()) == [(sync, one) for sync in order]
    (invoice,) = world.xero.records("Invoices")
    assert invoice["AmountPaid"] == Decimal("10.10")
    assert invoice["LineItems"][0]["AccountCode"] == "411"


def test_a_sync_that_fails_does_not_stop_the_later_ones(world: World, invoices: Feed) -> None:
    world.customers((1, "Ann", "ann@example.com"))
    world.edit("models/customers.sql", "FROM customers", "FROM nowhere")
    result = bookward(world, "run", "--all", "--json")
    assert result.exit_code == 1
    assert ended(result)["a-first-by-name"] == {"rows_rejected": 1, "rows_read": 1}
    (run,) = [each["run"] for each in json.loads(result.stdout)["syncs"] if each["sync"] == "customers"]
    assert run["error"]["code"] == "source_failed"


def test_broken_files_are_reported_and_the_good_syncs_run(world: World) -> None:
    world.customers((1, "Ann", "ann@example.com"))
    world.write("syncs/broken.yaml", "model: customers\n")
    world.write("models/wrong.yaml", "source: warehouse\nprimary_key: id\nnonsense: 1\n")
    world.write("models/wrong.sql", "SELECT 1 AS id\n")
    spec = (world.root / "syncs" / "customers.yaml").read_text()
    world.write("syncs/a-wrong-model.yaml", spec.replace("model: customers", "model: wrong"))
    result = bookward(world, "run", "--all", "--json")
    assert result.exit_code == 1
    assert ended(result) == {
        "a-wrong-model": "project_invalid",
        "customers": {"rows_accepted": 1, "rows_read": 1},
        "broken": "project_invalid",
    }


def test_nothing_runs_when_the_project_itself_is_broken(world: World) -> None:
    world.customers((1, "Ann", "ann@example.com"))
    world.write("project.yaml", "nonsense: 1\n")
    for words in (["--all"], ["customers"]):
        result = bookward(world, "run", *words)
        assert result.exit_code == 1
        assert "project.yaml" in result.stderr
    assert world.xero.contacts() == []
