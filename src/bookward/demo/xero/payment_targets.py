"""Finding the documents that payments and allocations name."""

from __future__ import annotations

from bookward.demo.xero.books import Books
from bookward.demo.xero.credit_notes import CREDIT_NOTE_KIND
from bookward.demo.xero.document_kinds import NUMBER, SALES
from bookward.demo.xero.document_status import DEAD
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.invoices import INVOICE_KIND
from bookward.demo.xero.kinds import Record, RecordKind
from bookward.demo.xero.records import Records, Selection


def find_invoice(books: Books, named: Element) -> Record | None:
    """Return the invoice with that ``InvoiceID``, else that ``InvoiceNumber``."""
    return _found(books, INVOICE_KIND, named.get("InvoiceID"), named.get("InvoiceNumber"))


def find_credit_note(books: Books, named: Element) -> Record | None:
    """Return the credit note with that ``CreditNoteID``, else that ``CreditNoteNumber``."""
    return _found(books, CREDIT_NOTE_KIND, named.get("CreditNoteID"), named.get("CreditNoteNumber"))


def _found(books: Books, kind: RecordKind, id_: str | None, number: str | None) -> Record | None:
    """Return a document; a number means what was sold under it, else the only thing bought under it."""
    records = Records(books, kind)
    if id_ or not number:
        return records.by_id(id_) if id_ else None
    found = records.select(Selection(keys={NUMBER: [number.strip().casefold()]}))
    found = sorted(found, key=lambda record: record.status in DEAD)
    sold = [record for record in found if record.doc["Type"] in SALES]
    bought = [record for record in found if record not in sold and record.status not in DEAD]
    both = bool(sold and bought) and sold[0].status not in DEAD
    meant = books.options.paid_number_of_both if both else "sale"
    if sold and meant == "sale":
        return sold[0]
    return bought[0] if len(bought) == 1 and meant != "refuse" else None
