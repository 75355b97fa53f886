"""The fields of Xero's objects: the contract distilled from its OpenAPI, and by hand what that leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from bookward import exactjson
from bookward.spec.field import Field, FieldKind

READ_ONLY: Mapping[str, frozenset[str]] = {
    # Source: Xero, Contacts, "optional elements when creating or updating" names none of these.
    "Contact": frozenset(
        {
            "MergedToContactID",
            "IsSupplier",
            "IsCustomer",
            "UpdatedDateUTC",
            "Website",
            "Discount",
            "Balances",
            "Attachments",
            "HasAttachments",
            "ValidationErrors",
            "HasValidationErrors",
            "StatusAttributeString",
        }
    ),
    # Source: Xero, Accounts: archiving is a request of its own, so it is not a field among others.
    "Account": frozenset({"Status", "ValidationErrors"}),
    # Source: Xero, Items: both are what transactions come to.
    "Item": frozenset({"TotalCostPool", "QuantityOnHand", "StatusAttributeString", "ValidationErrors"}),
    # Source: Xero, Payments: what can be sent; the rest is for other uses, or follows from it.
    "Payment": frozenset(
        {
            "Prepayment",
            "Overpayment",
            "InvoiceNumber",
            "CreditNoteNumber",
            "BatchPayment",
            "Code",
            "Status",
            "BatchPaymentID",
            "HasAccount",
            "HasValidationErrors",
            "StatusAttributeString",
            "ValidationErrors",
            "Warnings",
        }
    ),
    # Source: Xero, Invoices: "optional elements for a POST" names none of these.
    "Invoice": frozenset(
        {
            "RepeatingInvoiceID",
            "ExpectedPaymentDate",
            "Attachments",
            "HasErrors",
            "StatusAttributeString",
            "ValidationErrors",
            "Warnings",
            "InvoiceAddresses",
        }
    ),
    "CreditNote": frozenset(
        {
            "DueDate",
            "SubTotal",
            "TotalTax",
            "Total",
            "FullyPaidOnDate",
            "RemainingCredit",
            "Allocations",
            "AppliedAmount",
            "Payments",
            "HasAttachments",
            "HasErrors",
            "StatusAttributeString",
            "ValidationErrors",
            "Warnings",
            "InvoiceAddresses",
        }
    ),
    "LineItem": frozenset(
        {"LineItemID", "Item", "RepeatingInvoiceID", "Taxability", "SalesTaxCodeId", "TaxBreakdown"}
    ),
    # Source: Xero, Branding themes: a contact refers to its theme by id.
    "BrandingTheme": frozenset({"Name", "LogoUrl", "Type", "SortOrder", "CreatedDateUTC"}),
}

ACCOUNT_TYPES = (
    "BANK",
    "CURRENT",
    "CURRLIAB",
    "DEPRECIATN",
    "DIRECTCOSTS",
    "EQUITY",
    "EXPENSE",
    "FIXED",
    "INVENTORY",
    "LIABILITY",
    "NONCURRENT",
    "OTHERINCOME",
    "OVERHEADS",
    "PAYG",
    "PREPAYMENT",
    "REVENUE",
    "SALES",
    "TERMLIAB",
)
"""The types that an account can be created with. Source: Xero, Types, accounts."""

CREATED_BY = ("Name", "EmailAddress", "ContactNumber")
"""A contact that is missing can be created by one of these, for by them it is found again."""

BY_HAND: Mapping[tuple[str, str], Mapping[str, Any]] = {
    # Source: Xero, Contacts, "required elements".
    ("Contact", "Name"): {"required": True},
    # Source: Xero, Types, contact statuses: a GDPR request can only be made in Xero itself.
    ("Contact", "ContactStatus"): {"choices": ("ACTIVE", "ARCHIVED")},
    # Source: Xero, Contact groups: contacts are put into them and taken out by calls of their own.
    ("Contact", "ContactGroups"): {"looked_up": True, "created_by": ("Name",)},
    # Source: Xero, Accounts: what a new one needs; the types are those that can be created.
    ("Account", "Name"): {"required": True},
    ("Account", "Type"): {"required": True, "choices": ACCOUNT_TYPES},
    ("Account", "Code"): {"max_length": 10},
    ("Account", "Description"): {"max_length": 4000},
    # Source: Xero, Invoices: what a new one needs, and what a person can set.
    ("Invoice", "Type"): {"required": True, "choices": ("ACCREC", "ACCPAY")},
    ("Invoice", "Contact"): {"required": True, "created_by": CREATED_BY},
    ("Invoice", "LineItems"): {"required": True},
    ("Invoice", "Status"): {"choices": ("DRAFT", "SUBMITTED", "AUTHORISED")},
    ("CreditNote", "Type"): {"required": True},
    ("CreditNote", "Contact"): {"required": True, "created_by": CREATED_BY},
    ("CreditNote", "LineItems"): {"required": True},
    ("CreditNote", "Status"): {"choices": ("DRAFT", "SUBMITTED", "AUTHORISED")},
    ("LineItem", "Description"): {"max_length": 4000},
    ("LineItem", "Tracking"): {"max_length": 2},
    # Source: Xero, Invoices, line items: a LineAmount has its discount taken off already.
    ("LineItem", "DiscountRate"): {"percent_off": "UnitAmount"},
    ("LineItem", "DiscountAmount"): {"amount_off": "UnitAmount"},
    # Source: Xero, Payments: what a new one needs.
    ("Payment", "Account"): {"required": True},
    ("Payment", "Date"): {"required": True},
    ("Payment", "Amount"): {"required": True},
    # Source: Xero, Contacts, contact persons: at most five.
    ("Contact", "ContactPersons"): {"max_length": 5},
    # One slot for each type of phone and of address.
    ("Contact", "Phones"): {"max_length": 4},
    ("Contact", "Addresses"): {"max_length": 2},
    # Source: Xero, Tracking categories: two can be active.
    ("Contact", "SalesTrackingCategories"): {"max_length": 2},
    ("Contact", "PurchasesTrackingCategories"): {"max_length": 2},
    # Contacts are always answered with these four; the enumeration's OFFICE belongs to organisations.
    ("Phone", "PhoneType"): {"required": True, "choices": ("DEFAULT", "DDI", "MOBILE", "FAX")},
    ("Address", "AddressType"): {"required": True},
    # Source: Xero, Contacts, lengths given in the text only.
    ("ContactPerson", "FirstName"): {"max_length": 255},
    ("ContactPerson", "LastName"): {"max_length": 255},
    ("ContactPerson", "EmailAddress"): {"max_length": 255},
    ("BatchPaymentDetails", "Details"): {"max_length": 18},
    ("BrandingTheme", "BrandingThemeID"): {"required": True},
    ("SalesTrackingCategory", "TrackingCategoryName"): {"required": True},
    ("SalesTrackingCategory", "TrackingOptionName"): {"required": True},
}

REFERENCES: Mapping[tuple[str, str], tuple[str, ...]] = {
    # What a record of another kind is named by; Xero takes more and would change that record.
    ("Contact", "ContactGroups"): ("ContactGroupID", "Name"),
    ("Payment", "Invoice"): ("InvoiceID", "InvoiceNumber"),
    ("Payment", "CreditNote"): ("CreditNoteID", "CreditNoteNumber"),
    ("Payment", "Account"): ("AccountID", "Code"),
    ("Invoice", "Contact"): ("ContactID", "ContactNumber", "EmailAddress", "Name"),
    ("CreditNote", "Contact"): ("ContactID", "ContactNumber", "EmailAddress", "Name"),
}

_KINDS = {"number": FieldKind.DECIMAL, "integer": FieldKind.INTEGER, "boolean": FieldKind.BOOLEAN}

Facts = Mapping[str, Any]


def fields_of(schema: str, schemas: Mapping[str, Mapping[str, Facts]]) -> dict[str, Field]:
    """Return the fields of one schema of the contract by name, corrected by hand."""
    return {name: _field(schema, name, facts, schemas) for name, facts in schemas[schema].items()}


def _field(schema: str, name: str, facts: Facts, schemas: Mapping[str, Mapping[str, Facts]]) -> Field:
    read_only = bool(facts.get("read_only")) or name in READ_ONLY.get(schema, ())
    field = Field(name=name, kind=FieldKind.TEXT, read_only=read_only)
    if "ref" in facts and "" in schemas[facts["ref"]]:
        facts = schemas[facts["ref"]][""]  # an enumeration that several fields share
    if "ref" in facts:
        kind = FieldKind.LIST if facts.get("list") else FieldKind.OBJECT
        # What is never written needs no inside; groups would lead back to contacts for ever.
        inside = {} if read_only else _inside(schema, name, facts["ref"], schemas)
        record = _record(schema, name, facts["ref"], schemas)
        field = replace(field, kind=kind, fields=MappingProxyType(inside), record=MappingProxyType(record))
    else:
        choices = tuple(choice for choice in facts.get("enum", ()) if choice)
        field = replace(field, kind=_kind(facts), max_length=facts.get("maxLength"), choices=choices)
    return replace(field, **BY_HAND.get((schema, name), {}))


def _inside(
    schema: str, name: str, inner: str, schemas: Mapping[str, Mapping[str, Facts]]
) -> dict[str, Field]:
    named_by = REFERENCES.get((schema, name))
    if named_by is None:
        return fields_of(inner, schemas)
    return {
        part: replace(_field(inner, part, schemas[inner][part], schemas), required=False) for part in named_by
    }


def _record(
    schema: str, name: str, inner: str, schemas: Mapping[str, Mapping[str, Facts]]
) -> dict[str, Field]:
    """Return the fields of a record that may be created because one of another kind names it."""
    if inner != "Contact" or (schema, name) not in REFERENCES:
        return {}
    return {part: field for part, field in fields_of(inner, schemas).items() if part != "ContactID"}


def _kind(facts: Facts) -> FieldKind:
    if facts.get("format") == "uuid":
        return FieldKind.UUID
    if facts.get("date"):
        return FieldKind.DATE
    if facts.get("datetime"):
        return FieldKind.DATETIME
    return _KINDS.get(facts["type"], FieldKind.TEXT)


def _contract() -> Any:
    return exactjson.decode((files(__package__) / "contract.json").read_bytes())


CONTRACT: Mapping[str, Any] = _contract()
"""What Xero's OpenAPI says: ``version``, ``operations`` by their id, ``schemas`` by their name."""

FIELDS: Mapping[str, Mapping[str, Field]] = {
    schema: MappingProxyType(fields_of(schema, CONTRACT["schemas"]))
    for schema in ("Account", "Contact", "CreditNote", "Invoice", "Item", "Payment")
}
"""Every field of each kind of record, by the contract's name for it; those that cannot be written say so."""
