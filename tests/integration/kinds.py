"""What tests of all of Xero's objects need: rows, what they are in the books, what may be done with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.integration.feeds import Feed
from tests.integration.world import World

Row = dict[str, Any]

DEAD = frozenset({"VOIDED", "DELETED", "ARCHIVED"})


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of record. ``{n}`` in a text of its row stands for the number of the row."""

    object: str
    plural: str  #: its name in Xero
    id_field: str
    title: str  #: the field that names a record; its text ends in the number
    row: Mapping[str, Any]
    free: str  #: a field, as rows name it, that may change
    matches: tuple[str, ...]  #: the first is the commonest
    removals: tuple[str, ...]
    modes: tuple[str, ...] = ("upsert", "update", "insert")
    constants: Mapping[str, Any] = field(default_factory=dict)
    needs: Mapping[str, list[dict[str, Any]]] = field(
        default_factory=dict
    )  #: what must be in the books before

    def rows(self, *numbers: int, **more: Any) -> list[Row]:
        """Return the rows of some numbers."""
        return [self.row_of(number, **more) for number in numbers]

    def row_of(self, n: int, **more: Any) -> Row:
        """Return the row of a number."""
        return {"id": str(n)} | {name: _told(value, n) for name, value in self.row.items()} | more

    def element(self, n: int, **more: Any) -> dict[str, Any]:
        """Return what the row of a number is in Xero."""
        made: dict[str, Any] = dict(self.constants)
        for name, value in (self.row_of(n) | more).items():
            group, dot, part = name.partition(".")
            if dot:
                made.setdefault(group, {})[part] = value
            elif name[0].isupper():
                made[name] = value
        return made | ({"LineItems": [made["LineItems"]]} if "LineItems" in made else {})

    def feed(self, world: World, match: str = "", **settings: Any) -> Feed:
        """Return a sync of this kind."""
        feed = Feed(world, self.object, match or self.matches[0], **settings)
        feed.constants = dict(self.constants)
        return feed

    def prepare(self, world: World) -> None:
        """Put into the books what records of this kind name."""
        for plural, elements in self.needs.items():
            made = world.xero.add(plural, elements)
            assert not any(element.get("ValidationErrors") for element in made), made
        world.api_calls()

    def made(self, world: World) -> list[dict[str, Any]]:
        """Return the records in the books whose title is one of this kind's."""
        start = str(self.row[self.title]).removesuffix("{n}")
        records = world.xero.records(self.plural)
        return [record for record in records if str(record.get(self.title)).startswith(start)]

    def booked(self, world: World) -> dict[str, Any]:
        """Return, by the number in its title, the free field of each record, or how it ended."""
        start = str(self.row[self.title]).removesuffix("{n}")
        return {r[self.title].removeprefix(start): ended(r) or self.free_of(r) for r in self.made(world)}

    def free_of(self, record: Mapping[str, Any]) -> Any:
        """Return the free field of a record."""
        group, dot, part = self.free.partition(".")
        if not dot:
            return record.get(group)
        (inner,) = record[group] if isinstance(record[group], list) else [record[group]]
        return inner.get(part)


def ended(record: Mapping[str, Any]) -> str:
    """Return how a record ended, nothing for one that is in use."""
    status = record.get("Status") or record.get("ContactStatus")
    return str(status) if status in DEAD else ""


def _told(value: Any, n: int) -> Any:
    return value.format(n=n) if isinstance(value, str) else value


def _document(number: str, **more: Any) -> dict[str, Any]:
    return {
        number: f"{number[0]}-{{n}}",
        "Contact.Name": "Ann",
        "Date": "2026-10-01",
        "Status": "AUTHORISED",
        "LineItems.Description": "first",
        "LineItems.Quantity": Decimal(2),
        "LineItems.UnitAmount": Decimal("10.5"),
        "LineItems.AccountCode": "200",
    } | more


