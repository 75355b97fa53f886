"""``/CreditNotes``: writing them. Source: Xero, Accounting API, Credit notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from bookward.demo.xero.credit_notes import CREDIT_NOTE_KIND
from bookward.demo.xero.document_kinds import ACCPAY_CREDIT, ACCREC_CREDIT
from bookward.demo.xero.document_write import DocumentWriter
from bookward.demo.xero.endpoints import get_list, get_one, write_many, write_one
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import RecordKind
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.writing import Written


class CreditNoteWriter(DocumentWriter):
    """Writes credit notes; one whose id is unknown is refused alone, not with the whole request."""

    kind: ClassVar[RecordKind] = CREDIT_NOTE_KIND
    sales = ACCREC_CREDIT
    purchase = ACCPAY_CREDIT
    number = "CreditNoteNumber"
    prefix = "CN-"
    number_taken = "Credit Note # must be unique."
    missing = "An existing Credit Note with the specified CreditNoteID could not be found"
    header = ("DueDate", "BrandingThemeID", "Reference")
    discounts = False

    def write_all(self, elements: Sequence[Element]) -> list[Written]:
        return [self.write(element) for element in elements]


SCOPES = ("accounting.transactions", "accounting.invoices")
CREDIT_NOTES = Resource(
    scopes=SCOPES,
    methods={
        "GET": get_list(CREDIT_NOTE_KIND),
        "PUT": write_many(CreditNoteWriter, create_only=True),
        "POST": write_many(CreditNoteWriter, create_only=False),
    },
)
CREDIT_NOTE_ONE = Resource(
    scopes=SCOPES, methods={"GET": get_one(CREDIT_NOTE_KIND), "POST": write_one(CreditNoteWriter)}
)
