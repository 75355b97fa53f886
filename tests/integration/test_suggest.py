"""Suggestions through the app: from a model's columns to a file that the project takes."""

from __future__ import annotations

from contextlib import closing

import pytest

from bookward.errors import NameUnknown, ProjectInvalid
from tests.integration.world import World


def test_a_suggested_sync_runs_as_it_is(world: World) -> None:
    world.customers((1, "Ann", "ann@example.com", "021 1"), (2, "Bob"))
    with closing(world.app()) as app:
        suggested = app.suggest("customers", "contacts")
    assert world.api_calls() == []
    assert (suggested.destination, suggested.mode) == ("xero", "upsert")
    assert suggested.yaml == (
        "model: customers\n"
        "destination: xero\n"
        "object: contacts\n"
        "match: {ContactNumber: id}  # 90%: often said for ContactNumber; integer for text\n"
        "fields:\n"
        "  Name: name  # 100%: the same words\n"
        "  EmailAddress: email  # 95%: often said for EmailAddress\n"
        "  Phones:\n"
        "    - PhoneType: {value: DEFAULT}  # or DDI, MOBILE, FAX\n"
        "      PhoneNumber: phone  # 81%: often said for Phones.PhoneNumber\n"
        "# no field found for: credit, since\n"
    )
    world.write("syncs/customers.yaml", suggested.yaml)
    with closing(world.app()) as app:
        assert app.check(connect=True).problems == ()
    assert world.run().run.counts["rows_accepted"] == 2
    assert world.contacts()["1"]["EmailAddress"] == "ann@example.com"


def test_gathered_rows_become_the_lines_of_an_invoice(world: World) -> None:
    world.warehouse.execute(
        "DROP TABLE IF EXISTS sales; CREATE TABLE sales (number text, customer_name text, issued_on date, "
        "line_no int, description text, qty numeric(10,2), unit_price numeric(12,2), account text)"
    )
    world.write(
        "models/sales.yaml",
        "source: warehouse\ntable: sales\nprimary_key: number\nlines:\n  order_by: line_no\n"
        "  columns: [description, qty, unit_price, account]\n",
    )
    with closing(world.app()) as app:
        suggested = app.suggest("sales", "invoices", "xero")
    fields = "\n".join(line.partition("  #")[0] for line in suggested.yaml.splitlines())
    assert fields == (
        "model: sales\ndestination: xero\nobject: invoices\nmatch: {InvoiceNumber: number}\nfields:\n\n"
        "  Contact:\n    Name: customer_name\n  Date: issued_on\n  LineItems:\n    each: lines\n    fields:\n"
        "      Description: description\n      Quantity: qty\n      UnitAmount: unit_price\n"
        "      AccountCode: account"
    )
    world.write("syncs/sales.yaml", suggested.yaml)
    with closing(world.app()) as app:
        assert [problem.message for problem in app.check(connect=True).problems] == [
            "Type is required to create a record."
        ]


@pytest.mark.parametrize(
    ("column", "value", "by"),
    [
        ("customer", "Clara C. Quigley", "Name"),
        ("client", "Acme", "Name"),
        ("customer", "clara@example.com", "EmailAddress"),
        ("customer", "C-1001", "ContactNumber"),
        ("customer_id", "Clara Quigley", "ContactNumber"),
    ],
)
def test_a_contact_is_looked_up_by_what_its_column_holds(
    world: World, column: str, value: str, by: str
) -> None:
    world.write("models/bills.yaml", "source: warehouse\nprimary_key: number\n")
    world.write("models/bills.sql", f"SELECT 'B-1' AS number, '{value}' AS {column}\n")
    with closing(world.app()) as app:
        [found] = app.suggest("bills", "invoices", "xero").suggestion.fields
    assert (found.path, found.column) == (("Contact", by), column)


def test_the_values_of_the_first_rows_decide_as_well(world: World) -> None:
    world.warehouse.execute(
        "DROP TABLE IF EXISTS bills; CREATE TABLE bills (number text, invoice_date text, amount text);"
        "INSERT INTO bills VALUES ('1', '2026-11-02', '12.50')"
    )
    world.write("models/bills.yaml", "source: warehouse\ntable: bills\nprimary_key: number\n")
    with closing(world.app()) as app:
        found = app.suggest("bills", "invoices", "xero").suggestion
    proposed = {".".join(each.path): each.column for each in found.fields}
    assert proposed == {"Date": "invoice_date", "LineItems.LineAmount": "amount"}


def test_the_mode_is_named_where_the_usual_one_is_not_possible(world: World) -> None:
    with closing(world.app()) as app:
        assert "mode: insert\n" in app.suggest("customers", "payments").yaml


def test_what_is_not_there_is_named_with_what_is(world: World) -> None:
    world.write("destinations/other.yaml", (world.root / "destinations/xero.yaml").read_text())
    with closing(world.app()) as app:
        for words, message, remedy in (
            (("customers", "contcts", "xero"), "There is no object 'contcts'.", "Did you mean 'contacts'?"),
            (("custmers", "contacts", "xero"), "There is no model 'custmers'.", "Did you mean 'customers'?"),
            (
                ("customers", "contacts"),
                "It is not clear which destination is meant. The project has other, xero.",
                "Name it.",
            ),
        ):
            with pytest.raises(NameUnknown) as raised:
                app.suggest(*words)
            assert (raised.value.message, raised.value.remedy) == (message, remedy)


def test_a_destination_that_is_wrong_is_said_to_be_so(world: World) -> None:
    del world.environ["XERO_CLIENT_SECRET"]
    with closing(world.app()) as app, pytest.raises(ProjectInvalid, match="XERO_CLIENT_SECRET"):
        app.suggest("customers", "contacts")
