"""The fields of a contact: what may be written, and how a stored contact is shown.

Source: Xero, Accounting API, Contacts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bookward.demo.xero import filters
from bookward.demo.xero.bodies import Boolean, Choice, Group, Id, Ignored, Items, Text, Whole
from bookward.demo.xero.books import Books
from bookward.demo.xero.contact_groups import GROUPS, shown_groups
from bookward.demo.xero.currencies import CURRENCIES
from bookward.demo.xero.envelope import Element, ms_date
from bookward.demo.xero.filters import FieldType, Indexed
from bookward.demo.xero.kinds import ID, Keys, Record, RecordKind, View
from bookward.demo.xero.options import Options
from bookward.demo.xero.uses import IS_CUSTOMER, IS_SUPPLIER, used

ACTIVE = "ACTIVE"
ARCHIVED = "ARCHIVED"
PHONE_SLOTS = ("DDI", "DEFAULT", "FAX", "MOBILE")
ADDRESS_SLOTS = ("STREET", "POBOX")
MONTH_TERMS = frozenset({"OFCURRENTMONTH", "OFFOLLOWINGMONTH"})
DAY_TERMS = frozenset({"DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH"})

_LINE_AMOUNTS = Choice(frozenset({"INCLUSIVE", "EXCLUSIVE", "NONE"}))
_ERRORS = Ignored()
_ADDRESS = Group(
    {
        "AddressType": Choice(frozenset(ADDRESS_SLOTS)),
        **{f"AddressLine{line}": Text(500) for line in range(1, 5)},
        "City": Text(255),
        "Region": Text(255),
        "PostalCode": Text(50),
        "Country": Text(50),
        "AttentionTo": Text(255),
        "ValidationErrors": _ERRORS,
    }
)
_PHONE = Group(
    {
        "PhoneType": Choice(frozenset({*PHONE_SLOTS, "OFFICE"})),
        "PhoneNumber": Text(50),
        "PhoneAreaCode": Text(10),
        "PhoneCountryCode": Text(20),
        "ValidationErrors": _ERRORS,
    }
)
_PERSON = Group(
    {
        "FirstName": Text(255),
        "LastName": Text(255),
        "EmailAddress": Text(255),
        "IncludeInEmails": Boolean(),
        "ValidationErrors": _ERRORS,
    }
)
_TERM = Group({"Day": Whole(), "Type": Choice(MONTH_TERMS | DAY_TERMS), "ValidationErrors": _ERRORS})
_TRACKING = Items(Group({"TrackingCategoryName": Text(), "TrackingOptionName": Text()}))
BANK = Group(
    {
        "BankAccountNumber": Text(),
        "BankAccountName": Text(),
        "Details": Text(18),
        "Code": Text(12),
        "Reference": Text(12),
    }
)
TEXTS = {
    "Name": Text(255),
    "FirstName": Text(255),
    "LastName": Text(255),
    "EmailAddress": Text(255),
    "ContactNumber": Text(50),
    "AccountNumber": Text(50),
    "CompanyNumber": Text(50),
    "TaxNumber": Text(50),
    "BankAccountDetails": Text(),
    "AccountsReceivableTaxType": Text(),
    "AccountsPayableTaxType": Text(),
    "XeroNetworkKey": Text(),
    "SalesDefaultAccountCode": Text(),
    "PurchasesDefaultAccountCode": Text(),
}
CHOICES = {
    "DefaultCurrency": Choice(CURRENCIES),
    "TaxNumberType": Choice(frozenset({"SSN", "EIN", "ITIN", "ATIN"})),
    "SalesDefaultLineAmountType": _LINE_AMOUNTS,
    "PurchasesDefaultLineAmountType": _LINE_AMOUNTS,
}
TRACKING = ("SalesTrackingCategories", "PurchasesTrackingCategories")
READ_ONLY = [
    "MergedToContactID",
    "IsSupplier",
    "IsCustomer",
    "UpdatedDateUTC",
    "ContactGroups",
    "Website",
    "BrandingTheme",
    "Discount",
    "Balances",
    "Attachments",
    "HasAttachments",
    "ValidationErrors",
    "HasValidationErrors",
    "StatusAttributeString",
    "TrackingCategoryName",
    "TrackingCategoryOption",
]
CONTACT = Group(
    {
        "ContactID": Id(),
        "ContactStatus": Choice(frozenset({ACTIVE, ARCHIVED, "GDPRREQUEST"})),
        **TEXTS,
        **CHOICES,
        "Addresses": Items(_ADDRESS),
        "Phones": Items(_PHONE),
        "ContactPersons": Items(_PERSON),
        "PaymentTerms": Group({"Bills": _TERM, "Sales": _TERM}),
        "BatchPayments": BANK,
        **dict.fromkeys(TRACKING, _TRACKING),
        **{name: Ignored() for name in READ_ONLY},
    }
)

FILTERABLE: Mapping[str, FieldType] = {
    "ContactID": "id",
    "ContactStatus": "text",
    **dict.fromkeys(TEXTS, "text"),
    **dict.fromkeys(CHOICES, "text"),
    "UpdatedDateUTC": "date",
    "IsSupplier": "boolean",
    "IsCustomer": "boolean",
}
INDEXED = Indexed(equal=frozenset({"Name", "EmailAddress", "AccountNumber", "ContactID", "ContactStatus"}))
SEARCHED = ("Name", "FirstName", "LastName", "ContactNumber", "CompanyNumber", "EmailAddress")

_ALWAYS = ("EmailAddress", "BankAccountDetails")
_EXTENDED = (*CHOICES, "SalesDefaultAccountCode", "PurchasesDefaultAccountCode")
_SUMMARY_DROPS = frozenset(
    {"Addresses", "Balances", "ContactGroups", "ContactPersons", "IsCustomer", "IsSupplier"}
)


def name_key(name: str, options: Options) -> str:
    """Return what the names of two contacts share that Xero takes for one."""
    return filters.fold(name) if options.names_fold_accents else name.casefold()


def _keys(doc: Element, options: Options) -> Keys:
    return {
        "name": [name_key(doc["Name"], options)],
        "number": [doc.get("ContactNumber", "").casefold()],
        "account_number": [doc.get("AccountNumber", "").casefold()],
        "group": doc.get(GROUPS, ()),
    }


def _roles(books: Books, contact: Record) -> dict[str, Any]:
    """Return whether anything was bought from a contact, and sold to it."""
    return {
        "IsSupplier": used(books, IS_SUPPLIER, contact.id),
        "IsCustomer": used(books, IS_CUSTOMER, contact.id),
    }


def _shown(books: Books, contact: Record, view: View) -> Element:
    match view.detail:
        case "list":
            return _plain(books, contact) | {"ContactPersons": []}
        case "summary":
            drops = _SUMMARY_DROPS if books.options.summary_keeps_phones else _SUMMARY_DROPS | {"Phones"}
            return {name: value for name, value in _full(books, contact).items() if name not in drops}
        case _:
            return _full(books, contact)


def _full(books: Books, contact: Record) -> Element:
    doc = contact.doc
    shown = _plain(books, contact) | {name: doc[name] for name in _EXTENDED if name in doc}
    shown |= {name: doc.get(name, []) for name in TRACKING}
    shown |= {name: doc[name] for name in ("PaymentTerms", "BatchPayments") if doc.get(name)}
    shown["ContactPersons"] = doc.get("ContactPersons", [])
    shown["ContactGroups"] = shown_groups(books, doc)
    return shown


def _plain(books: Books, contact: Record) -> Element:
    doc = contact.doc
    shown: Element = {"ContactID": contact.id}
    shown |= {name: doc[name] for name in ("ContactNumber", "AccountNumber") if name in doc}
    shown["ContactStatus"] = contact.status
    for name in TEXTS:
        if name in doc and name not in _EXTENDED:
            shown[name] = doc[name]
        elif name in _ALWAYS:
            shown[name] = ""
    shown["Addresses"] = [_address(slot, doc.get("Addresses", {}).get(slot, {})) for slot in ADDRESS_SLOTS]
    shown["Phones"] = [_phone(slot, doc.get("Phones", {}).get(slot, {})) for slot in PHONE_SLOTS]
    shown["UpdatedDateUTC"] = ms_date(contact.updated)
    shown |= {"ContactGroups": []} | _roles(books, contact)
    shown |= {"HasAttachments": False, "HasValidationErrors": False}
    return shown


def _address(slot: str, held: Element) -> Element:
    return {"AddressType": slot, "City": "", "Region": "", "PostalCode": "", "Country": ""} | held


def _phone(slot: str, held: Element) -> Element:
    return {"PhoneType": slot, "PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""} | held


CONTACT_KIND = RecordKind(
    plural="Contacts",
    singular="Contact",
    id="ContactID",
    status="ContactStatus",
    group=CONTACT,
    show=_shown,
    keys=_keys,
    natural=("number",),
    fields=FILTERABLE,
    derived=_roles,
    indexed=INDEXED,
    searched=SEARCHED,
    choices={"ids": ID},
    archived=frozenset({ARCHIVED}),
    paged=True,
    modified_since=True,
    summaries=True,
    by_update=True,
)
