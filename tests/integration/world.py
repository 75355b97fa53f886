"""A company for tests: a real PostgreSQL as warehouse, a local Xero as books, a project between them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bookward.app import App
from bookward.clock import Clock
from bookward.demo.browser import allow_access
from bookward.demo.xero.options import WEB_APP
from bookward.demo.xero.server import LocalXero
from bookward.engine.planfile import Plan
from bookward.records import Organisation
from bookward.run import RunReport
from bookward.store.runs import RunRow
from tests.fakes import FakeClock
from tests.peers.postgres import Postgres
from tests.states import put_new_state

PROJECT = "name: Test company\n"
SOURCE = """
type: postgres
url: ${WAREHOUSE_URL}
"""
MODEL = "source: warehouse\nprimary_key: id\n"
SQL = "SELECT * FROM customers\n"
DESTINATION = """
type: xero
client_id: ${XERO_CLIENT_ID}
client_secret: ${XERO_CLIENT_SECRET}
base_url: ${XERO_URL}
batch_size: 50
"""
SYNC = """
model: customers
destination: xero
object: contacts
match: {ContactNumber: id}
fields:
  Name: name
  EmailAddress: email
  Phones:
    - PhoneType: {value: MOBILE}
      PhoneNumber: phone
on_removal: archive
"""
TABLE = """
DROP TABLE IF EXISTS customers;
CREATE TABLE customers (id bigint, name text, email text, phone text, credit numeric(20,12), since date);
"""


@dataclass
class World:
    """Everything that a test of the whole needs, with short words for it."""

    root: Path
    warehouse: Postgres
    xero: LocalXero
    clock: Clock
    environ: dict[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make an empty warehouse and a connected project."""
        self.warehouse.execute(TABLE)
        self.environ |= {
            "WAREHOUSE_URL": self.warehouse.url,
            "XERO_CLIENT_ID": WEB_APP.id,
            "XERO_CLIENT_SECRET": str(WEB_APP.secret),
            "XERO_URL": self.xero.url,
            "BOOKWARD_KEY_FILE": os.environ["BOOKWARD_KEY_FILE"],
        }
        put_new_state(self.root / ".bookward")
        self.write("project.yaml", PROJECT)
        self.write("sources/warehouse.yaml", SOURCE)
        self.write("models/customers.yaml", MODEL)
        self.write("models/customers.sql", SQL)
        self.write("destinations/xero.yaml", DESTINATION)
        self.write("syncs/customers.yaml", SYNC)
        self.connect()

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a part of a file of the project."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def copy(self) -> World:
        """Return the same project with a copy of its state, as a clone or a restored backup is one."""
        root = self.root.with_name(f"{self.root.name}-copy")
        shutil.copytree(self.root, root)
        return replace(self, root=root)

    def app(self) -> App:
        """Open the project anew, as every command does."""
        return App(self.root, clock=self.clock, environ=self.environ)

    def connect(self, *organisations: str, destination: str = "xero") -> None:
        """Sign in at the local Xero, to the organisations of these ids, and choose one of them."""

        def choose(found: Sequence[Organisation]) -> Organisation:
            return next(one for one in found if one.id in organisations or not organisations)

        with closing(self.app()) as app:
            app.connect(destination, lambda url: allow_access(url, organisations), choose)

    def customers(self, *rows: tuple[Any, ...]) -> None:
        """Insert (id, name, email, phone); what is left out is null."""
        for row in rows:
            values = (*row, *[None] * (4 - len(row)))
            self.warehouse.execute(
                "INSERT INTO customers (id, name, email, phone) VALUES (%s, %s, %s, %s)", values
            )

    def many(self, count: int, start: int = 1) -> None:
        """Insert ``count`` customers named Customer n."""
        self.warehouse.execute(
            f"INSERT INTO customers SELECT n, 'Customer ' || n, 'c' || n || '@example.com', '021 ' || n, "
            f"0, '2026-01-01' FROM generate_series({start}, {start + count - 1}) n"
        )

    def run(self, sync: str = "customers", **options: Any) -> RunReport:
        """Run a sync."""
        with closing(self.app()) as app:
            return app.run(sync, **options)

    def plan(self, sync: str = "customers", **options: Any) -> Plan:
        """Plan a sync."""
        with closing(self.app()) as app:
            return app.plan(sync, **options)

    def rows(self, report: RunReport, status: str | None = None) -> list[RunRow]:
        """Return the rows of a run."""
        with closing(self.app()) as app:
            return list(app.rows(report.run.id, status=status))

    def contacts(self, status: str = "ACTIVE") -> dict[str, Mapping[str, Any]]:
        """Return the contacts in the books by contact number, or by name where they have none."""
        return {
            str(contact.get("ContactNumber") or contact["Name"]): contact
            for contact in self.xero.contacts()
            if contact["ContactStatus"] == status
        }

    def api_calls(self) -> list[tuple[str, str, int]]:
        """Return the accounting calls that the local Xero saw since the last reset, and forget them."""
        calls = [call for call in self.xero.calls if "/api.xro/" in call[1]]
        self.xero.reset_calls()
        return calls


def moving(clock: Clock) -> FakeClock:
    """Return the clock as one that tests can move."""
    assert isinstance(clock, FakeClock)
    return clock
