"""The models and syncs of docs/how-to/objects.md, run one after the other into a local Xero."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from bookward.app import App
from tests.integration.world import DESTINATION, World

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "objects.md"
SYNCS = ("accounts", "products", "customers", "invoices", "payments", "credits")


@pytest.fixture
def project(world: World) -> Iterator[App]:
    for file in (world.root / "syncs").iterdir():
        file.unlink()
    world.write("sources/warehouse.yaml", "type: sample\npath: sample.duckdb\nusers: 1000\n")
    world.write("destinations/xero.yaml", DESTINATION)
    for path, text in re.findall(r"```(?:yaml|sql)\n(?:#|--) (\S+)\n(.*?)```", PAGE.read_text(), re.DOTALL):
        world.write(path, text)
    with closing(world.app()) as app:
        yield app


def test_every_sync_of_the_page_books_what_its_model_says(project: App, world: World) -> None:
    assert project.check().problems == ()
    assert tuple(sorted(project.syncs())) == tuple(sorted(SYNCS))
    refused: dict[str, set[str]] = {}
    for sync in SYNCS:
        run = project.run(sync).run
        assert (str(run.state), run.error_message) == ("done", None), sync
        assert run.counts.get("rows_accepted", 0) + run.counts.get("rows_adopted", 0) > 5, (sync, run.counts)
        refused[sync] = {str(row.code) for row in project.rows("last", status="rejected")}
    assert refused == {sync: set() for sync in SYNCS}
    booked = project.report(next(run.id for run in project.history("payments"))).booked
    assert booked is not None
    paid = sum(payment["Amount"] for payment in world.xero.records("Payments"))
    assert sum((each.amount for each in booked), Decimal()) == paid
