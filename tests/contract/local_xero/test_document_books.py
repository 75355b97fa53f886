"""Whatever is done to documents in whatever order, the books add up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bookward.demo.xero import Options
from bookward.demo.xero.allocations import ALLOCATIONS
from bookward.demo.xero.books import Books
from bookward.demo.xero.catalogue import WRITERS
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.kinds import Record
from bookward.demo.xero.opening import open_books
from bookward.demo.xero.records import Records
from bookward.demo.xero.world import World
from bookward.exactjson import encode
from tests.fakes import FakeClock

cents = st.decimals(Decimal("0.01"), 30, places=2)
places = st.integers(0, 20)
statuses = st.sampled_from(["DRAFT", "SUBMITTED", "AUTHORISED", "VOIDED", "DELETED", "PAID"])
types = st.sampled_from(["Exclusive", "Inclusive", "NoTax"])
lines = st.lists(
    st.fixed_dictionaries(
        {
            "Description": st.just("x"),
            "Quantity": st.decimals(0, 3, places=1),
            "UnitAmount": cents,
            "AccountCode": st.just("200"),
        }
    ),
    min_size=1,
    max_size=3,
)


class DocumentBooks(RuleBasedStateMachine):
    """Invoices, credit notes, payments and allocations, written at random."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(None, FakeClock(), Options())

    def teardown(self) -> None:
        self.world.close()

    @contextmanager
    def books(self) -> Iterator[Books]:
        with self.world.storage.transaction() as db:
            yield open_books(self.world, db, self.world.options.companies[0])

    def write(self, plural: str, element: dict[str, Any], *, create_only: bool = True) -> None:
        with self.books() as books:
            WRITERS[plural](books, create_only=create_only).write_all([element])

    def all_of(self, plural: str) -> list[Record]:
        with self.books() as books:
            return Records(books, WRITERS[plural].kind).select()

    def some(self, plural: str, place: int) -> Record | None:
        records = self.all_of(plural)
        return records[place % len(records)] if records else None

    @rule(lines=lines, types=types, status=statuses, number=st.sampled_from(["A", "B", ""]))
    def invoice(self, lines: list[dict[str, Any]], types: str, status: str, number: str) -> None:
        element = {"Type": "ACCREC", "Contact": {"Name": "Ada"}, "LineItems": lines, "Status": status}
        more = {"LineAmountTypes": types, "InvoiceNumber": number, "DueDate": "2026-12-01"}
        self.write("Invoices", element | more)

    @rule(lines=lines, types=types)
    def credit_note(self, lines: list[dict[str, Any]], types: str) -> None:
        element = {"Type": "ACCRECCREDIT", "Contact": {"Name": "Ada"}, "LineItems": lines}
        self.write("CreditNotes", element | {"LineAmountTypes": types, "Status": "AUTHORISED"})

    @rule(place=places, status=statuses, lines=lines, with_lines=st.booleans())
    def change(self, place: int, status: str, lines: list[dict[str, Any]], with_lines: bool) -> None:
        for plural in ("Invoices", "CreditNotes"):
            if held := self.some(plural, place):
                element = {WRITERS[plural].kind.id: held.id, "Status": status}
                more = {"LineItems": lines} if with_lines else {}
                self.write(plural, element | more, create_only=False)

    @rule(place=places, amount=cents, credit=st.booleans(), all_=st.booleans())
    def pay(self, place: int, amount: Decimal, credit: bool, all_: bool) -> None:
        plural, name = ("CreditNotes", "CreditNote") if credit else ("Invoices", "Invoice")
        if held := self.some(plural, place):
            amount = held.doc["AmountDue"] if all_ else amount
            named = {name: {f"{name}ID": held.id}, "Account": {"Code": "090"}}
            self.write("Payments", named | {"Amount": amount})

    @rule(place=places)
    def take_back(self, place: int) -> None:
        if held := self.some("Payments", place):
            self.write("Payments", {"PaymentID": held.id, "Status": "DELETED"}, create_only=False)

    @rule(place=places, other=places, amount=cents)
    def allocate(self, place: int, other: int, amount: Decimal) -> None:
        note, invoice = self.some("CreditNotes", place), self.some("Invoices", other)
        if note and invoice:
            self._call("PUT", note.id, body=encode({"Invoice": {"InvoiceID": invoice.id}, "Amount": amount}))

    def _call(self, method: str, key: str, body: bytes) -> None:
        incoming = Incoming(
            method=method, path="", query_text="", headers={}, base_url="", params={"key": key}, body=body
        )
        with self.books() as books:
            assert ALLOCATIONS.methods[method](books, incoming).status in {200, 400}

    @invariant()
    def what_is_due_is_the_total_less_what_was_settled(self) -> None:
        for held in (*self.all_of("Invoices"), *self.all_of("CreditNotes")):
            doc = held.doc
            due, settled = doc["AmountDue"], doc["AmountPaid"] + doc["AmountCredited"]
            if held.status in {"VOIDED", "DELETED"}:
                assert due == settled == 0
            else:
                assert due == doc["Total"] - settled
            assert settled == 0 or (held.status == "PAID") == (due == 0)
            assert held.status in {"AUTHORISED", "PAID"} or settled == 0
            assert due >= 0 or held.status in {"DRAFT", "SUBMITTED"}
            assert ("FullyPaidOnDate" in doc) == (held.status == "PAID")

    @invariant()
    def totals_are_sums_of_lines(self) -> None:
        for held in (*self.all_of("Invoices"), *self.all_of("CreditNotes")):
            doc = held.doc
            assert doc["Total"] == doc["SubTotal"] + doc["TotalTax"]
            assert doc["TotalTax"] == sum(line["TaxAmount"] for line in doc["LineItems"])

    @invariant()
    def payments_and_documents_tell_the_same(self) -> None:
        paid = {held.id: held.doc["AmountPaid"] for held in self.all_of("Invoices")}
        paid |= {held.id: held.doc["AmountPaid"] for held in self.all_of("CreditNotes")}
        for payment in self.all_of("Payments"):
            if payment.status == "AUTHORISED":
                paid[payment.doc["DocumentID"]] -= payment.doc["Amount"]
        assert set(paid.values()) <= {Decimal(0)}

    @invariant()
    def allocations_stand_on_both_sides(self) -> None:
        given = [part for held in self.all_of("CreditNotes") for part in held.doc["Applied"]]
        taken = [part for held in self.all_of("Invoices") for part in held.doc["Applied"]]
        assert sorted(given, key=repr) == sorted(taken, key=repr)

    @invariant()
    def numbers_are_unique(self) -> None:
        numbers = [held.doc["InvoiceNumber"] for held in self.all_of("Invoices")]
        assert len(numbers) == len(set(numbers))


TestDocumentBooks = DocumentBooks.TestCase
