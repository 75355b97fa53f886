"""All kinds of records that the local Xero keeps, and the paths they are served at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bookward.demo.xero.account_write import ACCOUNT_ONE, ACCOUNTS, AccountWriter
from bookward.demo.xero.books import Books
from bookward.demo.xero.contact_write import ContactWriter
from bookward.demo.xero.contacts import CONTACT_ONE, CONTACTS
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import RecordKind, View
from bookward.demo.xero.organisation import ACTIONS, ORGANISATION
from bookward.demo.xero.records import Records
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.subscriptions import CURRENCIES_RESOURCE, CurrencyWriter
from bookward.demo.xero.tax_rate_write import TAX_RATE_ONE, TAX_RATES, TaxRateWriter
from bookward.demo.xero.writing import Writer

_WRITERS: Sequence[type[Writer]] = (AccountWriter, ContactWriter, CurrencyWriter, TaxRateWriter)

WRITERS: Mapping[str, type[Writer]] = {writer.kind.plural: writer for writer in _WRITERS}
"""What writes each kind of records, by the name around them on the wire."""

PATHS: Mapping[str, Resource] = {
    "/Organisation": ORGANISATION,
    "/Organisation/Actions": ACTIONS,
    "/Accounts": ACCOUNTS,
    "/Accounts/{key}": ACCOUNT_ONE,
    "/Contacts": CONTACTS,
    "/Contacts/{key:path}": CONTACT_ONE,
    "/Currencies": CURRENCIES_RESOURCE,
    "/TaxRates": TAX_RATES,
    "/TaxRates/{key}": TAX_RATE_ONE,
}
"""The resources of the Accounting API by their paths below its root; of two that fit the first serves."""


def all_of(books: Books, kind: RecordKind) -> list[Element]:
    """Return all records of a kind, archived ones too, in the order that lists have."""
    return [kind.show(books, held, View()) for held in Records(books, kind).select()]
