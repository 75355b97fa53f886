"""What invoices and credit notes have in common of what may be written.

Source: Xero, Accounting API, Invoices; Credit notes.
"""

from __future__ import annotations

from collections.abc import Mapping

from bookward.demo.xero.bodies import Choice, Day, Group, Id, Ignored, Items, Kind, Number, Text
from bookward.demo.xero.contact_shape import CONTACT
from bookward.demo.xero.currencies import CURRENCIES
from bookward.demo.xero.document_status import STATUSES
from bookward.demo.xero.totals import LINE_AMOUNT_TYPES

TRACKING = Group({"TrackingCategoryID": Id(), "TrackingOptionID": Id(), "Name": Text(100), "Option": Text()})
LINE = Group(
    {
        "LineItemID": Id(),
        "Description": Text(4000),
        "Quantity": Number(),
        "UnitAmount": Number(),
        "ItemCode": Text(),
        "AccountCode": Text(),
        "AccountID": Id(),
        "TaxType": Text(),
        "TaxAmount": Number(),
        "LineAmount": Number(),
        "Tracking": Items(TRACKING),
        "DiscountRate": Number(),
        "DiscountAmount": Number(),
        **dict.fromkeys(
            ("Item", "RepeatingInvoiceID", "Taxability", "SalesTaxCodeId", "TaxBreakdown"), Ignored()
        ),
    }
)
HEADER: Mapping[str, Kind] = {
    "Contact": CONTACT,
    "LineItems": Items(LINE),
    "Date": Day(),
    "DueDate": Day(),
    "LineAmountTypes": Choice(LINE_AMOUNT_TYPES),
    "Reference": Text(),
    "BrandingThemeID": Id(),
    "CurrencyCode": Choice(CURRENCIES),
    "CurrencyRate": Number(),
    "Status": Choice(STATUSES),
    **dict.fromkeys(
        (
            "CISDeduction",
            "CISRate",
            "SubTotal",
            "TotalTax",
            "Total",
            "HasAttachments",
            "Payments",
            "FullyPaidOnDate",
            "UpdatedDateUTC",
            "UpdatedDateUTCString",
            "DateString",
            "DueDateString",
            "HasErrors",
            "StatusAttributeString",
            "ValidationErrors",
            "Warnings",
            "InvoiceAddresses",
        ),
        Ignored(),
    ),
}
DAYS = frozenset({"Date", "DueDate", "ExpectedPaymentDate", "PlannedPaymentDate", "FullyPaidOnDate"})
"""The fields that are days."""
