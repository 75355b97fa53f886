"""``/Currencies``: those an organisation works in. Source: Xero, Accounting API, Currencies."""

from __future__ import annotations

from typing import ClassVar

from bookward.demo.xero.bodies import Choice, Group, Text
from bookward.demo.xero.books import Books
from bookward.demo.xero.currencies import CURRENCIES, NAMES
from bookward.demo.xero.endpoints import get_list, write_first
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import Record, RecordKind, View
from bookward.demo.xero.records import Records
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.writing import Writer, Written

NO_CODE = "A currency must have a Code."


def subscribed(books: Books, code: str) -> bool:
    """Return whether an organisation works in a currency."""
    return Records(books, CURRENCY_KIND).by_id(code) is not None


def not_subscribed(code: str) -> str:
    """Return the message about a currency that an organisation does not work in."""
    return f"Organisation is not subscribed to currency {code}"


def _shown(_books: Books, currency: Record, _view: View) -> Element:
    return currency.doc


CURRENCY_KIND = RecordKind(
    plural="Currencies",
    singular="Currency",
    id="Code",
    guid=False,
    group=Group({"Code": Choice(CURRENCIES), "Description": Text()}),
    show=_shown,
    fields={"Code": "text", "Description": "text"},
    own_errors=False,
    error_flag=None,
)


def subscribe(books: Books, code: str) -> Record:
    """Make a currency one that an organisation works in."""
    doc = {"Code": code, "Description": NAMES.get(code, code)}
    return Records(books, CURRENCY_KIND).insert("ACTIVE", doc, code)


class CurrencyWriter(Writer):
    """Subscribes to currencies; to one that is subscribed to already, without any effect."""

    kind: ClassVar[RecordKind] = CURRENCY_KIND

    def write(self, sent: Element) -> Written:
        code = sent.get("Code")
        if not code:
            return self.refused(sent, None, [NO_CODE])
        return self.accepted(self.records.by_id(code) or subscribe(self.books, code))


CURRENCIES_RESOURCE = Resource(
    scopes=("accounting.settings",),
    methods={"GET": get_list(CURRENCY_KIND), "PUT": write_first(CurrencyWriter, create_only=True)},
)
