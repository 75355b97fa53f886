"""``/Invoices``: writing them. Source: Xero, Accounting API, Invoices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from bookward.demo.xero.approvals import APPROVED_ON, approval_problems
from bookward.demo.xero.document_kinds import ACCPAY, ACCREC
from bookward.demo.xero.document_status import APPROVED, AUTHORISED, SUBMITTED
from bookward.demo.xero.document_write import DocumentWriter
from bookward.demo.xero.endpoints import get_list, get_one, write_many, write_one
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.invoices import INVOICE_KIND
from bookward.demo.xero.kinds import Record, RecordKind
from bookward.demo.xero.organisation import today
from bookward.demo.xero.partial import put_all
from bookward.demo.xero.resources import Resource

NO_DUE_DATE = "The DueDate of an approved invoice must be specified."
BAD_URL = "The Url must be valid and must not lead to Xero."
_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


class InvoiceWriter(DocumentWriter):
    """Writes invoices and bills."""

    kind: ClassVar[RecordKind] = INVOICE_KIND
    sales = ACCREC
    purchase = ACCPAY
    number = "InvoiceNumber"
    prefix = "INV-"
    number_taken = "Invoice # must be unique."
    header = ("DueDate", "BrandingThemeID", "Url", "ExpectedPaymentDate", "PlannedPaymentDate")
    discounts = True

    def drawn_header(self, sent: Element, held: Record | None) -> Element:
        doc = super().drawn_header(sent, held)
        if doc["Type"] == ACCREC:
            put_all(doc, ["Reference"], sent, self.options)
        status = sent.get("Status") or (held.status if held else "")
        if sent.get("SentToContact") is not None and status in APPROVED:
            doc["SentToContact"] = sent["SentToContact"]
        if status == AUTHORISED:
            doc.setdefault(APPROVED_ON, today(self.books).isoformat())
        return doc

    def own_problems(self, sent: Element, doc: Element, held: Record | None, status: str) -> Iterator[str]:
        if status == AUTHORISED and (held is None or APPROVED_ON not in held.doc):
            yield from approval_problems(self.books, doc)
        if status in {SUBMITTED, AUTHORISED} and "DueDate" not in doc:
            yield NO_DUE_DATE
        url = sent.get("Url")
        if url and (not _URL.fullmatch(url) or "xero" in url.lower()):
            yield BAD_URL


_SCOPES = ("accounting.transactions", "accounting.invoices")
INVOICES = Resource(
    scopes=_SCOPES,
    methods={
        "GET": get_list(INVOICE_KIND),
        "PUT": write_many(InvoiceWriter, create_only=True),
        "POST": write_many(InvoiceWriter, create_only=False),
    },
)
INVOICE_ONE = Resource(
    scopes=_SCOPES, methods={"GET": get_one(INVOICE_KIND), "POST": write_one(InvoiceWriter)}
)
