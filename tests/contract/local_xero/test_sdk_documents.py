"""Invoices, credit notes and payments as the official SDK sees them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from xero_python.accounting import (
    Account,
    Allocation,
    Allocations,
    Contact,
    CreditNote,
    CreditNotes,
    CurrencyCode,
    Invoice,
    Invoices,
    LineAmountTypes,
    LineItem,
    Payment,
    PaymentDelete,
    Payments,
)
from xero_python.exceptions import AccountingBadRequestException

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from tests.contract.local_xero.driver import ZERO
from tests.contract.local_xero.sdk import Driver, refusal

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:xero_python")
TENANT = DEMO_COMPANY.id


def sale(**fields: Any) -> Invoice:
    given: dict[str, Any] = {
        "type": "ACCREC",
        "contact": Contact(name="Ada"),
        "date": date(2026, 10, 1),
        "due_date": date(2026, 11, 1),
        "line_amount_types": LineAmountTypes.EXCLUSIVE,
        "line_items": [LineItem(description="Tea", quantity=2, unit_amount=10.5, account_code="200")],
        "status": "AUTHORISED",
    }
    return Invoice(**given | fields)


def create(sdk: Driver, *invoices: Invoice, **options: Any) -> list[Invoice]:
    body = Invoices(invoices=list(invoices))
    return list(sdk.accounting.create_invoices(TENANT, body, **options).invoices)


def credit(sdk: Driver, **fields: Any) -> CreditNote:
    given: dict[str, Any] = {
        "type": "ACCRECCREDIT",
        "contact": Contact(name="Ada"),
        "date": date(2026, 10, 2),
        "line_items": [LineItem(description="Back", quantity=1, unit_amount=10, account_code="200")],
        "status": "AUTHORISED",
    }
    body = CreditNotes(credit_notes=[CreditNote(**given | fields)])
    (made,) = sdk.accounting.create_credit_notes(TENANT, body).credit_notes
    return made


def pay(sdk: Driver, amount: float, **fields: Any) -> Payment:
    payment = Payment(amount=amount, date=date(2026, 10, 3), account=Account(code="090"), **fields)
    (made,) = sdk.accounting.create_payments(TENANT, Payments(payments=[payment])).payments
    return made


def test_invoice_survives_the_round_trip(sdk: Driver) -> None:
    (made,) = create(sdk, sale(invoice_number="S-1", reference="R"), summarize_errors=False)
    assert made.status_attribute_string == "OK"
    for key in (made.invoice_id, "S-1"):
        (read,) = sdk.accounting.get_invoice(TENANT, key).invoices
        assert (read.invoice_id, read.status, read.reference) == (made.invoice_id, "AUTHORISED", "R")
        assert (read.sub_total, read.total_tax, read.total) == (21, Decimal("3.15"), Decimal("24.15"))
        assert (read.amount_due, read.amount_paid, read.amount_credited) == (Decimal("24.15"), 0, 0)
        assert (read.date, read.due_date) == (date(2026, 10, 1), date(2026, 11, 1))
        assert (read.currency_code, read.currency_rate) == (CurrencyCode.NZD, 1)
        assert read.line_amount_types is LineAmountTypes.EXCLUSIVE
        assert read.contact.name == "Ada"
        assert read.updated_date_utc == datetime(2026, 11, 2, 12, tzinfo=UTC)
        (line,) = read.line_items
        assert (line.description, line.quantity, line.unit_amount) == ("Tea", 2, Decimal("10.5"))
        assert (line.account_code, line.tax_type, line.tax_amount) == ("200", "OUTPUT2", Decimal("3.15"))


def test_invoices_are_updated_in_bulk_and_one_by_one(sdk: Driver) -> None:
    first, second = create(sdk, sale(status="DRAFT"), sale(status="DRAFT", invoice_number="S-2"))
    body = Invoices(
        invoices=[
            Invoice(invoice_id=first.invoice_id, reference="by id"),
            Invoice(type="ACCREC", invoice_number="S-2", reference="by number"),
            sale(invoice_number="S-3"),
        ]
    )
    found = sdk.accounting.update_or_create_invoices(TENANT, body, summarize_errors=False).invoices
    assert [one.reference for one in found] == ["by id", "by number", ""]
    assert [one.invoice_id for one in found[:2]] == [first.invoice_id, second.invoice_id]
    line = first.line_items[0]
    lines = [LineItem(line_item_id=line.line_item_id, description="Coffee"), LineItem(description="Note")]
    body = Invoices(invoices=[Invoice(line_items=lines)])
    (changed,) = sdk.accounting.update_invoice(TENANT, first.invoice_id, body).invoices
    assert [one.description for one in changed.line_items] == ["Coffee", "Note"]
    assert (changed.line_items[0].line_item_id, changed.total) == (line.line_item_id, first.total)


def test_invoices_are_deleted_and_voided(sdk: Driver) -> None:
    draft, approved = create(sdk, sale(status="DRAFT"), sale())
    for id_, status in ((draft.invoice_id, "DELETED"), (approved.invoice_id, "VOIDED")):
        body = Invoices(invoices=[Invoice(status=status)])
        (changed,) = sdk.accounting.update_invoice(TENANT, id_, body).invoices
        assert changed.status == status
        with refusal() as messages:
            sdk.accounting.update_invoice(TENANT, id_, body)
        assert messages == ["Invoice not of valid status for modification"]


def test_errors_come_per_invoice_when_not_summarised(sdk: Driver) -> None:
    create(sdk, sale(invoice_number="S-1"))
    good, bad = create(sdk, sale(), sale(invoice_number="S-1"), summarize_errors=False)
    assert (good.status_attribute_string, bad.status_attribute_string) == ("OK", "ERROR")
    assert (bad.invoice_id, bad.has_errors, bad.due_date) == (ZERO, True, date(2026, 11, 1))
    assert [error.message for error in bad.validation_errors] == ["Invoice # must be unique."]
    with pytest.raises(AccountingBadRequestException, match="must be unique"):
        create(sdk, sale(invoice_number="S-1"), summarize_errors=True)


def test_invoices_are_listed_filtered_and_paged(xero: LocalXero, sdk: Driver) -> None:
    made = create(sdk, *(sale(invoice_number=f"S-{number}") for number in range(12)))
    create(sdk, sale(type="ACCPAY", invoice_number="B-1", contact=Contact(name="Bob"), status="DRAFT"))
    api = sdk.accounting
    page = api.get_invoices(TENANT, page=2, page_size=5, order="InvoiceNumber ASC", where='Type=="ACCREC"')
    assert (page.pagination.page_count, page.pagination.item_count) == (3, 12)
    assert [one.invoice_number for one in page.invoices] == ["S-3", "S-4", "S-5", "S-6", "S-7"]
    assert len(page.invoices[0].line_items) == 1
    found = api.get_invoices(TENANT, invoice_numbers=["S-7", "B-1"], statuses=["AUTHORISED"]).invoices
    assert [one.invoice_number for one in found] == ["S-7"]
    ids = [made[0].invoice_id, made[1].invoice_id]
    assert len(api.get_invoices(TENANT, i_ds=ids, summary_only=True, page=1).invoices) == 2
    assert len(api.get_invoices(TENANT, contact_i_ds=[made[0].contact.contact_id]).invoices) == 12
    assert len(api.get_invoices(TENANT, created_by_my_app=True, search_term="b-").invoices) == 1
    xero.clock.jump(minutes=1)
    since = datetime(2026, 11, 2, 12, 1, tzinfo=UTC)
    assert api.get_invoices(TENANT, if_modified_since=since).invoices == []


def test_unit_prices_have_four_places_where_wanted(sdk: Driver) -> None:
    fine = LineItem(description="Gram", quantity=100, unit_amount=0.1234, account_code="200")
    (made,) = create(sdk, sale(line_items=[fine]), unitdp=4)
    (read,) = sdk.accounting.get_invoice(TENANT, made.invoice_id, unitdp=4).invoices
    assert (read.line_items[0].unit_amount, read.sub_total) == (Decimal("0.1234"), Decimal("12.34"))


def test_idempotency_key_makes_one_invoice(xero: LocalXero, sdk: Driver) -> None:
    first, again = (create(sdk, sale(), idempotency_key="key")[0] for _ in range(2))
    assert first.invoice_id == again.invoice_id
    assert len(xero.records("Invoices")) == 1


def test_invoice_is_paid_and_the_payment_taken_back(sdk: Driver) -> None:
    (invoice,) = create(sdk, sale(invoice_number="S-1"))
    part = pay(sdk, 4.15, invoice=Invoice(invoice_number="S-1"), reference="row 1")
    assert (part.status, part.payment_type, part.amount) == ("AUTHORISED", "ACCRECPAYMENT", Decimal("4.15"))
    assert (part.date, part.reference, part.account.code) == (date(2026, 10, 3), "row 1", "090")
    assert (part.invoice.invoice_id, part.invoice.amount_due) == (invoice.invoice_id, 20)
    with refusal() as messages:
        pay(sdk, 20.01, invoice=Invoice(invoice_id=invoice.invoice_id))
    assert messages == ["Payment amount exceeds the amount outstanding on this document"]
    rest = Payment(amount=20, account=Account(code="090"), invoice=Invoice(invoice_id=invoice.invoice_id))
    (last,) = sdk.accounting.create_payment(TENANT, rest).payments
    (paid,) = sdk.accounting.get_invoice(TENANT, invoice.invoice_id).invoices
    assert (paid.status, paid.amount_due, paid.fully_paid_on_date) == ("PAID", 0, date(2026, 11, 3))
    assert [one.payment_id for one in paid.payments] == [part.payment_id, last.payment_id]
    (gone,) = sdk.accounting.delete_payment(TENANT, part.payment_id, PaymentDelete(status="DELETED")).payments
    assert (gone.status, gone.invoice.status) == ("DELETED", "AUTHORISED")
    assert gone.invoice.amount_due == Decimal("4.15")
    (read,) = sdk.accounting.get_payment(TENANT, part.payment_id).payments
    assert read.status == "DELETED"
    listed = sdk.accounting.get_payments(TENANT, where='Status=="AUTHORISED"', page=1, order="Amount ASC")
    assert [one.payment_id for one in listed.payments] == [last.payment_id]


def test_credit_note_is_made_changed_and_voided(sdk: Driver) -> None:
    made = credit(sdk, status="DRAFT", credit_note_number="C-1")
    assert (made.status, made.total, made.remaining_credit) == ("DRAFT", Decimal("11.5"), Decimal("11.5"))
    body = CreditNotes(credit_notes=[CreditNote(status="AUTHORISED", reference="R")])
    (found,) = sdk.accounting.update_credit_note(TENANT, made.credit_note_id, body).credit_notes
    assert (found.status, found.reference) == ("AUTHORISED", "R")
    again = CreditNote(type="ACCRECCREDIT", credit_note_number="C-1", status="VOIDED")
    body = CreditNotes(credit_notes=[again])
    (gone,) = sdk.accounting.update_or_create_credit_notes(TENANT, body).credit_notes
    assert (gone.credit_note_id, gone.status) == (made.credit_note_id, "VOIDED")
    (read,) = sdk.accounting.get_credit_note(TENANT, made.credit_note_id).credit_notes
    assert read.status == "VOIDED"
    assert len(sdk.accounting.get_credit_notes(TENANT, where='Status=="VOIDED"', page=1).credit_notes) == 1


def test_credit_note_is_allocated_and_paid_back(sdk: Driver) -> None:
    (invoice,), note = create(sdk, sale()), credit(sdk)
    part = Allocation(invoice=Invoice(invoice_id=invoice.invoice_id), amount=4, date=date(2026, 10, 3))
    body = Allocations(allocations=[part])
    (made,) = sdk.accounting.create_credit_note_allocation(TENANT, note.credit_note_id, body).allocations
    assert (made.amount, made.date) == (4, date(2026, 10, 3))
    (read,) = sdk.accounting.get_invoice(TENANT, invoice.invoice_id).invoices
    assert (read.amount_credited, read.amount_due) == (4, Decimal("20.15"))
    assert read.credit_notes[0].applied_amount == 4
    back = pay(sdk, 7.5, credit_note=CreditNote(credit_note_id=note.credit_note_id))
    assert (back.payment_type, back.invoice.type) == ("ARCREDITPAYMENT", "ACCRECCREDIT")
    (empty,) = sdk.accounting.get_credit_note(TENANT, note.credit_note_id).credit_notes
    assert (empty.status, empty.remaining_credit, empty.applied_amount) == ("PAID", 0, 4)
    gone = sdk.accounting.delete_credit_note_allocations(TENANT, note.credit_note_id, made.allocation_id)
    assert gone.is_deleted is True
    (read,) = sdk.accounting.get_invoice(TENANT, invoice.invoice_id).invoices
    assert (read.amount_credited, read.credit_notes) == (0, [])


def test_bill_is_made_changed_paid_and_voided(sdk: Driver) -> None:
    bill = sale(type="ACCPAY", invoice_number="B-1", status="DRAFT")
    first, second = create(sdk, bill, bill)
    assert (first.type, first.invoice_number, second.invoice_number) == ("ACCPAY", "B-1", "B-1")
    approved = Invoices(invoices=[Invoice(status="AUTHORISED", due_date=date(2026, 12, 1))])
    for made in (first, second):
        (found,) = sdk.accounting.update_invoice(TENANT, made.invoice_id, approved).invoices
        assert (found.status, found.due_date) == ("AUTHORISED", date(2026, 12, 1))
    paid = pay(sdk, float(found.total), invoice=Invoice(invoice_id=first.invoice_id))
    assert (paid.payment_type, paid.invoice.status) == ("ACCPAYPAYMENT", "PAID")
    void = Invoices(invoices=[Invoice(status="VOIDED")])
    (gone,) = sdk.accounting.update_invoice(TENANT, second.invoice_id, void).invoices
    assert gone.status == "VOIDED"
    listed = sdk.accounting.get_invoices(TENANT, where='Type=="ACCPAY"', order="UpdatedDateUTC").invoices
    assert {one.invoice_id: one.status for one in listed} == {
        first.invoice_id: "PAID",
        second.invoice_id: "VOIDED",
    }


@pytest.mark.parametrize("type_", ["ACCRECCREDIT", "ACCPAYCREDIT"])
def test_draft_credit_note_is_deleted(sdk: Driver, type_: str) -> None:
    made = credit(sdk, type=type_, status="DRAFT", credit_note_number="C-1")
    body = CreditNotes(credit_notes=[CreditNote(status="DELETED")])
    (gone,) = sdk.accounting.update_credit_note(TENANT, made.credit_note_id, body).credit_notes
    assert (gone.type, gone.status) == (type_, "DELETED")
