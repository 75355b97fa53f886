"""The project that ``bench/minutes.py`` lets a server run: many syncs over many organisations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bookward.app import App
from bookward.demo.browser import allow_access
from bookward.demo.xero.options import Company

DESTINATION = """
type: xero
client_id: ${XERO_CLIENT_ID}
client_secret: ${XERO_CLIENT_SECRET}
base_url: ${XERO_URL}
"""
SYNC = """
model: model-{number}
destination: books-{books}
object: contacts
match: {{ContactNumber: id}}
fields:
  Name: name
  EmailAddress: email
  Addresses:
    - AddressType: {{value: STREET}}
      City: city
schedule: {{every: {every}}}
"""


def organisations(count: int) -> tuple[Company, ...]:
    """Return so many organisations."""
    return tuple(
        Company(id=f"b0c1d2e3-0001-4000-8000-{number:012}", name=f"Company {number}")
        for number in range(count)
    )


def write_project(root: Path, syncs: int, books: int, every: str) -> None:
    """Write the files: each sync has a part of one table, and writes into one of the organisations."""

    def write(path: str, text: str) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")

    write("project.yaml", "name: Bench\n")
    write("sources/warehouse.yaml", "type: postgres\nurl: ${WAREHOUSE_URL}\n")
    for number in range(books):
        write(f"destinations/books-{number}.yaml", DESTINATION)
    for number in range(syncs):
        write(f"models/model-{number}.yaml", "source: warehouse\nprimary_key: id\n")
        query = f"SELECT id, name, email, city FROM contacts WHERE id % {syncs} = {number}\n"
        write(f"models/model-{number}.sql", query)
        write(f"syncs/sync-{number}.yaml", SYNC.format(number=number, books=number % books, every=every))


def connect(app: App, companies: Sequence[Company]) -> None:
    """Sign in at each organisation."""
    for number, company in enumerate(companies):
        app.connect(
            f"books-{number}",
            lambda url, id_=company.id: allow_access(url, [id_]),
            lambda found, id_=company.id: next(one for one in found if one.id == id_),
        )
