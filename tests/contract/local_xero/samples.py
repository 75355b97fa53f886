"""Elements of every kind, for what holds of all kinds."""

from __future__ import annotations

from typing import Any

from bookward.demo.xero import LocalXero

FULL = {
    "Name": "All",
    "ContactNumber": "1",
    "EmailAddress": "a@b.co",
    "TaxNumberType": "EIN",
    "DefaultCurrency": "EUR",
    "SalesDefaultLineAmountType": "INCLUSIVE",
    "SalesTrackingCategories": [{"TrackingCategoryName": "Region", "TrackingOptionName": "North"}],
    "ContactPersons": [{"FirstName": "P", "IncludeInEmails": True}],
    "Phones": [{"PhoneType": "FAX", "PhoneNumber": "1"}],
    "Addresses": [{"AddressType": "STREET", "AddressLine1": "1 Way", "Country": "Chile"}],
    "PaymentTerms": {"Bills": {"Day": 1, "Type": "OFCURRENTMONTH"}},
    "BatchPayments": {"BankAccountNumber": "1", "Code": "C"},
}

DOCUMENT = {
    "Contact": {"Name": "Ada"},
    "Date": "2026-10-01",
    "DueDate": "2026-11-01",
    "Reference": "R",
    "BrandingThemeID": "11111111-1111-4111-8111-111111111111",
    "Status": "AUTHORISED",
    "LineItems": [{"Description": "Tea", "Quantity": 2, "UnitAmount": 10.5, "AccountCode": "200"}],
}
INVOICE = DOCUMENT | {
    "Type": "ACCREC",
    "InvoiceNumber": "I-1",
    "Url": "https://example.com/1",
    "ExpectedPaymentDate": "2026-11-02",
}
CREDIT_NOTE = DOCUMENT | {"Type": "ACCRECCREDIT", "CreditNoteNumber": "C-1"}
DRAFT = {"Contact": {"Name": "Bob"}, "LineItems": [{"Description": "Coffee"}]}
BANK = {"Account": {"Code": "090"}}

#: What must be in the books before the good elements of a kind.
BEFORE: dict[str, dict[str, list[dict[str, Any]]]] = {
    "Payments": {"Invoices": [INVOICE], "CreditNotes": [CREDIT_NOTE]},
}
#: Good elements of each kind, with many fields and with few.
GOOD: dict[str, list[dict[str, Any]]] = {
    "Accounts": [
        {
            "Code": "401",
            "Name": "Fairs",
            "Type": "EXPENSE",
            "Description": "Stands",
            "TaxType": "INPUT2",
            "EnablePaymentsToAccount": True,
            "ShowInExpenseClaims": True,
            "ReportingCode": "EXP",
        },
        {"Name": "Till", "Type": "BANK", "BankAccountNumber": "1", "BankAccountType": "NONE"},
    ],
    "ContactGroups": [{"Name": "VIPs"}],
    "Contacts": [FULL, {"Name": "Bare"}],
    "CreditNotes": [CREDIT_NOTE, DRAFT | {"Type": "ACCPAYCREDIT"}],
    "Currencies": [{"Code": "EUR"}, {"Code": "ALL"}],
    "Invoices": [INVOICE, DRAFT | {"Type": "ACCPAY", "PlannedPaymentDate": "2026-11-03"}],
    "Items": [
        {
            "Code": "GUITAR",
            "Name": "Guitar",
            "Description": "Sold",
            "PurchaseDescription": "Bought",
            "InventoryAssetAccountCode": "630",
            "PurchaseDetails": {"UnitPrice": 10.125, "COGSAccountCode": "310", "TaxType": "INPUT2"},
            "SalesDetails": {"UnitPrice": 20, "AccountCode": "200", "TaxType": "OUTPUT2"},
        },
        {"Code": "BARE"},
    ],
    "Payments": [
        {"Invoice": {"InvoiceNumber": "I-1"}, "Amount": 10, "Date": "2026-10-02", "Reference": "P1"} | BANK,
        {"CreditNote": {"CreditNoteNumber": "C-1"}, "Amount": 24.15, "IsReconciled": True} | BANK,
    ],
    "TrackingCategories": [{"Name": "Region"}],
    "TaxRates": [
        {
            "Name": "City",
            "ReportTaxType": "OUTPUT",
            "TaxComponents": [
                {"Name": "State", "Rate": 2.25},
                {"Name": "City", "Rate": 1, "IsCompound": True},
            ],
        },
    ],
}
#: Elements of each kind that are refused.
BAD: dict[str, list[dict[str, Any]]] = {
    "Accounts": [{"Name": "Sales", "Code": "200", "Type": "REVENUE"}, {"Type": "BANK"}],
    "ContactGroups": [{"Name": "vips"}, {"Status": "ACTIVE"}],
    "CreditNotes": [CREDIT_NOTE, {"Type": "ACCPAYCREDIT", "Date": "2026-10-01"}],
    "Currencies": [{"Description": "Euro"}],
    "Invoices": [INVOICE, {"Type": "ACCPAY"}, {"Type": "APPREPAYMENT", "DueDate": "2026-10-01"}],
    "Items": [{"Code": "bare", "SalesDetails": {"AccountCode": "0"}}],
    "Payments": [{"Amount": 1}, {"Invoice": INVOICE, "Amount": 100, "Date": "2026-10-02"} | BANK],
    "TrackingCategories": [{"Name": "region"}],
    "TaxRates": [{"Name": "No GST"}, {"TaxComponents": [{"Name": "Rate"}]}],
    "Contacts": [
        FULL,
        {"Name": "<"},
        FULL | {"Phones": [{"PhoneNumber": "1"}], "Addresses": [{"City": "X"}]},
    ],
}


def add_good(xero: LocalXero, plural: str) -> list[dict[str, Any]]:
    """Put the good elements of a kind into the books, and before them what they need."""
    for before, elements in BEFORE.get(plural, {}).items():
        xero.add(before, elements)
    return xero.add(plural, GOOD[plural])
