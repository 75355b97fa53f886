"""Bookward's projects for the comparison with others: into the sink, and into the sink as if it were Xero."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from bookward.app import App
from bookward.demo.browser import allow_access
from bookward.demo.xero.options import WEB_APP
from bookward.demo.xero.server import LocalXero

_FILES = {
    "project.yaml": "name: Bench\n",
    "sources/warehouse.yaml": "type: postgres\nurl: ${WAREHOUSE_URL}\n",
    "models/contacts.yaml": "source: warehouse\nprimary_key: id\n",
    "models/contacts.sql": "SELECT * FROM contacts\n",
}
_SINK = {
    "destinations/sink.yaml": "type: sink\nurl: ${SINK_URL}\n",
    "syncs/contacts.yaml": """
model: contacts
destination: sink
object: contacts
match: {id: id}
on_removal: delete
fields:
  name: name
  email: email
  phone: phone
  first_name: first_name
  last_name: last_name
  company: company
  street: street
  city: city
  country: country
  credit: credit
  since: since
  updated_at: updated_at
""",
}
_XERO = {
    "destinations/xero.yaml": """
type: xero
client_id: ${XERO_CLIENT_ID}
client_secret: ${XERO_CLIENT_SECRET}
base_url: ${SINK_URL}
batch_size: 100
""",
    "syncs/contacts.yaml": """
model: contacts
destination: xero
object: contacts
match: {ContactNumber: id}
on_removal: archive
fields:
  Name: name
  EmailAddress: email
  FirstName: first_name
  LastName: last_name
  Phones:
    - PhoneType: {value: MOBILE}
      PhoneNumber: phone
  Addresses:
    - AddressType: {value: STREET}
      AttentionTo: company
      AddressLine1: street
      City: city
      Country: country
""",
}


def write_sink_project(folder: Path) -> None:
    """Write the project that writes to the sink, without any state."""
    _write(folder, _FILES | _SINK)


def write_xero_project(folder: Path) -> dict[str, str]:
    """Write the project that takes the sink for Xero; return the environment that it needs.

    It signs in at a local Xero, whose tokens nobody asks for afterwards.
    """
    _write(folder, _FILES | _XERO)
    environ = {"XERO_CLIENT_ID": WEB_APP.id, "XERO_CLIENT_SECRET": str(WEB_APP.secret)}
    environ |= {"BOOKWARD_KEY_FILE": str(folder / "key")}
    with LocalXero.running(None) as xero, closing(_at(folder, environ | {"SINK_URL": xero.url})) as app:
        app.connect("xero", allow_access, lambda found: found[0])
    return environ


def _at(folder: Path, environ: Mapping[str, str]) -> App:
    return App(folder, environ=os.environ | environ)


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
