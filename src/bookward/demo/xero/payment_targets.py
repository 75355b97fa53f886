"""Finding the documents that payments and allocations name."""

from __future__ import annotations

from bookward.demo.xero.books import Books
from bookward.demo.xero.credit_notes import CREDIT_NOTE_KIND
from bookward.demo.xero.document_kinds import NUMBER, SALES_NUMBER
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
    value = [number.strip().casefold()]
    sold = records.select(Selection(keys={SALES_NUMBER: value}))
    bought = records.select(Selection(keys={NUMBER: value}))
    live = [record for record in sold or bought if record.status not in DEAD]
    if sold:
        return (live or sold)[0]
    return live[0] if len(live) == 1 else None
