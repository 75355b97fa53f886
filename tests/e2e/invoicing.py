"""A sync of invoices, made by way of the API, and planned and run as the app would ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from tests.e2e.conftest import Office

QUERY = """SELECT '{prefix}-' || n AS number, 'Buyer ' || n AS buyer, DATE '2026-10-01' AS day, line,
       'Seat ' || line AS what, {price} AS price, CASE WHEN n > {good} THEN '999' ELSE '200' END AS account
FROM range(1, {most}) AS invoices(n), range(1, 3) AS lines(line)"""
_LINE = {"Description": "what", "Quantity": {"value": 1}, "UnitAmount": "price", "AccountCode": "account"}
_VALUES: dict[str, Any] = {
    "destination": "xero-demo",
    "object": "invoices",
    "match": {"InvoiceNumber": "number"},
    "look_up": {"Contact": {"by": "Name", "column": "buyer", "missing": "create"}},
    "fields": {
        "Type": {"value": "ACCREC"},
        "Date": "day",
        "DueDate": "day",
        "LineItems": {"each": "lines", "fields": _LINE},
    },
}


@contextmanager
def selling(office: Office, slug: str, **more: Any) -> Iterator[None]:
    """Have a model and a sync of this name, of invoices with two lines each; see ``sell``."""
    sell(office, slug, **more)
    write(office, "syncs", slug, _VALUES | {"model": slug})
    try:
        yield
    finally:
        for kind in ("syncs", "models"):
            delete(office, kind, slug)


@contextmanager
def only_creating(office: Office, slug: str, model: str) -> Iterator[None]:
    """Have a second sync of the model of ``selling``, which leaves what it finds as it is."""
    write(office, "syncs", slug, _VALUES | {"model": model, "mode": "insert", "on_change": "ignore"})
    try:
        yield
    finally:
        delete(office, "syncs", slug)


def sell(office: Office, slug: str, price: str = "1234567.89", good: int = 3, most: int = 3) -> None:
    """Let the model say so many invoices; those beyond ``good`` name an account that is not there."""
    lines = {"order_by": "line", "columns": ["what", "price", "account"]}
    query = QUERY.format(prefix=slug[0].upper(), price=price, good=good, most=most + 1)
    model = {"source": "warehouse", "primary_key": "number", "lines": lines, "sql": query}
    write(office, "models", slug, model)


def write(office: Office, kind: str, slug: str, values: dict[str, Any]) -> None:
    """Write a file, new or not."""
    if slug in office.admin.get(f"/files/{kind}").json()["items"]:
        seen = {"If-Match": office.admin.get(f"/files/{kind}/{slug}").headers["ETag"]}
        said = office.admin.put(f"/files/{kind}/{slug}", json={"values": values}, headers=seen)
    else:
        said = office.admin.post(f"/files/{kind}", json={"slug": slug, "values": values})
    assert said.is_success, said.text


def delete(office: Office, kind: str, slug: str) -> None:
    """Remove a file."""
    seen = {"If-Match": office.admin.get(f"/files/{kind}/{slug}").headers["ETag"]}
    office.admin.delete(f"/files/{kind}/{slug}", headers=seen).raise_for_status()


def done(office: Office, work: str, sync: str) -> str:
    """Ask for `plans` or `runs` of a sync, and return the id of what came of it."""
    ticket = office.admin.post(f"/syncs/{sync}/{work}", json={}).raise_for_status().json()["id"]
    until = monotonic() + 60
    while (found := office.admin.get(f"/tickets/{ticket}").json())["state"] in {"waiting", "working"}:
        assert monotonic() < until, found
        sleep(0.1)
    assert found["run"], found
    return str(found["run"])