_ANN = {"Contacts": [{"Name": "Ann"}]}
_ACCOUNT = Kind(
    object="accounts",
    plural="Accounts",
    id_field="AccountID",
    title="Name",
    row={"Name": "Advice {n}", "Code": "X{n}", "Type": "REVENUE", "Description": "first"},
    free="Description",
    matches=("Code", "Name", "AccountID"),
    removals=("keep", "archive", "delete", "delete_or_archive"),
)
_ITEM = Kind(
    object="items",
    plural="Items",
    id_field="ItemID",
    title="Code",
    row={"Code": "WIDGET-{n}", "Name": "Widget", "Description": "first"},
    free="Description",
    matches=("Code", "ItemID"),
    removals=("keep", "delete"),
)
_INVOICE = Kind(
    object="invoices",
    plural="Invoices",
    id_field="InvoiceID",
    title="InvoiceNumber",
    row=_document("InvoiceNumber", DueDate="2026-10-20", Reference="REF-{n}"),
    free="LineItems.Description",
    matches=("InvoiceNumber", "InvoiceID", "Reference"),
    removals=("keep", "void"),
    constants={"Type": "ACCREC"},
    needs=_ANN,
)
_BILL = Kind(
    object="invoices",
    plural="Invoices",
    id_field="InvoiceID",
    title="InvoiceNumber",
    row=_document("InvoiceNumber", DueDate="2026-10-20", Type="ACCPAY"),
    free="LineItems.Description",
    matches=("InvoiceNumber", "InvoiceID"),
    removals=("keep", "void"),
    needs=_ANN,
)
_CREDIT = Kind(
    object="credit-notes",
    plural="CreditNotes",
    id_field="CreditNoteID",
    title="CreditNoteNumber",
    row=_document("CreditNoteNumber", Type="ACCRECCREDIT", Reference="REF-{n}"),
    free="LineItems.Description",
    matches=("CreditNoteNumber", "CreditNoteID", "Reference"),
    removals=("keep", "void"),
    needs=_ANN,
)
_SUPPLIER_CREDIT = Kind(
    object="credit-notes",
    plural="CreditNotes",
    id_field="CreditNoteID",
    title="CreditNoteNumber",
    row=_document("CreditNoteNumber"),
    free="LineItems.Description",
    matches=("CreditNoteNumber", "CreditNoteID"),
    removals=("keep", "void"),
    constants={"Type": "ACCPAYCREDIT"},
    needs=_ANN,
)

KINDS: dict[str, Kind] = {
    "contacts": Kind(
        object="contacts",
        plural="Contacts",
        id_field="ContactID",
        title="Name",
        row={
            "Name": "Eve {n}",
            "ContactNumber": "C{n}",
            "AccountNumber": "A{n}",
            "EmailAddress": "eve{n}@example.com",
            "FirstName": "first",
        },
        free="FirstName",
        matches=("Name", "ContactNumber", "AccountNumber", "EmailAddress", "ContactID"),
        removals=("keep", "archive"),
    ),
    "accounts": _ACCOUNT,
    "items": _ITEM,
    "invoices": _INVOICE,
    "bills": _BILL,
    "credit notes": _CREDIT,
    "supplier credit notes": _SUPPLIER_CREDIT,
}
"""What can be inserted, changed and found again; types are columns of some, constants of others."""

PAYMENTS = Kind(
    object="payments",
    plural="Payments",
    id_field="PaymentID",
    title="Reference",
    row={
        "Reference": "PAY-{n}",
        "Invoice.InvoiceNumber": "I-0",
        "Account.Code": "090",
        "Date": "2026-10-10",
        "Amount": Decimal("1.25"),
    },
    free="Amount",
    matches=("Reference",),
    removals=("keep", "delete"),
    modes=("insert",),
    needs=_ANN | {"Invoices": [_INVOICE.element(0, **{"LineItems.UnitAmount": 5000})]},
)

OBJECTS: dict[str, Kind] = {
    **{kind.object: kind for kind in (KINDS["contacts"], _ACCOUNT, _ITEM, _INVOICE, _CREDIT)},
    "payments": PAYMENTS,
}
"""One kind for each object."""
