"""Lists from the lines of a row: from a jsonb column, and from rows that are gathered."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from bookward.engine import planfile
from bookward.errors import ColumnMissing
from bookward.records import Operation
from tests.integration.world import World

MODEL = "source: warehouse\nprimary_key: id\n"
GATHERED = """
source: warehouse
primary_key: id
lines:
  order_by: place
  columns: [first_name, mail, credit]
"""
SYNC = """
model: customers
destination: xero
object: contacts
match: {ContactNumber: id}
fields:
  Name: name
  ContactPersons:
    each: COLUMN
    fields:
      FirstName: first_name
      LastName: {template: "{{ credit }}"}
      EmailAddress: {column: mail, when_null: reject}
      IncludeInEmails: {value: true}
on_removal: archive
"""
JSON_TABLE = "DROP TABLE customers; CREATE TABLE customers (id bigint, name text, people jsonb, said json)"
ROWS_TABLE = """
DROP TABLE customers;
CREATE TABLE customers (id bigint, name text, place numeric, first_name text, mail text, credit numeric)
"""


@pytest.fixture
def json_world(world: World) -> World:
    world.warehouse.execute(JSON_TABLE)
    world.write("syncs/customers.yaml", SYNC.replace("COLUMN", "people"))
    return world


@pytest.fixture
def rows_world(world: World) -> World:
    world.warehouse.execute(ROWS_TABLE)
    world.write("models/customers.yaml", GATHERED)
    world.write("syncs/customers.yaml", SYNC.replace("COLUMN", "lines"))
    return world


def person(first: str, mail: str, last: str) -> dict[str, Any]:
    return {"FirstName": first, "LastName": last, "EmailAddress": mail, "IncludeInEmails": True}


def people(contact: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{name: entry[name] for name in person("", "", "")} for entry in contact["ContactPersons"]]


def add_json(world: World, id_: int, people_: str | None) -> None:
    world.warehouse.execute(
        "INSERT INTO customers VALUES (%s, %s, %s, %s)", [id_, f"Customer {id_}", people_, people_]
    )


def add_line(world: World, id_: int | None, place: Any, first: str, mail: str, credit: Any = None) -> None:
    values = [id_, f"Customer {id_}", place, first, mail, credit]
    world.warehouse.execute("INSERT INTO customers VALUES (%s, %s, %s, %s, %s, %s)", values)


def rejected(world: World) -> dict[str, tuple[str | None, str | None]]:
    return {row.key: (row.code, row.message) for row in world.rows(world.run(), "rejected")}


def planned(world: World) -> list[Operation]:
    return [operation for batch in world.plan().operations() for operation in batch]


TWO = """[
    {"mail": "b@example.com", "first_name": "Bo", "credit": 12345678901234567890.120},
    {"first_name": "Al", "mail": "a@example.com", "credit": -0.10}
]"""


@pytest.mark.parametrize("column", ["people", "said"])
def test_contact_persons_come_from_a_json_column(json_world: World, column: str) -> None:
    json_world.write("syncs/customers.yaml", SYNC.replace("COLUMN", column))
    add_json(json_world, 1, TWO)
    add_json(json_world, 2, "[]")
    add_json(json_world, 3, None)
    json_world.run()
    contacts = json_world.contacts()
    assert people(contacts["1"]) == [
        person("Bo", "b@example.com", "12345678901234567890.120"),
        person("Al", "a@example.com", "-0.10"),
    ]
    assert set(contacts) == {"1", "2", "3"}


def test_json_with_other_spaces_and_order_is_no_change_and_its_content_is(json_world: World) -> None:
    json_world.write("syncs/customers.yaml", SYNC.replace("COLUMN", "said"))
    add_json(json_world, 1, TWO)
    json_world.run()
    json_world.api_calls()
    json_world.warehouse.execute("UPDATE customers SET said = people::text::json")
    assert json_world.plan().header.changes == {"same": 1}
    assert json_world.run().run.counts["calls"] == 0
    json_world.warehouse.execute("UPDATE customers SET said = replace(said::text, '-0.10', '-0.11')::json")
    (operation,) = planned(json_world)
    assert operation.kind == "update"
    assert [entry["LastName"] for entry in operation.payload["ContactPersons"]] == [
        "12345678901234567890.120",
        "-0.11",
    ]
    assert operation.before is not None
    assert [entry["LastName"] for entry in operation.before["ContactPersons"]] == [
        "12345678901234567890.120",
        "-0.10",
    ]


def test_lines_that_are_gone_do_not_empty_the_list(json_world: World) -> None:
    add_json(json_world, 1, TWO)
    json_world.run()
    json_world.warehouse.execute("UPDATE customers SET people = '[]'")
    json_world.run()
    assert len(json_world.contacts()["1"]["ContactPersons"]) == 2
    json_world.edit("syncs/customers.yaml", "each: people", "each: people\n    when_null: reject")
    assert rejected(json_world) == {
        "1": ("field_required", "ContactPersons must have a value, and column 'people' gives none.")
    }


def test_a_bad_line_rejects_its_row_by_number_and_no_other(json_world: World) -> None:
    add_json(json_world, 1, '[{"mail": "a@example.com"}, {"first_name": "Bo"}]')
    add_json(json_world, 2, '{"mail": "a@example.com"}')
    add_json(json_world, 3, TWO)
    assert rejected(json_world) == {
        "1": (
            "field_required",
            "ContactPersons[2].EmailAddress must have a value, and column 'mail' gives none.",
        ),
        "2": (
            "field_invalid",
            "ContactPersons needs a list of objects, and column 'people' is {'mail': 'a@example.com'}.",
        ),
    }
    assert list(json_world.contacts()) == ["3"]


def test_contact_persons_come_from_rows(rows_world: World) -> None:
    add_line(rows_world, 1, 10, "Cy", "c@example.com", "0.1")
    add_line(rows_world, 2, 1, "Di", "d@example.com")
    add_line(rows_world, 1, 9, "Bo", "b@example.com", "12345678901234567890.123456789")
    add_line(rows_world, 1, "1.5", "Al", "a@example.com", 7)
    report = rows_world.run()
    assert report.run.counts["rows_read"] == 2
    contacts = rows_world.contacts()
    assert people(contacts["1"]) == [
        person("Al", "a@example.com", "7"),
        person("Bo", "b@example.com", "12345678901234567890.123456789"),
        person("Cy", "c@example.com", "0.1"),
    ]
    assert [entry["FirstName"] for entry in contacts["2"]["ContactPersons"]] == ["Di"]
    rows_world.api_calls()
    assert rows_world.run().run.counts["calls"] == 0
    rows_world.warehouse.execute("UPDATE customers SET place = 0 WHERE first_name = 'Cy'")
    rows_world.run()
    assert [entry["FirstName"] for entry in rows_world.contacts()["1"]["ContactPersons"]] == [
        "Cy",
        "Al",
        "Bo",
    ]


def test_rows_that_cannot_be_gathered_are_rejected_and_their_record_stays(rows_world: World) -> None:
    for id_ in (1, 2, 3):
        add_line(rows_world, id_, 1, "Al", "a@example.com")
        add_line(rows_world, id_, 2, "Bo", "b@example.com")
    rows_world.run()
    add_line(rows_world, None, 1, "No", "n@example.com")
    rows_world.warehouse.execute("UPDATE customers SET name = 'Other' WHERE id = 1 AND place = 2")
    rows_world.warehouse.execute("UPDATE customers SET place = 2 WHERE id = 2")
    rows_world.warehouse.execute("DELETE FROM customers WHERE id = 3")
    assert rejected(rows_world) == {
        "row 2": ("key_null", "The key column 'id' is null in row 2."),
        "1": (
            "lines_disagree",
            "The 2 lines with the key id = '1' differ in column 'name': 'Customer 1' and 'Other'.",
        ),
        "2": ("line_duplicate", "More than one of the 2 lines with the key id = '2' has place = '2'."),
        "3": (
            "removal_held_back",
            "5 rows have no key, or lines that are no row, and any may be this row.",
        ),
    }
    assert set(rows_world.contacts()) == {"1", "2", "3"}


def test_rows_beyond_those_that_a_plan_names_stay_where_they_are(
    rows_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planfile, "NAMED_KEY_PROBLEMS", 2)
    for id_ in (1, 2, 3, 4):
        add_line(rows_world, id_, 1, "Al", "a@example.com")
        add_line(rows_world, id_, 2, "Bo", "b@example.com")
    rows_world.run()
    rows_world.warehouse.execute("UPDATE customers SET name = 'Other' WHERE id = 4 AND place = 2")
    rows_world.run()
    rows_world.warehouse.execute("UPDATE customers SET name = 'Other' WHERE place = 2")
    assert set(rejected(rows_world)) == {"1", "2", "4 more rows"}
    with closing(rows_world.app()) as app:
        states = {row.key: (row.state.value, row.code) for row in app.sync_rows("customers")}
    assert states == {
        "1": ("rejected", "lines_disagree"),
        "2": ("rejected", "lines_disagree"),
        "3": ("accepted", None),
        "4": ("rejected", "lines_disagree"),
    }
    rows_world.warehouse.execute("UPDATE customers SET name = 'Customer ' || id")
    rows_world.run()
    with closing(rows_world.app()) as app:
        assert app.row_counts("customers") == {"accepted": 4}


def test_a_column_of_the_lines_cannot_be_one_of_the_row(rows_world: World) -> None:
    rows_world.edit("syncs/customers.yaml", "  Name: name\n", "  Name: first_name\n")
    with pytest.raises(ColumnMissing, match="'first_name' may differ from line to line"):
        rows_world.run()


def test_check_finds_what_the_lines_lack_without_and_with_a_connection(rows_world: World) -> None:
    rows_world.edit("models/customers.yaml", "mail, credit]", "mail, credit, phone]")
    rows_world.edit("syncs/customers.yaml", "FirstName: first_name", "FirstName: frist_name")
    rows_world.edit("syncs/customers.yaml", "IncludeInEmails", "IncludeInEmail")
    rows_world.edit("syncs/customers.yaml", "  Name: name\n", "  Name: name\n  LastName: mail\n")
    with closing(rows_world.app()) as app:
        found = [(p.path, p.line, p.message, p.remedy) for p in app.check().problems]
        connected = [(p.path, p.line, p.message) for p in app.check(connect=True).problems]
    assert found == [
        (
            "syncs/customers.yaml",
            12,
            "The lines in 'lines' have no column 'frist_name'.",
            "Did you mean 'first_name'?",
        ),
        (
            "syncs/customers.yaml",
            15,
            "There is no field ContactPersons[].IncludeInEmail.",
            "Did you mean 'IncludeInEmails'?",
        ),
    ]
    assert connected == [
        ("models/customers.yaml", 6, "The model has no column 'phone'."),
        ("syncs/customers.yaml", 8, "Column 'mail' belongs to the lines in 'lines', not to the row."),
        *[(path, line, message) for path, line, message, _ in found],
    ]


INVOICES = """
model: invoices
destination: xero
object: invoices
match: {InvoiceNumber: number}
fields:
  Type: {value: ACCREC}
  Date: issued
  LineAmountTypes: {value: Exclusive}
  LineItems:
    each: lines
    fields: {Description: what, Quantity: quantity, UnitAmount: price, AccountCode: {value: "200"}}
    total: {column: net, of: [Quantity, UnitAmount]}
