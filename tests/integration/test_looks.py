"""Models that are Looks: their SQL runs in the warehouse, or Looker gives their rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from bookward.errors import ModelRefused
from bookward.store.runs import RunState
from tests.integration.test_warehouse_diff import changes
from tests.integration.world import World
from tests.peers.http import serving
from tests.peers.looker import Look, Looker

SQL = 'SELECT customers.id AS "customers.id", customers.name AS "customers.name" FROM customers'
FIELDS = ["customers.id", "customers.name"]
SYNC = """
model: customers
destination: xero
object: contacts
match: {ContactNumber: customers_id}
fields: {Name: customers_name}
on_removal: archive
"""


@pytest.fixture
def looker(world: World) -> Iterator[Looker]:
    """A Looker whose Look 42 is of the customers in the warehouse, and of its own two elsewhere."""
    with serving(Looker()) as stub, stub.connection:
        stub.connection.execute(
            "CREATE TABLE customers AS FROM (VALUES (1, 'Ann'), (2, 'Bob')) AS t(id, name)"
        )
        stub.looks = [Look("42", SQL, FIELDS)]
        world.write(
            "sources/looker.yaml",
            f"type: looker\nurl: {stub.url}\nclient_id: {stub.client_id}\nclient_secret: ${{LOOKER}}\n",
        )
        world.environ["LOOKER"] = stub.client_secret
        (world.root / "models/customers.sql").unlink()
        world.write("syncs/customers.yaml", SYNC)
        yield stub
        assert stub.unlike == []


def model(world: World, source: str, *look: str) -> None:
    lines = [f"source: {source}", "primary_key: customers_id", "look:", *(f"  {line}" for line in look)]
    world.write("models/customers.yaml", "\n".join(lines) + "\n")


def test_the_sql_of_a_look_runs_in_the_warehouse(world: World, looker: Looker) -> None:
    model(world, "warehouse", f"url: {looker.url}/looks/42", "looker: looker")
    world.many(5)
    with closing(world.app()) as app:
        assert not app.check(connect=True).problems
    assert changes(world.run()) == {"same": 0, "added": 5}
    assert not [asked for asked in looker.asked if asked.path.endswith("/json")]
    looker.looks[0].sql += " WHERE customers.id < 5"  # the next run reads it as it is by then
    assert changes(world.run()) == {"same": 4, "removed": 1}
    world.edit("syncs/customers.yaml", "on_removal: archive", "on_removal: archive\ndiff: warehouse")
    assert changes(world.run()) == {"same": 4}


def test_looker_itself_gives_the_rows_of_a_look(world: World, looker: Looker) -> None:
    model(world, "looker", f"url: {looker.url}/looks/42")
    with closing(world.app()) as app:
        assert not app.check(connect=True).problems
        assert app.preview("customers").rows[0] == {"customers_id": 1, "customers_name": "Ann"}
    assert changes(world.run()) == {"same": 0, "added": 2}
    assert sorted(contact["Name"] for contact in world.contacts().values()) == ["Ann", "Bob"]


def test_what_is_wrong_with_a_look_stops_the_run_and_is_said(world: World, looker: Looker) -> None:
    model(world, "warehouse", f"url: {looker.url}/looks/42", "looker: looker")
    looker.looks[0].more = {"pivots": ["customers.name"]}
    with pytest.raises(ModelRefused, match="pivots"):
        world.run()
    looker.looks = []
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "source_failed")
    assert "no such Look" in str(run.error_message)


def test_a_look_that_names_no_looker_is_refused(world: World, looker: Looker) -> None:
    model(world, "warehouse", f"url: {looker.url}/looks/42", "looker: loker")
    with closing(world.app()) as app:
        (problem,) = app.check().problems
    assert (problem.path, problem.field) == ("models/customers.yaml", "look.looker")
    assert "Did you mean 'looker'?" in problem.message
    model(world, "warehouse", f"url: {looker.url}/looks/42")
    with closing(world.app()) as app:
        (problem,) = app.check().problems
    assert "names no source of type looker" in problem.message
    model(world, "looker", "url: dashboards/7")
    with closing(world.app()) as app:
        (problem,) = app.check().problems
    assert "neither a Look nor a query" in problem.message
