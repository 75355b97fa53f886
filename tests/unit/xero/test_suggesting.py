"""Mappings proposed for Xero's objects: by names, types and lengths, each column and each field once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bookward.destinations.xero.checking import OBJECTS
from bookward.engine.likeness import likeness, words
from bookward.engine.suggested_yaml import sync_file
from bookward.engine.suggesting import Candidate, Column, Missing, Suggestion, Target, suggest
from bookward.model import Preview
from bookward.suggestions import with_lines_told


def columns(*names: str) -> list[Column]:
    """Return columns written as "name", or "name:type"."""
    pairs = [(*name.split(":", 1), "text")[:2] for name in names]
    return [Column(name=name, type=type_) for name, type_ in pairs]


def suggested(object_: str, key: str, *names: str, lines: Sequence[str] = ()) -> Suggestion:
    return propose(object_, key, columns(*names), columns(*lines))


def propose(object_: str, key: str, given: list[Column], lines: Sequence[Column] = ()) -> Suggestion:
    kind = OBJECTS[object_]
    target = Target(
        name=object_,
        fields=kind.fields,
        match_fields=kind.match_fields,
        also_called=kind.also_called,
        named_once=kind.named_once,
        summed=kind.summed,
    )
    return suggest(target, given, [key], lines)


def told(found: Sequence[Candidate]) -> dict[str, str]:
    return {".".join(candidate.path): candidate.column for candidate in found}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("customer_email", ("customer", "email")),
        ("customerEmail", ("customer", "email")),
        ("Customer e-mail", ("customer", "email")),
        ("GLCode", ("gl", "code")),
        ("qty", ("quantity",)),
        ("issued_on", ("issued", "date")),
        ("zip", ("postal", "code")),
        ("addresses", ("address",)),
        ("status", ("status",)),
        ("Größe 2", ("größe", "2")),
        ("__", ()),
    ],
)
def test_names_have_words_however_they_are_written(name: str, said: tuple[str, ...]) -> None:
    assert words(name) == said


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("due_on", "DueDate", 1.0, 1.0),
        ("number_invoice", "InvoiceNumber", 0.97, 0.97),
        ("descripton", "Description", 0.8, 0.9),
        ("colour", "Currency", 0.0, 0.3),
        ("", "Name", 0.0, 0.0),
    ],
)
def test_likeness(one: str, other: str, least: float, most: float) -> None:
    assert least <= likeness(words(one), words(other)) <= most


def test_contacts() -> None:
    found = suggested(
        "contacts",
        "id",
        *("id:integer", "customer_name", "email", "mobile", "city", "zip", "firstName", "last_name"),
        "created_at:timestamp with zone",
    )
    assert found.match == Candidate(
        path=("ContactNumber",),
        column="id",
        score=0.9,
        reason="often said for ContactNumber; integer for text",
    )
    assert told(found.fields) == {
        "Name": "customer_name",
        "FirstName": "firstName",
        "LastName": "last_name",
        "EmailAddress": "email",
        "Addresses.City": "city",
        "Addresses.PostalCode": "zip",
        "Phones.PhoneNumber": "mobile",
    }
    assert [missing.path for missing in found.missing] == [
        ("Addresses", "AddressType"),
        ("Phones", "PhoneType"),
    ]
    assert found.unused == ("created_at",)


def test_invoices_with_their_lines() -> None:
    found = suggested(
        "invoices",
        "invoice_no",
        *("invoice_no", "customer_email", "issued_on:date", "due:date", "currency"),
        lines=("line_no:integer", "text", "qty:decimal(10,2)", "unit_price:decimal(12,2)", "account"),
    )
    assert found.match is not None
    assert told([found.match]) == {"InvoiceNumber": "invoice_no"}
    assert told(found.fields) == {
        "Contact.EmailAddress": "customer_email",
        "Date": "issued_on",
        "DueDate": "due",
        "CurrencyCode": "currency",
    }
    assert told(found.lines) == {
        "LineItems.Description": "text",
        "LineItems.Quantity": "qty",
        "LineItems.UnitAmount": "unit_price",
        "LineItems.AccountCode": "account",
    }
    assert found.missing == (Missing(path=("Type",), choices=("ACCREC", "ACCPAY")),)
    assert found.unused == ("line_no",)


def test_what_says_something_of_a_line_is_not_proposed_for_the_record_though_it_is_the_same_in_all() -> None:
    found = suggested(
        "invoices",
        "number",
        *("number", "customer_name", "tax_type", "gl_code", "amount:decimal(12,2)", "currency", "name"),
        lines=("what", "price:decimal(12,2)", "account"),
    )
    assert told(found.of_lines) == {"LineItems.TaxType": "tax_type"}  # the lines have an account already
    assert told(found.fields) == {"Contact.Name": "customer_name", "CurrencyCode": "currency"}
    assert found.unused == ("gl_code", "amount", "name")
    text = sync_file({"object": "invoices"}, "lines", found)
    assert "# of a line, so name them under `lines.columns` of the model: tax_type (TaxType)\n" in text


def test_a_record_without_lines_has_no_columns_of_lines() -> None:
    one_row_each = suggested("invoices", "number", "number", "tax_type")
    assert one_row_each.of_lines == ()
    assert told(one_row_each.fields) == {"LineItems.TaxType": "tax_type"}
    assert suggested("contacts", "id", "tax_type", lines=("what",)).of_lines == ()


def test_a_preview_says_which_columns_are_those_of_lines() -> None:
    names = ["number", "tax_type", "account_code", "item", "sku", "quantity", "unit_price", "description"]
    numbers = {"quantity", "unit_price", "amount", "tax_amount"}
    given = [
        (n, "decimal(9,2)" if n in numbers else "text") for n in [*names, "amount", "tax_amount", "name"]
    ]
    told = with_lines_told(Preview(columns=tuple(given), rows=[], seconds=0.0))
    assert told.of_lines == set(names[1:])


def test_payments_items_and_accounts() -> None:
    payments = suggested(
        "payments",
        "id",
        "id",
        "invoice_number",
        "paid_at:timestamp with zone",
        "amount:decimal(12,2)",
        "gl_code",
    )
    assert payments.match == Candidate(path=("Reference",), column="id", score=0.6, reason="the model's key")
    assert told(payments.fields) == {
        "Invoice.InvoiceNumber": "invoice_number",
        "Account.Code": "gl_code",
        "Date": "paid_at",
        "Amount": "amount",
    }
    items = suggested("items", "sku", "sku", "name", "price:decimal(9,2)", "purchase_price:decimal(9,2)")
    assert told(items.fields) == {
        "Name": "name",
        "PurchaseDetails.UnitPrice": "purchase_price",
        "SalesDetails.UnitPrice": "price",
    }
    accounts = suggested("accounts", "code", "code", "account_name", "account_type", "tax_type")
    assert told(accounts.fields) == {"Name": "account_name", "Type": "account_type", "TaxType": "tax_type"}


@pytest.mark.parametrize(
    ("type_", "score"),
    [("date", 1.0), ("timestamp", 0.97), ("text", 0.75), ("integer", None), ("json", None)],
)
def test_a_type_that_does_not_suit_lowers_the_score_or_rules_it_out(type_: str, score: float | None) -> None:
    found = suggested("invoices", "x", f"due_date:{type_}")
    assert [candidate.score for candidate in found.fields] == ([] if score is None else [score])


def test_texts_that_are_too_long_for_the_field_are_not_proposed_without_saying_so() -> None:
    fits = propose("contacts", "x", [Column(name="tax_number", type="text", longest=50)])
    long = propose("contacts", "x", [Column(name="tax_number", type="text", longest=51)])
    assert [(c.score, c.reason) for c in fits.fields] == [(1.0, "the same words")]
    assert [(c.score, c.reason) for c in long.fields] == [
        (0.75, "the same words; up to 51 letters, 50 are allowed")
    ]


def test_a_field_with_a_list_of_values_gets_a_column_that_holds_them_or_none() -> None:
    dates = Column(name="invoice_date", type="text", seen=frozenset({"2026-11-02", "2026-11-03"}))
    assert told(propose("invoices", "x", [dates]).fields) == {"Date": "invoice_date"}
    kinds = Column(name="invoice_type", type="text", seen=frozenset({"ACCREC"}))
    assert told(propose("invoices", "x", [dates, kinds]).fields) == {
        "Type": "invoice_type",
        "Date": "invoice_date",
    }
    other = Column(name="invoice_type", type="text", seen=frozenset({"ACCREC", "standard"}))
    assert told(propose("invoices", "x", [other]).fields) == {}


def test_numbers_in_a_column_of_text_are_amounts() -> None:
    amounts = Column(name="amount", type="text", seen=frozenset({"12.50", "-3"}))
    assert told(propose("invoices", "x", [amounts]).fields) == {"LineItems.LineAmount": "amount"}
    words_ = Column(name="amount", type="text", seen=frozenset({"12.50", "a lot", "NaN"}))
    assert told(propose("invoices", "x", [words_]).fields) == {}


def test_what_names_another_record_is_named_once_and_only_what_says_which() -> None:
    found = suggested("invoices", "x", "customer_name", "customer_email", "id", "name")
    assert [path for path in told(found.fields) if path.startswith("Contact.")] == ["Contact.Name"]


def test_a_model_without_anything_in_common_gets_what_is_missing() -> None:
    found = suggested("payments", "x", "x:boolean", "y:json")
    assert found.match == Candidate(path=("Reference",), column="x", score=0.6, reason="the model's key")
    assert [missing.path[0] for missing in found.missing] == ["Account", "Date", "Amount"]
    assert found.unused == ("y",)


def test_the_file_of_a_sync() -> None:
    found = suggested(
        "invoices",
        "number",
        *("number", "customer_name", "Issue Date:date", "true", "tab\there", "\x9b"),
        lines=("description", "price:decimal(12,2)"),
    )
    assert sync_file({"model": "sales", "destination": "xero", "object": "invoices"}, "lines", found) == (
        "model: sales\n"
        "destination: xero\n"
        "object: invoices\n"
        "match: {InvoiceNumber: number}  # 95%: often said for InvoiceNumber\n"
        "fields:\n"
        "  # Type: required, and no column found, one of ACCREC, ACCPAY\n"
        "  Contact:\n"
        "    Name: customer_name  # 100%: the same words\n"
        '  Date: "Issue Date"  # 95%: often said for Date\n'
        "  LineItems:\n"
        "    each: lines\n"
        "    fields:\n"
        "      Description: description  # 85%: the same words\n"
        "      UnitAmount: price  # 81%: often said for LineItems.UnitAmount\n"
        '# no field found for: "true", "tab\\there", "\\U0000009b"\n'
    )


def test_an_entry_of_a_list_says_which_one_it_is() -> None:
    found = suggested("contacts", "x", "phone", "phone_area_code")
    assert sync_file({"object": "contacts"}, "lines", found) == (
        "object: contacts\n"
        "# match: the field and the column by which a row finds its record\n"
        "fields:\n"
        "  # Name: required, and no column found\n"
        "  Phones:\n"
        "    - PhoneType: {value: DEFAULT}  # or DDI, MOBILE, FAX\n"
        "      PhoneNumber: phone  # 81%: often said for Phones.PhoneNumber\n"
        "      PhoneAreaCode: phone_area_code  # 85%: the same words\n"
    )


def test_a_file_with_nothing_but_what_is_missing_is_a_file_all_the_same() -> None:
    assert sync_file({"object": "contacts"}, "lines", suggested("contacts", "x", "y:json")) == (
        "object: contacts\n"
        "# match: the field and the column by which a row finds its record\n"
        "fields: {}\n"
        "  # Name: required, and no column found\n"
        "# no field found for: y\n"
    )
