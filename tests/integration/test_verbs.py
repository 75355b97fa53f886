"""What the command line says and does about uncertain rows and records too many, with the books behind it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from bookward.app import App
from bookward.cli.backend import Backend
from bookward.cli.main import command_line
from tests.integration.test_payments import booked, invoices, payment
from tests.integration.test_payments import feed as payments
from tests.integration.test_uncertain import ids_of, in_doubt, paid_by_hand
from tests.integration.world import World


class InWorld(Backend):
    """Opens the project of a test, by its clock."""

    def __init__(self, world: World) -> None:
        self._world = world

    def open(self, project: Path, *, followed: bool = False) -> App:
        return self._world.app()


def bookward(world: World, *words: str) -> Result:
    return CliRunner().invoke(command_line, words, obj=InWorld(world), catch_exceptions=False)


def document(world: World, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bookward(world, *words, "--json").stdout, parse_float=Decimal)
    return found


def test_an_uncertain_row_is_seen_everywhere_until_it_is_settled(world: World) -> None:
    _, own, other = in_doubt(world)
    run = bookward(world, "run", "feed")
    assert run.exit_code == 4
    assert "sent, and not known whether they were booked" in " ".join(run.stdout.split())
    assert bookward(world, "plan", "feed").exit_code == 4
    waiting = bookward(world, "rows", "feed", "--waiting").stdout
    assert own[:8] in waiting
    assert other[:8] in waiting
    (row,) = document(world, "rows", "feed", "--state", "uncertain")["rows"]
    assert (row["key"], row["rejection"]["code"]) == ("1", "booking_uncertain")
    listed = document(world, "settle", "feed")
    assert [record["id"] for record in listed["uncertain"][0]["candidates"]] == sorted([own, other])
    refused = bookward(world, "settle", "feed", "--row", "1", "--booked", "nothing")
    assert (refused.exit_code, "settlement_refused" in refused.stderr) == (1, True)
    assert bookward(world, "settle", "feed", "--row", "1", "--booked", own).exit_code == 0
    assert bookward(world, "run", "feed").exit_code == 0
    assert bookward(world, "settle", "feed", "--row", "1", "--not-booked", "--yes").exit_code == 2
    (said,) = document(world, "settle", "feed")["settled"]
    assert (said["key"], said["booked_as"], sorted(said["candidates"])) == ("1", own, sorted([own, other]))
    # The other one is a record too many by now.
    (finding,) = document(world, "reconcile", "feed", "--look")["findings"]
    assert (finding["kind"], finding["id"], finding["row"]) == ("twice", other, "1")


def test_reconciling_removes_what_is_booked_twice_and_proves_it(world: World) -> None:
    invoices(world, 100)
    payments(world, on_removal="delete").rows(payment("1"), payment("2", amount="5")).run()
    double = paid_by_hand(world)
    strange = paid_by_hand(world, "BY-HAND", "1.00")
    looked = document(world, "reconcile", "feed", "--look")
    assert looked["run"] is None
    result = looked["plan"]["reconciled"]
    assert (result["rows"], result["in_books"], result["agrees"]) == (2, 2, False)
    assert result["found"] == {
        "twice": {"records": 1, "sums": {"NZD": 10}},
        "unknown": {"records": 1, "sums": {"NZD": 1}},
    }
    assert len(ids_of(world)) == 4
    nobody = bookward(world, "reconcile", "feed", "--remove", "twice")
    assert (nobody.exit_code, "Nobody is there to be asked" in nobody.stderr) == (2, True)
    assert len(ids_of(world)) == 4
    done = bookward(world, "reconcile", "feed", "--remove", "twice", "--yes")
    assert done.exit_code == 0
    assert "This plan removes them." in " ".join(done.stdout.split())
    assert {double, strange} & set(ids_of(world)) == {strange}
    assert booked(world)["BY-HAND"] == ("AUTHORISED", Decimal("1.00"))
    world.xero.edit("Payments", strange, status="DELETED")
    proof = " ".join(bookward(world, "reconcile", "feed", "--look").stdout.split())
    assert "All 2 rows are in the books, no record too many." in proof
    assert "Rows and records both come to 15.00 NZD, without added tax." in proof
    assert document(world, "reconcile", "feed", "--look")["plan"]["reconciled"]["agrees"] is True


def test_removing_without_a_way_is_refused(world: World) -> None:
    invoices(world, 100)
    payments(world).rows(payment("1")).run()
    refused = bookward(world, "reconcile", "feed", "--remove", "twice", "--yes")
    assert (refused.exit_code, "removal_unset" in refused.stderr) == (1, True)