look_up:
  Contact: {by: EmailAddress, column: mail}
"""
INVOICE_ROWS = """
DROP TABLE IF EXISTS invoice_lines;
CREATE TABLE invoice_lines (number text, issued date, mail text, net numeric(12,2), line_no int, what text,
                            quantity numeric(9,3), price numeric(18,4));
INSERT INTO invoice_lines VALUES
    ('INV-1', '2026-10-01', 'ann@example.com', 100.02, 2, 'Second', 1.000, 0.0050),
    ('INV-1', '2026-10-01', 'ann@example.com', 100.02, 1, 'First', 3.000, 33.3350),
    ('INV-2', '2026-10-02', 'ann@example.com', 10.00, 1, 'Only', 1.000, 10.0100);
"""


def invoices(world: World) -> dict[str, dict[str, Any]]:
    return {str(invoice["InvoiceNumber"]): invoice for invoice in world.xero.records("Invoices")}


def test_an_invoice_is_gathered_from_its_lines_and_they_add_up(world: World) -> None:
    world.xero.add("Contacts", [{"Name": "Ann", "EmailAddress": "ann@example.com"}])
    world.warehouse.execute(INVOICE_ROWS)
    world.write(
        "models/invoices.yaml",
        "source: warehouse\ntable: invoice_lines\nprimary_key: number\n"
        "lines: {order_by: line_no, columns: [what, quantity, price]}\n",
    )
    world.write("syncs/invoices.yaml", INVOICES)
    (refused,) = world.rows(world.run("invoices"), "rejected")
    assert (refused.key, refused.code, refused.field) == ("INV-2", "total_differs", "LineItems")
    assert refused.message == "LineItems: the lines come to 10.01, and column 'net' says 10.00."
    (booked,) = invoices(world).values()
    lines = [(line["Description"], line["LineAmount"]) for line in booked["LineItems"]]
    assert lines == [("First", Decimal("100.01")), ("Second", Decimal("0.01"))]
    assert booked["SubTotal"] == Decimal("100.02")
    world.warehouse.execute(
        "UPDATE invoice_lines SET net = 110.02 WHERE number = 'INV-1';"
        "UPDATE invoice_lines SET net = 10.01 WHERE number = 'INV-2';"
        "INSERT INTO invoice_lines VALUES ('INV-1', '2026-10-01', 'ann@example.com', 110.02, 3, 'New', 1, 10)"
    )
    assert list(world.rows(world.run("invoices"), "rejected")) == []
    after = invoices(world)
    assert {number: invoice["SubTotal"] for number, invoice in after.items()} == {
        "INV-1": Decimal("110.02"),
        "INV-2": Decimal("10.01"),
    }
    kept = [line["LineItemID"] for line in booked["LineItems"]]
    assert [line["LineItemID"] for line in after["INV-1"]["LineItems"]][:2] == kept
    world.warehouse.execute("ALTER TABLE invoice_lines ALTER price TYPE numeric(24,9)")
    assert world.plan("invoices").header.changes == {"same": 2}
