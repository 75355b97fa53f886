"""What people call Xero's fields, groups of fields and objects in their own tables, for suggestions."""

from __future__ import annotations

from collections.abc import Mapping

from bookward.destinations.xero.fields import REFERENCES

_PARTY = ("customer", "client", "supplier", "vendor")

ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    "contacts": (*_PARTY, "user", "company", "organisation", "organization", "person"),
    "invoices": ("bill", "sale", "order"),
    "credit-notes": ("credit", "refund"),
    "payments": ("receipt",),
    "items": ("product", "article"),
    "accounts": ("ledger account", "gl account"),
    "Contact": (*_PARTY, "company", "buyer"),
    "Invoice": ("bill",),
    "Account": ("bank account", "bank", "gl"),
    "LineItems": ("line", "item"),
    "Name": ("full name", "display name", "title"),
    "EmailAddress": ("email",),
    "ContactNumber": ("id", "number", "external id"),
    "AccountNumber": ("account no",),
    "CompanyNumber": ("registration number", "company registration"),
    "TaxNumber": ("tax id", "vat id"),
    "PhoneNumber": ("phone", "mobile", "mobile number"),
    "PhoneCountryCode": ("country code", "dialling code"),
    "AddressLine1": ("address", "street", "street address"),
    "City": ("town", "suburb"),
    "Region": ("state", "province", "county"),
    "InvoiceNumber": ("number", "id", "document number"),
    "CreditNoteNumber": ("number", "id"),
    "Date": ("issue date", "issued on", "created on", "paid on", "payment date", "posted on"),
    "DueDate": ("due", "payment due", "pay by"),
    "Reference": ("payment id", "po number", "order number", "purchase order", "external id"),
    "CurrencyCode": ("currency",),
    "CurrencyRate": ("exchange rate", "fx rate"),
    "LineAmountTypes": ("tax mode",),
    "Description": ("what", "text", "memo", "details", "product name"),
    "Quantity": ("units", "count", "hours"),
    "UnitAmount": ("unit price", "price", "rate"),
    "SalesDetails": ("sales", "selling"),
    "SalesDetails.UnitPrice": ("price", "selling price", "sales price"),
    "SalesDetails.AccountCode": ("revenue account", "sales account"),
    "PurchaseDetails": ("purchase", "buying"),
    "PurchaseDetails.UnitPrice": ("cost", "cost price", "purchase price"),
    "PurchaseDetails.AccountCode": ("expense account", "purchase account"),
    "LineAmount": ("amount", "line total", "net amount"),
    "DiscountRate": ("discount percent", "discount"),
    "TaxType": ("tax", "tax code"),
    "TaxAmount": ("tax total",),
    "AccountCode": ("account", "gl code", "ledger code", "nominal code"),
    "ItemCode": ("sku", "product code", "item"),
    "Code": ("sku", "number"),
    "Amount": ("amount paid", "total", "sum"),
}

NAMED_ONCE: frozenset[str] = frozenset(group for _, group in REFERENCES)
"""The groups that name another record, by one of its fields."""

SUMMED: frozenset[str] = frozenset({"LineAmount", "TaxAmount"})
"""The fields of lines that add up: tables have their sums under the same names."""
