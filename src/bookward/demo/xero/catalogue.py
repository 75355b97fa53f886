"""All kinds of records that the local Xero keeps, and the paths they are served at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bookward.demo.xero.account_write import ACCOUNT_ONE, ACCOUNTS, AccountWriter
from bookward.demo.xero.allocations import ALLOCATION_ONE, ALLOCATIONS
from bookward.demo.xero.books import Books
from bookward.demo.xero.contact_group_write import (
    CONTACT_GROUP_ONE,
    CONTACT_GROUPS,
    GROUP_CONTACT,
    GROUP_CONTACTS,
    ContactGroupWriter,
)
from bookward.demo.xero.contact_write import ContactWriter
from bookward.demo.xero.contacts import CONTACT_ONE, CONTACTS
from bookward.demo.xero.credit_note_write import CREDIT_NOTE_ONE, CREDIT_NOTES, CreditNoteWriter
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.invoice_write import INVOICE_ONE, INVOICES, InvoiceWriter
from bookward.demo.xero.item_write import ITEM_ONE, ITEMS, ItemWriter
from bookward.demo.xero.kinds import RecordKind, View
from bookward.demo.xero.organisation import ACTIONS, ORGANISATION
from bookward.demo.xero.payment_write import PAYMENT_ONE, PAYMENTS_RESOURCE, PaymentWriter
from bookward.demo.xero.records import Records
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.subscriptions import CURRENCIES_RESOURCE, CurrencyWriter
from bookward.demo.xero.tax_rate_write import TAX_RATE_ONE, TAX_RATES, TaxRateWriter
from bookward.demo.xero.tracking_options import OPTION_ONE, OPTIONS
from bookward.demo.xero.tracking_write import TRACKING_CATEGORIES, TRACKING_CATEGORY_ONE, TrackingWriter
from bookward.demo.xero.writing import Writer

_WRITERS: Sequence[type[Writer]] = (
    AccountWriter,
    ContactGroupWriter,
    ContactWriter,
    CreditNoteWriter,
    CurrencyWriter,
    InvoiceWriter,
    ItemWriter,
    PaymentWriter,
    TaxRateWriter,
    TrackingWriter,
)

WRITERS: Mapping[str, type[Writer]] = {writer.kind.plural: writer for writer in _WRITERS}
"""What writes each kind of records, by the name around them on the wire."""

PATHS: Mapping[str, Resource] = {
    "/Organisation": ORGANISATION,
    "/Organisation/Actions": ACTIONS,
    "/Accounts": ACCOUNTS,
    "/Accounts/{key}": ACCOUNT_ONE,
    "/ContactGroups": CONTACT_GROUPS,
    "/ContactGroups/{key}": CONTACT_GROUP_ONE,
    "/ContactGroups/{key}/Contacts": GROUP_CONTACTS,
    "/ContactGroups/{key}/Contacts/{contact}": GROUP_CONTACT,
    "/Contacts": CONTACTS,
    "/Contacts/{key:path}": CONTACT_ONE,
    "/CreditNotes": CREDIT_NOTES,
    "/CreditNotes/{key}/Allocations": ALLOCATIONS,
    "/CreditNotes/{key}/Allocations/{allocation}": ALLOCATION_ONE,
    "/CreditNotes/{key:path}": CREDIT_NOTE_ONE,
    "/Currencies": CURRENCIES_RESOURCE,
    "/Invoices": INVOICES,
    "/Invoices/{key:path}": INVOICE_ONE,
    "/Items": ITEMS,
    "/Items/{key:path}": ITEM_ONE,
    "/Payments": PAYMENTS_RESOURCE,
    "/Payments/{key}": PAYMENT_ONE,
    "/TaxRates": TAX_RATES,
    "/TaxRates/{key}": TAX_RATE_ONE,
    "/TrackingCategories": TRACKING_CATEGORIES,
    "/TrackingCategories/{key}": TRACKING_CATEGORY_ONE,
    "/TrackingCategories/{key}/Options": OPTIONS,
    "/TrackingCategories/{key}/Options/{option}": OPTION_ONE,
}
"""The resources of the Accounting API by their paths below its root; of two that fit the first serves."""


def all_of(books: Books, kind: RecordKind) -> list[Element]:
    """Return all records of a kind, archived ones too, in the order that lists have."""
    return [kind.show(books, held, View()) for held in Records(books, kind).select()]
