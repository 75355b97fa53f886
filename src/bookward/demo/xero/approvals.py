"""How many invoices an organisation may approve in a month. Source: Xero, plans; XeroAPI/xero-node#548."""

from __future__ import annotations

from bookward.demo.xero.books import Books
from bookward.demo.xero.document_kinds import ACCREC
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.invoices import INVOICE_KIND
from bookward.demo.xero.organisation import today
from bookward.demo.xero.records import Records

APPROVED_ON = "ApprovedOn"  #: the field of a document's ``doc`` with the day of its approval
LIMIT_REACHED = "You have reached the limit of invoices you can approve"


def approval_problems(books: Books, doc: Element) -> list[str]:
    """Return what the organisation's plan has against approving another document of this type."""
    options = books.options
    limit = options.monthly_sales if doc["Type"] == ACCREC else options.monthly_bills
    if limit is None:
        return []
    month = today(books).isoformat()[:7]
    approved = sum(
        held.doc["Type"] == doc["Type"] and held.doc.get(APPROVED_ON, "").startswith(month)
        for held in Records(books, INVOICE_KIND).select()
    )
    return [LIMIT_REACHED] if approved >= limit else []
