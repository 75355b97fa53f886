"""What is booked while processes are killed: four kinds of record, and what the books must show of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

SALE = 1_000_000
"""The amount of the invoice that all payments are made for."""
SALE_NUMBER = "INV-1"
PEOPLE = ("ann@example.com", "bob@example.com")

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """One kind of record: its table, its sync, and how a row stands in the books."""

    columns: Mapping[str, str]  #: of the table beside its key, with their types
    sync: Mapping[str, Any]
    envelope: str
    number: str  #: the field that tells records apart; its column is "number"
    status: str
    live: str
    fresh: Callable[[int], Row]  #: a row, by a number never used before
    edits: Mapping[str, Callable[[int], Any]]  #: values that a column may get
    shown: Callable[[Mapping[str, Any]], tuple[Any, ...]]  #: of a record; the money, if any, comes last
    wanted: Callable[[Row], tuple[Any, ...]]  #: of a row, in the same terms
    only: Mapping[str, Any] = field(
        default_factory=dict
    )  #: what tells its records from others in the envelope

    def owns(self, record: Mapping[str, Any]) -> bool:
        """Return whether a record of the envelope was booked for a row of this ledger."""
        number = record.get(self.number)
        return bool(number) and number != SALE_NUMBER and self.only.items() <= record.items()


def cents(n: int) -> Decimal:
    """Return an amount with cents that look like nothing else."""
    return Decimal(n * 7919 % 99_989 + 1) / 100


def change(
    rows: dict[str, Row], ledger: Ledger, numbers: Callable[[], int], random: Random, most: int
) -> None:
    """Add, edit and remove some rows; up to ``most`` are added."""
    for _ in range(random.randint(most // 2, most)):
        n = numbers()
        rows[f"k{n}"] = {"id": f"k{n}"} | ledger.fresh(n)
    for key in random.sample(sorted(rows), k=len(rows) // 4 if ledger.edits else 0):
        column = random.choice(sorted(ledger.edits))
        rows[key] = rows[key] | {column: ledger.edits[column](numbers())}
    for key in random.sample(sorted(rows), k=random.randint(0, len(rows) // 8)):
        del rows[key]


def _documents(type_: str, account: str) -> Mapping[str, Any]:
    line = {"Description": {"value": "Work"}, "Quantity": {"value": 1}, "AccountCode": {"value": account}}
    constants = {"Type": type_, "Status": "AUTHORISED", "LineAmountTypes": "NoTax"}
    constants |= {"Date": "2026-10-01", "DueDate": "2026-10-20"}
    return {
        "object": "invoices",
        "on_removal": "void",
        "match": {"InvoiceNumber": "number"},
        "look_up": {"Contact": {"by": "EmailAddress", "column": "email"}},
        "fields": {name: {"value": value} for name, value in constants.items()}
        | {"LineItems": [line | {"UnitAmount": "price"}, line | {"UnitAmount": "freight"}]},
    }


def _document_ledger(type_: str, account: str, letter: str) -> Ledger:
    return Ledger(
        columns={"number": "text", "email": "text", "price": "numeric(12,2)", "freight": "numeric(12,2)"},
        sync=_documents(type_, account),
        envelope="Invoices",
        number="InvoiceNumber",
        status="Status",
        live="AUTHORISED",
        fresh=lambda n: {
            "number": f"{letter}-{n}",
            "email": PEOPLE[n % 2],
            "price": cents(n),
            "freight": cents(n + 7),
        },
        edits={"price": cents, "freight": cents},
        shown=lambda record: (f"{record['Contact']['Name'].lower()}@example.com", record["Total"]),
        wanted=lambda row: (row["email"], row["price"] + row["freight"]),
        only={"Type": type_},
    )


LEDGERS: Mapping[str, Ledger] = {
    "contacts": Ledger(
        columns={"number": "text", "name": "text", "email": "text"},
        sync={
            "object": "contacts",
            "on_removal": "archive",
            "match": {"ContactNumber": "number"},
            "fields": {"Name": "name", "EmailAddress": "email"},
        },
        envelope="Contacts",
        number="ContactNumber",
        status="ContactStatus",
        live="ACTIVE",
        fresh=lambda n: {"number": f"N{n}", "name": f"O'Brien {n}", "email": f"e{n}@example.com"},
        edits={"name": lambda n: f"O'Brien {n}", "email": lambda n: f"e{n}@example.com"},
        shown=lambda record: (record["Name"], record["EmailAddress"]),
        wanted=lambda row: (row["name"], row["email"]),
    ),
    "invoices": _document_ledger("ACCREC", "200", "S"),
    "bills": _document_ledger("ACCPAY", "400", "B"),
    "payments": Ledger(
        columns={"number": "text", "amount": "numeric(12,2)"},
        sync={
            "object": "payments",
            "mode": "insert",
            "on_removal": "delete",
            "match": {"Reference": "number"},
            "fields": {
                "Invoice": {"InvoiceNumber": {"value": SALE_NUMBER}},
                "Account": {"Code": {"value": "090"}},
                "Date": {"value": "2026-10-10"},
                "Amount": "amount",
            },
        },
        envelope="Payments",
        number="Reference",
        status="Status",
        live="AUTHORISED",
        fresh=lambda n: {"number": f"P-{n}", "amount": cents(n)},
        edits={},
        shown=lambda record: (record["Amount"],),
        wanted=lambda row: (row["amount"],),
    ),
}


def files(slug: str, ledger: Ledger) -> dict[str, str]:
    """Return the files of a ledger's model and sync."""
    sync = {"model": slug, "destination": "xero"} | dict(ledger.sync)
    return {
        f"models/{slug}.yaml": "source: warehouse\nprimary_key: id\n",
        f"models/{slug}.sql": f"SELECT * FROM {slug}\n",
        f"syncs/{slug}.yaml": json.dumps(sync),
    }
