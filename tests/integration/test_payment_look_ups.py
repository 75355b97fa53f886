"""Payments of what is looked up: bills, whose numbers others may share, and all that is found by its id."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.server import LocalXero
from tests.integration.feeds import Feed
from tests.integration.world import World

NUMBER = {"Invoices": "InvoiceNumber", "CreditNotes": "CreditNoteNumber"}
FIELD = {"Invoices": "Invoice", "CreditNotes": "CreditNote"}


def document(kind: str, type_: str, number: str, contact: str = "Ann", **more: Any) -> dict[str, Any]:
    due = {"DueDate": "2026-10-20"} if kind == "Invoices" else {}
    line = {"Description": "Work", "Quantity": 1, "UnitAmount": 100, "AccountCode": "400"}
    made = {"Type": type_, NUMBER[kind]: number, "Contact": {"Name": contact}, "Date": "2026-10-01"}
    return made | {"Status": "AUTHORISED", "LineAmountTypes": "NoTax", "LineItems": [line]} | due | more


def add(world: World, kind: str, *documents: dict[str, Any]) -> list[str]:
    """Put documents into the books, and return their ids."""
    made = world.xero.add(kind, documents)
    assert not any(element.get("ValidationErrors") for element in made), made
    world.api_calls()
    return [str(element[f"{FIELD[kind]}ID"]) for element in made]


def payment(key: str, paid: str | None, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "Reference": f"PAY-{key}",
        "paid": paid,
        "Account.Code": "090",
        "Date": "2026-10-10",
        "Amount": Decimal("10.00"),
    } | more


def feed(world: World, kind: str = "Invoices", by: str = "Number", **more: Any) -> Feed:
    look_up = {FIELD[kind]: {"by": f"{FIELD[kind]}{by}", "column": "paid"} | more}
    return Feed(world, "payments", "Reference", mode="insert", look_up=look_up)


def paid(xero: LocalXero, kind: str = "Invoices") -> list[str]:
    """Return the ids of the documents with payments on them."""
    name = f"{FIELD[kind]}ID"
    return [str(held[name]) for held in xero.records(kind) if held.get("Payments")]


@pytest.mark.parametrize("kind", NUMBER)
@pytest.mark.parametrize("by", ["Number", "ID"])
def test_what_is_paid_is_looked_up(world: World, kind: str, by: str) -> None:
    types = ("ACCREC", "ACCPAY") if kind == "Invoices" else ("ACCRECCREDIT", "ACCPAYCREDIT")
    _, bill = add(world, kind, *[document(kind, type_, f"N-{type_}") for type_ in types])
    payments = feed(world, kind, by).rows(payment("1", f"N-{types[1]}" if by == "Number" else bill.upper()))
    assert payments.rejected() == {}
    assert paid(world.xero, kind) == [bill]
    world.api_calls()
    assert payments.run().run.counts["calls"] == 0
    (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "again.yaml")
    assert world.run("again", as_new=True).run.counts["rows_adopted"] == 1


def test_numbers_that_lead_to_none_two_or_a_dead_one_reject_the_row(world: World) -> None:
    ids = add(
        world,
        "Invoices",
        document("Invoices", "ACCREC", "7"),
        document("Invoices", "ACCPAY", "7", "Bob"),
        document("Invoices", "ACCPAY", "8", "Bob"),
        document("Invoices", "ACCPAY", "8", "Cat"),
        document("Invoices", "ACCREC", "V", Status="DRAFT"),
        document("Invoices", "ACCPAY", "W"),
        document("Invoices", "ACCPAY", "9"),
    )
    world.xero.edit("Invoices", ids[4], status="DELETED")
    world.xero.edit("Invoices", ids[5], status="VOIDED")
    payments = feed(world)
    payments.rows(*[payment(number, number) for number in ("7", "8", "V", "W", "X", "9")], payment("0", None))
    report = payments.run()
    said = {row.key: (row.code, row.field, row.message) for row in world.rows(report, "rejected")}
    assert said == {
        "7": (
            "match_ambiguous",
            "Invoice",
            f"InvoiceNumber '7' is that of {both('7', {ids[0]: '', ids[1]: 'Bob'})}.",
        ),
        "8": (
            "match_ambiguous",
            "Invoice",
            f"InvoiceNumber '8' is that of {both('8', {ids[2]: 'Bob', ids[3]: 'Cat'})}.",
        ),
        "V": (
            "look_up_failed",
            "Invoice",
            "The invoice with InvoiceNumber 'V' is deleted, no longer in use in Xero.",
        ),
        "W": (
            "look_up_failed",
            "Invoice",
            "The invoice with InvoiceNumber 'W' is voided, no longer in use in Xero.",
        ),
        "X": ("look_up_failed", "Invoice", "There is no invoice with InvoiceNumber 'X' in Xero."),
        "0": ("field_required", "Invoice", "Neither an invoice nor a credit note is named."),
    }
    remedies = {row.key: row.remedy for row in world.rows(report, "rejected")}
    assert remedies["8"] == "Merge or rename them, or look it up by InvoiceID."
    assert paid(world.xero) == [ids[6]]


def both(number: str, suppliers: dict[str, str]) -> str:
    """Return some documents by their id, an invoice where there is no supplier, as messages name them."""
    called = {"": f"invoice {number!r}"} | {
        name: f"bill {number!r} from {name!r}" for name in suppliers.values() if name
    }
    return " and ".join(f"{called[suppliers[id_]]} ({id_})" for id_ in sorted(suppliers))


def test_a_live_bill_is_found_behind_a_dead_one_of_its_number(world: World) -> None:
    old, new = add(world, "Invoices", *[document("Invoices", "ACCPAY", "7", name) for name in ("Ann", "Bob")])
    world.xero.edit("Invoices", old, status="VOIDED")
    assert feed(world).rows(payment("1", "7")).rejected() == {}
    assert paid(world.xero) == [new]


def test_few_numbers_cost_one_query_and_without_a_look_up_none(world: World) -> None:
    add(world, "Invoices", *[document("Invoices", "ACCPAY", f"B-{n}") for n in range(20)])
    feed(world).rows(*[payment(str(n), f"B-{n}") for n in range(20)]).run()
    reads = [path.rpartition("/")[2] for method, path, _ in world.api_calls() if method == "GET"]
    assert sorted(reads) == ["Accounts", "Invoices", "Payments"]
    assert len(paid(world.xero)) == 20
    plain = Feed(world, "payments", "Reference", mode="insert")
    plain.rows(*[payment(f"x{n}", None, **{"Invoice.InvoiceNumber": f"B-{n}"}) for n in range(20)]).run()
    assert not [path for method, path, _ in world.api_calls() if path.endswith("/Invoices")]


def test_the_account_is_looked_up_too(world: World) -> None:
    (bill,) = add(world, "Invoices", document("Invoices", "ACCPAY", "7"))
    payments = feed(world)
    payments.settings["look_up"]["Account"] = {"by": "Code", "column": "bank"}
    rows = [payment(bank, "7", bank=bank) for bank in ("090", "NOPE", "200")]
    for row in rows:
        del row["Account.Code"]
    assert payments.rows(*rows).rejected() == {
        "NOPE": ("look_up_failed", "Account"),
        "200": ("field_invalid", "Account.AccountID"),
    }
    assert paid(world.xero) == [bill]


@pytest.mark.parametrize("field", ["Invoice", "CreditNote", "Account"])
def test_nothing_is_created_because_it_is_missing(world: World, field: str) -> None:
    by = "Code" if field == "Account" else f"{field}Number"
    payments = Feed(world, "payments", "Reference", mode="insert")
    payments.settings["look_up"] = {field: {"by": by, "column": "paid", "missing": "create"}}
    row = payment("1", "7")
    if field == "Account":
        del row["Account.Code"]
    payments.rows(row)
    with closing(world.app()) as app:
        (problem,) = app.check().problems
    noun = {"Invoice": "invoice", "CreditNote": "credit note", "Account": "account"}[field]
    assert problem.message == f"No {noun} is created because one is missing."
    assert problem.remedy == "Use `missing: reject`, and sync what is named first, as `run --all` does."


@pytest.mark.parametrize("by", ["Name", "Total"])
def test_what_no_document_is_found_by_is_refused_by_check(world: World, by: str) -> None:
    payments = feed(world)
    payments.settings["look_up"]["Invoice"]["by"] = by
    payments.rows(payment("1", "7"))
    with closing(world.app()) as app:
        (problem,) = app.check().problems
    assert problem.message == f"There is no field Invoice.{by}."


def test_a_looked_up_payment_whose_answer_is_lost_is_booked_once(world: World) -> None:
    add(world, "Invoices", document("Invoices", "ACCPAY", "7"))
    world.xero.faults.add(
        Fault(kind=FaultKind.STATUS, status=500, method="PUT", when="after", path="*/Payments")
    )
    assert feed(world).rows(payment("1", "7")).rejected() == {}
    assert len(world.xero.records("Payments")) == 1


@pytest.mark.parametrize("meant", ["sale", "bill", "refuse"])
def test_a_number_of_both_is_safe_only_when_looked_up(
    world: World, meant: Literal["sale", "bill", "refuse"]
) -> None:
    world.xero.options = replace(world.xero.options, paid_number_of_both=meant)
    sale, bill = add(
        world, "Invoices", document("Invoices", "ACCREC", "7"), document("Invoices", "ACCPAY", "7", "Bob")
    )
    plain = Feed(world, "payments", "Reference", mode="insert")
    rejected = plain.rows(payment("1", None, **{"Invoice.InvoiceNumber": "7"})).rejected()
    assert rejected == ({"1": ("remote_rejected", None)} if meant == "refuse" else {})
    assert paid(world.xero) == {"sale": [sale], "bill": [bill], "refuse": []}[meant]
