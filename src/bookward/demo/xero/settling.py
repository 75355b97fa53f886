"""Taking payments and credit notes off what is owed on stored documents."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bookward.demo.xero.books import Books
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import Record, RecordKind
from bookward.demo.xero.records import Records
from bookward.demo.xero.settlement import Settled, balance

PAYMENTS = "Payments"  #: the field of a document with the payments on it
APPLIED = "Applied"  #: the field with the credit notes on an invoice, or the invoices of a credit note


def is_settled(doc: Element) -> bool:
    """Return whether payments or credit notes are allocated to a document."""
    return bool(doc[PAYMENTS] or doc[APPLIED])


def balanced(books: Books, status: str, doc: Element) -> tuple[str, Element]:
    """Return the status and the fields of a document with what is owed on it worked out again."""
    found = balance(
        status,
        Decimal(doc["Total"]),
        _settled(doc[PAYMENTS]),
        _settled(doc[APPLIED]),
        doc["Date"],
        zero_is_paid=books.options.zero_total_is_paid,
    )
    doc = doc | {"AmountDue": found.due, "AmountPaid": found.paid, "AmountCredited": found.credited}
    doc |= {"RemainingCredit": found.due, "FullyPaidOnDate": found.paid_on}
    return found.status, {name: value for name, value in doc.items() if value is not None}


def add_to(books: Books, kind: RecordKind, id_: str, field: str, part: Element) -> None:
    """Add a payment, or an allocation, to the document with that id."""
    held = _held(books, kind, id_)
    _put(books, kind, held, held.doc | {field: [*held.doc[field], part]})


def take_from(books: Books, kind: RecordKind, id_: str, field: str, name: str, value: str) -> None:
    """Take the payment, or the allocation, whose field ``name`` has that value off a document."""
    held = _held(books, kind, id_)
    _put(books, kind, held, held.doc | {field: [part for part in held.doc[field] if part[name] != value]})


def _held(books: Books, kind: RecordKind, id_: str) -> Record:
    held = Records(books, kind).by_id(id_)
    assert held is not None, "documents are never deleted from the books"
    return held


def _put(books: Books, kind: RecordKind, held: Record, doc: Element) -> None:
    status, doc = balanced(books, held.status, {**doc, "FullyPaidOnDate": None})
    Records(books, kind).update(Record(held.id, status, books.millis, doc))


def _settled(parts: Sequence[Element]) -> list[Settled]:
    return [Settled(Decimal(part["Amount"]), part["Date"]) for part in parts]
