"""Rows that cannot be right, for every object: each is rejected for its reason, and the good ones go on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bookward.errors import ColumnMissing, ProjectInvalid
from tests.integration.feeds import Feed
from tests.integration.kinds import OBJECTS, Kind
from tests.integration.test_bad_input import last
from tests.integration.world import World

Bad = tuple[str, Any, str, str | None]

HUGE = "1" + "0" * 30


def numbers(field: str, path: str = "", *, places: int) -> list[Bad]:
    """Return what is no amount, or none that Xero keeps."""
    path = path or field
    wrong = ("NaN", "Infinity", "ten", "1e400", f"1.{'1' * (places + 1)}")
    return [
        *[(field, value, "field_invalid", path) for value in wrong],
        (field, HUGE, "remote_rejected", None),
    ]


def document(number: str) -> list[Bad]:
    return [
        (number, None, "field_required", number),
        ("Contact.Name", None, "field_required", "Contact"),
        ("LineAmountTypes", "Sometimes", "field_invalid", "LineAmountTypes"),
        ("Status", "PAID", "field_invalid", "Status"),
        ("Date", "2026-02-30", "field_invalid", "Date"),
        ("Date", "soon", "field_invalid", "Date"),
        ("LineItems.Description", "d" * 4001, "field_invalid", "LineItems[1].Description"),
        ("LineItems.AccountCode", "NOPE", "look_up_failed", "LineItems[1].AccountCode"),
        ("LineItems.ItemCode", "NOPE", "look_up_failed", "LineItems[1].ItemCode"),
        ("LineItems.TaxType", "NOPE", "look_up_failed", "LineItems[1].TaxType"),
        *numbers("LineItems.UnitAmount", "LineItems[1].UnitAmount", places=4),
    ]


#: Field, value, and what the row is rejected for: code and field.
BAD: dict[str, list[Bad]] = {
    "contacts": [
        ("Name", None, "field_required", "Name"),
        ("FirstName", "f" * 256, "field_invalid", "FirstName"),
        ("ContactStatus", "SLEEPING", "field_invalid", "ContactStatus"),
        ("EmailAddress", "nobody", "field_invalid", "EmailAddress"),
    ],
    "accounts": [
        ("Name", None, "field_required", "Name"),
        ("Type", None, "field_required", "Type"),
        ("Type", "MAGIC", "field_invalid", "Type"),
        ("Code", "x" * 11, "field_invalid", "Code"),
        ("Description", "d" * 4001, "field_invalid", "Description"),
        ("EnablePaymentsToAccount", "maybe", "field_invalid", "EnablePaymentsToAccount"),
        ("TaxType", "NOPE", "look_up_failed", "TaxType"),
    ],
    "items": [
        ("Code", None, "field_required", "Code"),
        ("Code", "x" * 31, "field_invalid", "Code"),
        ("Name", "n" * 51, "field_invalid", "Name"),
        ("IsTrackedAsInventory", "maybe", "field_invalid", "IsTrackedAsInventory"),
        ("SalesDetails.AccountCode", "NOPE", "look_up_failed", "SalesDetails.AccountCode"),
        *numbers("SalesDetails.UnitPrice", places=4),
    ],
    "invoices": [
        *document("InvoiceNumber"),
        ("InvoiceNumber", "x" * 256, "field_invalid", "InvoiceNumber"),
        ("DueDate", "soon", "field_invalid", "DueDate"),
    ],
    "credit-notes": document("CreditNoteNumber"),
    "payments": [
        ("Reference", None, "field_required", "Reference"),
        ("Account.Code", None, "field_required", "Account"),
        ("Account.Code", "NOPE", "look_up_failed", "Account.Code"),
        ("Invoice.InvoiceNumber", None, "field_required", "Invoice"),
        ("Date", None, "field_required", "Date"),
        ("Date", "2026-02-30", "field_invalid", "Date"),
        ("IsReconciled", "maybe", "field_invalid", "IsReconciled"),
        *numbers("Amount", places=2),
    ],
}


def as_text(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose numbers are texts, so that a column can hold what is none."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}


@pytest.mark.parametrize("object_", BAD)
def test_each_bad_row_is_rejected_for_its_reason(world: World, object_: str) -> None:
    kind = OBJECTS[object_]
    kind.prepare(world)
    numbered = dict(enumerate(BAD[object_], 1))
    rows = [kind.row_of(n, **{field: value}) for n, (field, value, _, _) in numbered.items()]
    good = {field: "1.5" for field, value, *_ in BAD[object_] if value == HUGE}
    rows += [kind.row_of(91), kind.row_of(92, **good), kind.row_of(93) | {"id": None}]
    rows += [kind.row_of(94), kind.row_of(95) | {"id": "94"}]
    feed = kind.feed(world, mode=kind.modes[0]).rows(*map(as_text, rows))
    report = feed.run()
    rejected = {row.key: (str(row.code), row.field) for row in world.rows(report, "rejected")}
    keys = [(key, code) for key, (code, _) in rejected.items() if code.startswith("key_")]
    assert sorted(code for _, code in keys) == ["key_duplicate", "key_null"]
    assert {key: said for key, said in rejected.items() if (key, said[0]) not in keys} == {
        str(n): (code, field) for n, (_, _, code, field) in numbered.items()
    }
    assert all(row.message and row.remedy for row in world.rows(report, "rejected"))
    assert set(kind.booked(world)) == {"91", "92"}


@pytest.mark.parametrize(
    ("object_", "field"),
    [("items", "SalesDetails.UnitPrice"), ("invoices", "LineItems.UnitAmount"), ("payments", "Amount")],
)
def test_numbers_that_are_none_in_the_database_either_are_rejected(
    world: World, object_: str, field: str
) -> None:
    kind = OBJECTS[object_]
    kind.prepare(world)
    values = (float("nan"), float("inf"), float("-inf"), 1.5)
    rows = [kind.row_of(n, **{field: value}) for n, value in enumerate(values, 1)]
    rejected = kind.feed(world, mode=kind.modes[0]).rows(*rows).rejected()
    assert {key: code for key, (code, _) in rejected.items()} == dict.fromkeys("123", "field_invalid")
    assert set(kind.booked(world)) == {"4"}


def test_an_item_that_is_found_by_its_id_needs_a_code_to_be_created(world: World) -> None:
    (item,) = world.xero.add("Items", [{"Code": "WIDGET", "Name": "Widget"}])
    feed = Feed(world, "items", "ItemID")
    feed.ids = {"1": item["ItemID"]}
    feed.rows({"id": "1", "Name": "changed"}, {"id": "2", "Name": "new"})
    assert feed.kinds() == {"update": 1, "reject": 1}
    (rejected,) = world.rows(feed.run(), "rejected")
    assert (rejected.key, rejected.code, rejected.field) == ("2", "field_required", "Code")
    assert "without it this item could be booked twice" in rejected.message


@pytest.mark.parametrize("object_", OBJECTS)
def test_what_is_wrong_with_all_rows_is_one_clear_error_and_no_call(world: World, object_: str) -> None:
    kind = OBJECTS[object_]
    kind.feed(world, mode=kind.modes[0]).rows(kind.row_of(1))
    for file, old, new, error, said in FILES:
        path = f"{file.format(object_)}"
        text = (world.root / path).read_text()
        world.write(path, text.replace(old, new) if old else new)
        if error is None:
            run = world.run("feed").run
            assert (str(run.state), run.error_code) == ("failed", "source_failed")
            assert said in str(run.error_message)
            assert run.error_remedy
        else:
            with pytest.raises(error, match=said) as caught:
                world.run("feed")
            assert caught.value.remedy
        world.write(path, text)
    assert last(world).error_code == "column_missing"
    assert world.api_calls() == []


FILES: list[tuple[str, str, str, type[Exception] | None, str]] = [
    ("models/feed.sql", "SELECT *", "SELECT nothing", None, "nothing"),
    ("syncs/feed.yaml", "", "model: feed\nmatch: {Name: id\n", ProjectInvalid, r"syncs/feed.yaml:\d"),
    ("models/feed.yaml", "", "source: warehouse\nprimary_key: [id\n", ProjectInvalid, r"models/feed.yaml:\d"),
    ("models/feed.sql", "SELECT *", "SELECT id", ColumnMissing, r"'\w+'"),
]
"""File, what is replaced by what, the error, and what it says."""


def test_all_objects_are_here() -> None:
    assert set(BAD) == set(OBJECTS)
    assert all(isinstance(kind, Kind) for kind in OBJECTS.values())
